// The pages work without this. With it, an open dossier shows each step within two seconds by itself, and the
// list of procedures can be narrowed by typing.
"use strict";

const live = document.getElementById("live");
if (live) {
  const said = document.getElementById("said");
  let etag = live.dataset.etag;
  let wait = 1500;

  const busy = () => {
    const focused = document.activeElement;
    return live.contains(focused) && focused.matches("input, textarea") && focused.value !== "";
  };

  const refresh = async () => {
    if (document.hidden || busy()) return;
    try {
      const answer = await fetch(live.dataset.url, { headers: { "If-None-Match": etag }, cache: "no-store" });
      if (answer.status === 200) {
        const open = [...live.querySelectorAll("details[open] summary")].map((each) => each.textContent);
        live.innerHTML = await answer.text();
        etag = answer.headers.get("ETag");
        for (const each of live.querySelectorAll("details")) {
          each.open = open.includes(each.querySelector("summary").textContent);
        }
        said.textContent = live.firstElementChild.dataset.said;
        live.classList.add("changed");
        setTimeout(() => live.classList.remove("changed"), 2000);
      }
      live.classList.remove("stale");
      wait = answer.status === 429 ? 15000 : 1500;
    } catch {
      live.classList.add("stale");
      wait = Math.min(wait * 2, 15000);
    }
  };

  const loop = () => setTimeout(() => refresh().finally(loop), wait);
  loop();
  document.addEventListener("visibilitychange", refresh);
}

const filter = document.getElementById("filter");
if (filter) {
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
  const rows = [...document.querySelectorAll(".procedures li")].map((row) => [row, plain(row.textContent)]);
  filter.closest(".filter").hidden = false;
  filter.addEventListener("input", () => {
    const words = plain(filter.value).split(/\s+/).filter(Boolean);
    for (const [row, text] of rows) row.hidden = !words.every((word) => text.includes(word));
    let shown = 0;
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = !group.querySelector("li:not([hidden])");
      shown += group.hidden ? 0 : 1;
    }
    document.getElementById("no-match").hidden = shown > 0;
  });
}
