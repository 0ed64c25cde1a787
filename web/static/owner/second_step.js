// Signing in with two steps: set up with an authenticator app, and ended with one of its codes.

import { h, notify } from "./dom.js";
import { field } from "./fields.js";
import { doing, form, save } from "./forms.js";

const code = () =>
  h("input", { name: "code", autocomplete: "one-time-code", inputmode: "numeric", maxlength: 20, required: true });

export async function secondStep({ session, again }, me) {
  const inside = h("div", { class: "stack" });
  inside.append(...(me.mfa_enabled ? on(session, again) : off(session, again, inside)));
  const title = h("h2", {}, "Sign-in with two steps ", badge(me.mfa_enabled));
  return h("section", { class: "sheet" }, title, inside);
}

const badge = (enabled) => h("span", { class: `badge ${enabled ? "good" : ""}` }, enabled ? "On" : "Off");

function on(session, again) {
  const end = async (given) => {
    await session.request("POST", "/api/v1/mfa/disable", given);
    await again();
    notify("Signing in takes one step again.");
  };
  return [form(field("A code of your app, or a backup code", code()), "Turn it off", end)];
}

function off(session, again, inside) {
  const problem = h("div", {});
  const begin = doing(problem, async () => {
    const shown = await session.request("POST", "/api/v1/mfa/enable");
    inside.replaceChildren(...enrolling(session, again, shown));
    inside.querySelector("input").focus();
  });
  return [
    h("p", { class: "soft" }, "A stolen password is of no use then: a code of your phone is asked for, too."),
    problem,
    h("p", {}, h("button", { type: "button", class: "button", onclick: begin }, "Set it up")),
  ];
}

function enrolling(session, again, { secret, qr_code_image, backup_codes }) {
  const confirm = async (given) => {
    await session.request("POST", "/api/v1/mfa/verify", given);
    await again();
    notify("Signing in takes two steps from now on.");
  };
  const file = () => save(new Blob([backup_codes.join("\n") + "\n"], { type: "text/plain" }), "backup-codes.txt");
  return [
    h("p", {}, "1. Scan this with an authenticator app, or type the key into it."),
    h("img", { class: "qr", src: qr_code_image, alt: "QR code for your authenticator app", width: 200, height: 200 }),
    h("p", {}, h("code", { class: "secret" }, secret)),
    h("p", {}, "2. Put these backup codes away. Each signs you in once, should you lose the phone."),
    h("ul", { class: "codes" }, backup_codes.map((one) => h("li", {}, h("code", {}, one)))),
    h("p", {}, h("button", { type: "button", class: "button small", onclick: file }, "Save them as a file")),
    form(field("3. The code that the app shows now", code()), "Turn it on", confirm),
  ];
}
