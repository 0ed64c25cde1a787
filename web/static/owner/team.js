// The organization's people: who is in it and as what, and who is invited.

import { confirmed, h, notify } from "./dom.js";
import { choice, field } from "./fields.js";
import { doing, form } from "./forms.js";
import { at } from "./words.js";

const ROLES = {
  viewer: "Viewer: looks",
  analyst: "Analyst: looks, and writes reports",
  manager: "Manager: looks, and connects platforms",
  admin: "Admin: everything",
};
const PAGE = 50;

export async function team({ session, again }) {
  const writes = session.may("write:users");
  const problem = h("div", {});
  const me = await session.me();
  const people = h("ul", { class: "list" });
  const more = h("button", { type: "button", class: "button", onclick: () => load() }, "Show more");
  const ways = { session, again, problem, writes, me };
  async function load() {
    const page = await session.get(
      `/api/v1/users?limit=${PAGE}&page=${Math.floor(people.children.length / PAGE) + 1}`,
    );
    people.append(...page.items.map((one) => person(ways, one)));
    more.hidden = !page.has_next;
  }
  await load();
  const waiting = await session.get(`/api/v1/invitations?limit=${PAGE}`);
  return [
    problem,
    writes && invite(ways),
    waiting.items.length > 0 && h("h2", {}, "Invited"),
    waiting.items.length > 0 && h("ul", { class: "list" }, waiting.items.map((one) => invitation(ways, one))),
    h("h2", {}, "People"),
    people,
    more,
  ];
}

function invite({ session, again }) {
  const email = h("input", { name: "email", type: "email", autocomplete: "off", required: true });
  const role = choice(ROLES, "viewer", () => {}, { name: "role" });
  const send = async (given) => {
    await session.request("POST", "/api/v1/invitations", given);
    await again();
    notify(`${given.email} gets a mail with a link.`);
  };
  return h(
    "section",
    { class: "sheet" },
    h("h2", {}, "Invite somebody"),
    form([field("Email", email), field("As", role)], "Invite", send, { class: "button primary" }),
  );
}

function person({ session, again, problem, writes, me }, one) {
  const name = one.full_name || one.email;
  const address = `/api/v1/users/${one.id}`;
  const change = (what, said) =>
    doing(problem, async () => {
      await session.request("PATCH", address, what);
      await again();
      notify(said);
    });
  const remove = doing(problem, async () => {
    if (!(await confirmed(`Remove ${name} from the organization?`, "Remove"))) return;
    await session.request("DELETE", address);
    await again();
    notify(`${name} is removed.`);
  });
  const role = choice(ROLES, one.role, (wanted) => change({ role: wanted }, `${name} is ${wanted} now.`)(), {
    "aria-label": `Role of ${name}`,
  });
  const changeable = writes && one.id !== me.id && one.role in ROLES;
  return h(
    "li",
    { class: "row" },
    h(
      "span",
      { class: "who" },
      h("strong", { dir: "auto" }, name),
      one.id === me.id && h("span", { class: "badge" }, "you"),
      !one.is_active && h("span", { class: "badge bad" }, "Deactivated"),
    ),
    h("span", { class: "soft" }, one.email),
    !changeable && h("span", { class: "soft" }, ROLES[one.role] ?? one.role),
    changeable &&
      h(
        "span",
        { class: "actions" },
        role,
        one.is_active
          ? button("Deactivate", change({ is_active: false }, `${name} is signed out and stays out.`))
          : button("Activate", change({ is_active: true }, `${name} may sign in again.`)),
        button("Remove", remove),
      ),
  );
}

function invitation({ session, again, problem, writes }, one) {
  const revoke = doing(problem, async () => {
    await session.request("DELETE", `/api/v1/invitations/${one.id}`);
    await again();
    notify("The invitation is taken back.");
  });
  return h(
    "li",
    { class: "row" },
    h("span", { class: "who" }, h("strong", {}, one.email)),
    h("span", { class: "soft" }, `${ROLES[one.role]}, until ${at(one.expires_at)}`),
    writes && h("span", { class: "actions" }, button("Take it back", revoke)),
  );
}

const button = (label, onclick) => h("button", { type: "button", class: "button small", onclick }, label);
