// A list of forms that can be added to, put in order, and shortened.

import { h, icon } from "./dom.js";

/**
 * Draws `entries` anew whenever one comes, goes or moves, because the paths of their faults are numbered.
 * `draw(entry, path, entries, show)` gives `{name, fields}`; `name()` is what the entry is called at present.
 */
export function repeated(path, entries, draw, make, addLabel) {
  const list = h("ol", { class: "entries" });
  const opened = new WeakSet();
  const add = h("button", { type: "button", class: "button", onclick: append }, icon("add"), addLabel);

  const show = () => list.replaceChildren(...entries.map(card));

  function append() {
    entries.push(make(entries));
    opened.add(entries.at(-1));
    show();
    list.lastElementChild.querySelector("input, textarea, select").focus();
  }

  function move(index, by) {
    const [entry] = entries.splice(index, 1);
    entries.splice(index + by, 0, entry);
    show();
    list.children[index + by].querySelector("summary").focus();
  }

  function remove(index) {
    entries.splice(index, 1);
    show();
    (list.children[Math.min(index, entries.length - 1)]?.querySelector("summary") ?? add).focus();
  }

  function card(entry, index) {
    const { name, fields } = draw(entry, `${path}[${index}]`, entries, show);
    const title = h("span", { dir: "auto" });
    const buttons = [
      ["Move up", "up", () => move(index, -1), index === 0],
      ["Move down", "down", () => move(index, 1), index === entries.length - 1],
      ["Remove", "remove", () => remove(index), false],
    ].map(([label, kind, onclick, disabled]) =>
      h("button", { type: "button", class: "button small", title: label, onclick, disabled }, icon(kind)),
    );
    function rename() {
      title.textContent = name();
      for (const button of buttons) button.setAttribute("aria-label", `${button.title}: ${name()}`);
    }
    rename();
    const ontoggle = ({ target }) => (target.open ? opened.add(entry) : opened.delete(entry));
    return h(
      "li",
      {},
      h(
        "details",
        { class: "entry", open: opened.has(entry), oninput: rename, onchange: rename, ontoggle },
        h("summary", {}, title),
        fields,
        h("p", { class: "actions" }, buttons),
      ),
    );
  }

  show();
  return h("div", { class: "field", "data-path": path }, list, h("span", { class: "fault" }), add);
}
