// Everything about accounts: one's own, the organization's people, its keys, and one's data.

import { apiKeys } from "./api_keys.js";
import { h, heading, notify } from "./dom.js";
import { choice, field } from "./fields.js";
import { form } from "./forms.js";
import { ownData } from "./own_data.js";
import { plan } from "./plan.js";
import { secondStep } from "./second_step.js";
import { team } from "./team.js";
import { welcomeMail } from "./welcome_mail.js";

const PARTS = {
  you: ["You", you],
  people: ["People", team],
  keys: ["API keys", apiKeys],
  plan: ["Plan", plan],
  mail: ["Welcome mail", welcomeMail],
  data: ["Your data", ownData],
};

export async function settings(visit) {
  const shown = visit.rest[0] in PARTS ? visit.rest[0] : "you";
  const links = Object.entries(PARTS).map(([part, [name]]) =>
    h("a", { class: "button small", href: `#/settings/${part}`, "aria-current": part === shown && "page" }, name),
  );
  return [
    heading("Settings"),
    h("nav", { class: "actions parts", "aria-label": "Settings" }, links),
    await PARTS[shown][1](visit),
  ];
}

async function you(visit) {
  const me = await visit.session.me();
  return [await organization(visit, me), await secondStep(visit, me), password(visit), everywhere(visit)];
}

/** What one works for, its name, and the way to another one. */
async function organization({ session, again }, me) {
  const present = me.organizations.find(({ id }) => id === me.org_id);
  const names = Object.fromEntries(me.organizations.map(({ id, name }) => [id, name]));
  const move = async (id) => {
    await session.workFor(id);
    await again();
    notify(`You work for ${names[id]} now.`);
  };
  return h(
    "section",
    { class: "sheet" },
    h("h2", {}, "Organization"),
    h("p", { dir: "auto" }, `${me.full_name || me.email}, ${me.role} of ${present?.name ?? "this organization"}`),
    me.organizations.length > 1 && field("Work for", choice(names, me.org_id, move)),
    session.may("write:tenants") && rename(session, me, present?.name ?? "", again),
    session.may("write:tenants") && (await timeZone(session, me)),
  );
}

function rename(session, me, before, again) {
  const name = h("input", { name: "name", value: before, maxlength: 200, required: true });
  return form(field("Its name", name, "", "name"), "Rename", async () => {
    await session.request("PATCH", `/api/v1/tenants/${me.org_id}`, { name: name.value });
    await again();
    notify("Renamed.");
  });
}

/** Whose midnight a day of the figures begins at. */
async function timeZone(session, me) {
  const address = `/api/v1/tenants/${me.org_id}`;
  const { time_zone: present } = await session.get(address);
  const known = new Set(["UTC", present, ...Intl.supportedValuesOf("timeZone")]);
  const names = Object.fromEntries([...known].map((name) => [name, name.replaceAll("_", " ")]));
  const change = async (time_zone) => {
    await session.request("PATCH", address, { time_zone });
    notify("The figures are counted by the days there now.");
  };
  return field("Time zone of your figures", choice(names, present, change));
}

function password({ session }) {
  const secret = (label, name, autocomplete, given = {}) =>
    field(label, h("input", { name, type: "password", autocomplete, required: true, ...given }), "", name);
  const fields = [
    secret("Your password now", "current_password", "current-password"),
    secret("The new one", "new_password", "new-password", { minlength: 8 }),
  ];
  return h(
    "section",
    { class: "sheet" },
    h("h2", {}, "Password"),
    form(fields, "Change it", async (given) => {
      await session.request("POST", "/api/v1/auth/password", given);
      notify("Your password is changed.");
    }),
  );
}

function everywhere({ session }) {
  const leave = async () => {
    await session.request("POST", "/api/v1/auth/logout/everywhere");
    await session.signOut();
  };
  return h(
    "section",
    { class: "sheet" },
    h("h2", {}, "Other devices"),
    h("p", { class: "soft" }, "Lost a phone, or signed in on a computer of somebody else?"),
    form([], "Sign out everywhere", leave),
  );
}
