// Fields of forms: a label, what it is for, and what is wrong with it.

import { h } from "./dom.js";

let made = 0;

/** A labelled control, or one with something beside it. `path` is where the server says that a fault is. */
export function field(label, given, hint = "", path = null) {
  const [control, ...beside] = [given].flat();
  const id = (control.id = `field-${++made}`);
  const problem = h("span", { class: "fault", id: `${id}-fault` });
  control.setAttribute("aria-describedby", `${hint ? `${id}-hint ` : ""}${id}-fault`);
  return h(
    "div",
    { class: "field", "data-path": path },
    h("label", { for: id }, label),
    hint && h("span", { class: "hint", id: `${id}-hint` }, hint),
    beside.length ? h("span", { class: "range" }, control, beside) : control,
    problem,
  );
}

/** A text area that grows with what is written. */
export function area(given = {}) {
  const control = h("textarea", { rows: 2, dir: "auto", ...given });
  const grow = () => {
    control.style.height = "auto";
    control.style.height = `${control.scrollHeight + 2}px`;
  };
  control.addEventListener("input", grow);
  new ResizeObserver(([{ contentRect }]) => {
    if (contentRect.width === control.drawnAt) return;
    control.drawnAt = contentRect.width;
    grow();
  }).observe(control);
  return control;
}

/** A text area with one entry a line. */
export const lines = (entries, onChange, given = {}) =>
  area({
    ...given,
    value: entries.join("\n"),
    oninput: ({ target }) =>
      onChange(
        target.value
          .split("\n")
          .map((line) => line.trim())
          .filter(Boolean),
      ),
  });

/** `options` are `{value: label}`. */
export const choice = (options, value, onChange, given = {}) =>
  h(
    "select",
    { ...given, value, onchange: ({ target }) => onChange(target.value) },
    Object.entries(options).map(([key, label]) => h("option", { value: key }, label)),
  );

export const tick = (label, checked, onChange) =>
  h(
    "label",
    { class: "tick" },
    h("input", { type: "checkbox", checked, onchange: ({ target }) => onChange(target.checked) }),
    label,
  );

/** Puts faults `{path, message}` at their fields, goes to the first, returns those without a field. */
export function showFaults(form, faults) {
  clearFaults(form);
  const homeless = faults.filter(({ path, message }) => !place(form, path, message));
  const first = form.querySelector("[aria-invalid]");
  first?.closest("details")?.setAttribute("open", "");
  first?.focus();
  return homeless;
}

export function clearFaults(form) {
  for (const shown of form.querySelectorAll(".field > .fault")) shown.textContent = "";
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/** At the field of `path`, or at the nearest one around it: a line of a list is part of its field. */
function place(form, path, message) {
  const line = path.match(/[.[](\d+)\]?$/);
  for (let at = path; at; at = at.replace(/(\.|\[)[^.[]*$|^[^.[]*$/, "")) {
    const home = form.querySelector(`.field[data-path="${CSS.escape(at)}"]`);
    if (!home) continue;
    const shown = home.querySelector(".fault");
    const said = line && at !== path ? `Line ${Number(line[1]) + 1}: ${message}` : message;
    shown.textContent = [shown.textContent, said].filter(Boolean).join(". ");
    home.querySelector("input, textarea, select").setAttribute("aria-invalid", "true");
    for (let box = home.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    return true;
  }
  return false;
}
