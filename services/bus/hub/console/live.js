// Markup from the server that is changed in place: focus, selection, scrolling and what was unfolded stay.
function morph(old, fresh) {
  const have = [...old.childNodes];
  const want = [...fresh.childNodes];
  for (let place = 0; place < Math.max(have.length, want.length); place++) {
    const mine = have[place];
    const next = want[place];
    if (!next) mine.remove();
    else if (!mine) old.append(next);
    else if (mine.nodeType !== next.nodeType || mine.nodeName !== next.nodeName || key(mine) !== key(next))
      mine.replaceWith(next);
    else if (mine.nodeType === Node.TEXT_NODE) {
      if (mine.data !== next.data) mine.data = next.data;
    } else if (mine.nodeType === Node.ELEMENT_NODE) {
      attributes(mine, next);
      morph(mine, next);
    }
  }
}

function key(node) {
  return node.getAttribute ? node.getAttribute("data-key") : null;
}

function attributes(mine, next) {
  for (const { name } of [...mine.attributes])
    if (!next.hasAttribute(name) && !(name === "open" && mine.nodeName === "DETAILS")) mine.removeAttribute(name);
  for (const { name, value } of next.attributes) if (mine.getAttribute(name) !== value) mine.setAttribute(name, value);
}

export default {
  template: `<component :is="tag"></component>`,
  props: { tag: String, content: String },
  mounted() {
    this.$el.innerHTML = this.content;
  },
  watch: {
    content(now) {
      const fresh = document.createElement("template");
      fresh.innerHTML = now;
      morph(this.$el, fresh.content);
    },
  },
};
