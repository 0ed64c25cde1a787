// A list of forms that can be added to, put in order, and shortened.

import { h, icon } from "./dom.js";

/**
 * Draws `entries` anew whenever one comes, goes or moves, because the paths of their faults are numbered.
 * `draw(entry, path, others)` gives `{name, fields}`; `name()` is what the entry is called at present.
 */
export function repeated(path, entries, draw, make, addLabel) {
  const list = h("ol", { class: "entries" });
  const add = h("button", { type: "button", class: "button", onclick: append }, icon("add"), addLabel);

  function show(opened = null) {
    list.replaceChildren(...entries.map((entry, index) => card(entry, index, entry === opened)));
  }

  function append() {
    entries.push(make(entries));
    show(entries.at(-1));
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

  function card(entry, index, open) {
    const { name, fields } = draw(entry, `${path}[${index}]`, entries);
    const title = h("span", { dir: "auto" }, name());
    const act = (kind, label, action, disabled) =>
      h("button", { type: "button", class: "button small", onclick: action, disabled, "aria-label": `${label}: ${name()}`, title: label }, icon(kind));
    const rename = () => (title.textContent = name());
    return h(
      "li",
      {},
      h(
        "details",
        { class: "entry", open, oninput: rename, onchange: rename },
        h("summary", {}, title),
        fields,
        h(
          "p",
          { class: "actions" },
          act("up", "Move up", () => move(index, -1), index === 0),
          act("down", "Move down", () => move(index, 1), index === entries.length - 1),
          act("remove", "Remove", () => remove(index)),
        ),
      ),
    );
  }

  show();
  return h("div", { class: "field", "data-path": path }, list, h("span", { class: "fault" }), add);
}
