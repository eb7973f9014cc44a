// Before anything is drawn: what the system prefers, so that charts are drawn to match, and the theme's switch.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const remember = (name, value) => {
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${secure}`;
  };
  const noteScheme = () => remember("truc_scheme", dark.matches ? "dark" : "light");
  const isDark = () =>
    root.dataset.theme === "dark" || ((root.dataset.theme || "auto") === "auto" && dark.matches);

  noteScheme();
  dark.addEventListener("change", () => {
    noteScheme();
    if ((root.dataset.theme || "auto") === "auto" && document.querySelector("canvas")) location.reload();
  });

  document.addEventListener("click", (event) => {
    const theme = event.target.closest("[data-switch-theme]");
    if (theme) {
      root.dataset.theme = isDark() ? "light" : "dark";
      remember("truc_theme", root.dataset.theme);
      if (document.querySelector("canvas")) location.reload();
      return;
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const said = copy.textContent;
      const done = () => {
        copy.textContent = copy.dataset.copied;
        setTimeout(() => (copy.textContent = said), 1600);
      };
      const fallBack = () => {
        const area = Object.assign(document.createElement("textarea"), { value: copy.dataset.copy });
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
        done();
      };
      if (navigator.clipboard) navigator.clipboard.writeText(copy.dataset.copy).then(done, fallBack);
      else fallBack();
    }
  });

  // a menu that was opened is closed by Escape and by a click elsewhere
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!menu.contains(event.target)) menu.open = false;
  });
})();
