// Keys with which programs come in: made here, shown once, revoked here.

import { confirmed, h, notify } from "./dom.js";
import { choice, field } from "./fields.js";
import { doing, form } from "./forms.js";
import { at } from "./words.js";

const SCOPES = {
  "read:*": "Read everything",
  "write:events": "Send events, and nothing else",
  "read:* write:*": "Read and change what your role may",
};
const LASTS = { 90: "90 days", 365: "A year", "": "Until it is revoked" };
const DAY = 24 * 3600 * 1000;

export async function apiKeys({ session, again }) {
  const problem = h("div", {});
  const fresh = h("div", {});
  const writes = session.may("write:api_keys");
  const page = await session.get("/api/v1/api-keys?limit=100");
  const usable = page.items.filter((one) => !one.revoked_at);
  return [
    problem,
    writes && make(session, fresh),
    fresh,
    usable.length
      ? h("ul", { class: "list" }, usable.map((one) => key({ session, again, problem, writes }, one)))
      : h("p", { class: "empty" }, "No key yet. A program that sends events or reads figures needs one."),
  ];
}

function make(session, fresh) {
  const send = async ({ name, scopes, days }) => {
    const expires_at = days ? new Date(Date.now() + days * DAY).toISOString() : null;
    const made = await session.request("POST", "/api/v1/api-keys", { name, scopes: scopes.split(" "), expires_at });
    fresh.replaceChildren(once(made));
    fresh.querySelector("input").select();
  };
  return h(
    "section",
    { class: "sheet" },
    h("h2", {}, "New key"),
    form(
      [
        field("What it is for", h("input", { name: "name", maxlength: 200, required: true })),
        field("It may", choice(SCOPES, "read:*", () => {}, { name: "scopes" })),
        field("It lasts", choice(LASTS, "90", () => {}, { name: "days" })),
      ],
      "Make the key",
      send,
      { class: "button primary" },
    ),
  );
}

const once = ({ name, key }) =>
  h(
    "section",
    { class: "sheet" },
    field(
      `The key for ${name}`,
      h("input", { readonly: true, value: key, onfocus: ({ target }) => target.select() }),
      "Copy it now: it is not shown again.",
    ),
  );

function key({ session, again, problem, writes }, one) {
  const revoke = doing(problem, async () => {
    if (!(await confirmed(`Revoke ${one.name}? Whatever uses it stops at once.`, "Revoke"))) return;
    await session.request("DELETE", `/api/v1/api-keys/${one.id}`);
    await again();
    notify(`${one.name} is revoked.`);
  });
  const ends = one.expires_at ? `until ${at(one.expires_at)}` : "until it is revoked";
  return h(
    "li",
    { class: "row" },
    h("span", { class: "who" }, h("strong", { dir: "auto" }, one.name), h("code", {}, `${one.prefix}…`)),
    h("span", { class: "soft" }, `${one.scopes.join(", ")}, ${ends}`),
    h("span", { class: "soft" }, one.last_used_at ? `Used ${at(one.last_used_at)}` : "Never used"),
    writes &&
      h(
        "span",
        { class: "actions" },
        h("button", { type: "button", class: "button small", onclick: revoke }, "Revoke"),
      ),
  );
}
