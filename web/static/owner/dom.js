// Elements without markup: text stays text, whoever wrote it.

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "textContent", "indeterminate"]);

/** An element. `on…` are listeners, null and false are left out, children are nodes, texts or lists. */
export const h = (name, given = {}, ...children) => build(document.createElement(name), given, children);

/** The same in SVG. */
export const s = (name, given = {}, ...children) =>
  build(document.createElementNS(SVG, name), given, children);

function build(element, given, children) {
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (PROPERTIES.has(key)) element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...there(children));
  // A <select> takes its value only once its options are there.
  if (element.localName === "select" && "value" in given) element.value = given.value;
  return element;
}

/** Nodes and texts of nested lists, without those that are left out. */
export const there = (children) =>
  children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

const ICONS = {
  overview: "M4 20V10m5.3 10V4m5.4 16v-7M20 20V7",
  campaigns:
    "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1",
  conversations: "M4 5h16v11H10l-4.5 4v-4H4z",
  playbook: "M12 6.5C10 5 7 4.5 4 5v13c3-.5 6 0 8 1.5 2-1.5 5-2 8-1.5V5c-3-.5-6 0-8 1.5zm0 0V19",
  documents: "M7 3h7l5 5v13H7zM14 3v5h5M10 13h6m-6 4h6",
  settings: "M4 7h9m4 0h3M4 17h3m4 0h9M15 4.5v5M9 14.5v5",
  back: "m14 6-6 6 6 6",
  up: "m6 14 6-6 6 6",
  down: "m6 10 6 6 6-6",
  remove: "M5 7h14M10 7V4h4v3m-7 0 1 13h8l1-13",
  add: "M12 5v14M5 12h14",
};

export const icon = (kind) =>
  s("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, s("path", { d: ICONS[kind] }));

/** A short word to whoever looks or listens; it goes away by itself. */
export function notify(text) {
  const notice = document.getElementById("notice");
  notice.textContent = text;
  clearTimeout(notify.timer);
  notify.timer = setTimeout(() => (notice.textContent = ""), 5000);
}

/** Asks before something that cannot be undone; true when it is wanted. */
export function confirmed(question, action) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      {
        class: "dialog",
        "aria-label": question,
        onclose: () => (dialog.remove(), resolve(dialog.returnValue === "yes")),
      },
      h("p", {}, question),
      h(
        "form",
        { method: "dialog", class: "actions" },
        h("button", { class: "button", value: "no" }, "Cancel"),
        h("button", { class: "button danger", value: "yes" }, action),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** What went wrong, in the server's words. */
export const fault = (error) => h("p", { class: "fault", role: "alert" }, error.message);

/** A page's first line. */
export const heading = (text, ...beside) =>
  h("header", { class: "heading" }, h("h1", { tabindex: "-1", dir: "auto" }, text), ...beside);
