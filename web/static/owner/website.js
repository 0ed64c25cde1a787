// A campaign's chat on the owner's own website: where it may appear, and the line that puts it there.

import { h, notify } from "./dom.js";
import { field } from "./fields.js";

export function website({ code, url, allowed_origins: websites }, edit) {
  const script = new URL("../widget.js", url);
  const line = h("input", {
    readonly: true,
    spellcheck: "false",
    value: `<script src="${script}" data-campaign="${code}" async></script>`,
    onfocus: ({ target }) => target.select(),
  });
  async function copy() {
    line.focus(); // selected: where there is no clipboard, it is one keystroke away
    await navigator.clipboard?.writeText(line.value);
    notify("Line copied.");
  }
  const none = [
    h("p", { class: "soft" }, "Say first which websites may show this chat as a bubble in their corner."),
    edit && h("p", { class: "actions" }, h("a", { class: "button", href: edit }, "Name your website")),
  ];
  const ready = [
    field("Line for your website", line, "Put it before </body> on every page that is to show the bubble."),
    h("p", { class: "soft" }, `It shows on ${websites.join(", ")}.`),
    h(
      "p",
      { class: "actions" },
      h("button", { type: "button", class: "button", onclick: copy }, "Copy line"),
    ),
  ];
  return h("section", { class: "sheet website" }, h("h2", {}, "On your website"), websites.length ? ready : none);
}
