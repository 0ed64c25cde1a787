// Links that leads follow: made here, shared from here, paused here.

import { fault, h, heading, icon, notify } from "./dom.js";
import { area, clearFaults, field, showFaults } from "./fields.js";
import { at, count } from "./words.js";

const PAGE = 50;

const STANDING = {
  open: ["Open", "good"],
  paused: ["Paused", ""],
  expired: ["Expired", "bad"],
  used_up: ["Full", "bad"],
};

export async function campaigns(visit) {
  const { session, rest } = visit;
  if (rest[0] === "new") return create(visit);
  if (rest[0]) return one(visit, await session.get(`/api/campaigns/${encodeURIComponent(rest[0])}`));
  const list = h("ul", { class: "list" });
  const more = h("button", { type: "button", class: "button", onclick: () => load() }, "Show more");
  async function load() {
    const page = await session.get(`/api/campaigns?limit=${PAGE}&offset=${list.children.length}`);
    list.append(...page.campaigns.map(row));
    more.hidden = !page.has_more;
  }
  await load();
  const add = session.may("write:campaigns") && h("a", { class: "button primary", href: "#/campaigns/new" }, icon("add"), "New campaign");
  const none = !list.children.length && h("p", { class: "empty" }, "No campaign yet. Make one, and share its link.");
  return [heading("Campaigns", add), none, list, more];
}

const badge = ({ status }) => h("span", { class: `badge ${STANDING[status][1]}` }, STANDING[status][0]);

const figure = (label, value) => h("span", { class: "figure" }, h("strong", {}, count(value)), ` ${label}`);

const row = (campaign) =>
  h(
    "li",
    {},
    h(
      "a",
      { class: "row", href: `#/campaigns/${encodeURIComponent(campaign.code)}` },
      h("span", { class: "who" }, h("strong", { dir: "auto" }, campaign.name), badge(campaign)),
      h("span", { class: "soft" }, campaign.code),
      h(
        "span",
        { class: "figures" },
        figure("clicks", campaign.total_clicks),
        figure("conversations", campaign.total_conversations),
        figure("qualified", campaign.total_qualified),
        figure("paid", campaign.total_conversions),
      ),
    ),
  );

/** The link, to copy and to scan. */
export function share({ code, name, url }) {
  const link = h("input", { readonly: true, value: url, onfocus: ({ target }) => target.select() });
  async function copy() {
    try {
      await navigator.clipboard.writeText(url);
    } catch {
      link.focus(); // plain http has no clipboard: selected, it is one keystroke away
      document.execCommand("copy");
    }
    notify("Link copied.");
  }
  const picture = `/api/campaigns/${encodeURIComponent(code)}/qr`;
  return h(
    "section",
    { class: "sheet share" },
    h("img", { class: "qr", src: `${picture}.svg`, alt: `QR code of the link of ${name}`, width: 180, height: 180 }),
    h(
      "div",
      {},
      field("Link for your ad, bio or story", link),
      h(
        "p",
        { class: "actions" },
        h("button", { type: "button", class: "button primary", onclick: copy }, "Copy link"),
        h("a", { class: "button", href: url, target: "_blank", rel: "noopener" }, "Open chat"),
        h("a", { class: "button", href: `${picture}.png`, download: `${code}.png` }, "Download QR"),
      ),
    ),
  );
}

function one({ session, again }, campaign) {
  const problem = h("div", {});
  const paused = !campaign.is_active;
  async function toggle() {
    try {
      await session.request("PATCH", `/api/campaigns/${encodeURIComponent(campaign.code)}`, { is_active: paused });
      await again();
      notify(paused ? "The link is open again." : "The link is paused.");
    } catch (error) {
      problem.replaceChildren(fault(error));
    }
  }
  const action = session.may("write:campaigns") && h("button", { type: "button", class: "button", onclick: toggle }, paused ? "Resume" : "Pause");
  const facts = {
    Clicks: count(campaign.total_clicks),
    Conversations: count(campaign.total_conversations),
    Qualified: count(campaign.total_qualified),
    Paid: count(campaign.total_conversions),
    "At most": campaign.max_uses ? `${count(campaign.max_uses)} conversations` : "no limit",
    Ends: campaign.expires_at ? at(campaign.expires_at) : "never",
    Made: at(campaign.created_at),
  };
  return [
    h("a", { class: "back", href: "#/campaigns" }, icon("back"), "Campaigns"),
    heading(campaign.name, badge(campaign), action),
    problem,
    campaign.description && h("p", { class: "soft", dir: "auto" }, campaign.description),
    share(campaign),
    h("dl", { class: "sheet facts" }, Object.entries(facts).map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))),
    h(
      "p",
      { class: "actions" },
      h("a", { class: "button", href: `#/overview?campaign=${encodeURIComponent(campaign.code)}` }, "See its figures"),
      h("a", { class: "button", href: `#/conversations?campaign_id=${campaign.id}` }, "Read its conversations"),
    ),
  ];
}

function create({ session, go }) {
  const problem = h("p", { class: "fault", role: "alert" });
  const named = (name, given = {}) => h("input", { name, ...given });
  const form = h(
    "form",
    { class: "sheet form", novalidate: true, onsubmit: submit },
    field("Name", named("name", { maxlength: 200, required: true }), "For you alone. Leads do not see it.", "name"),
    field("Your own word in the link", named("code", { maxlength: 32, autocapitalize: "characters", spellcheck: "false" }), "Such as SPRING. Leave it empty and we make one up.", "code"),
    field("Conversations at most", named("max_uses", { type: "number", min: 1, step: 1, inputmode: "numeric" }), "Leave it empty for no limit.", "max_uses"),
    field("Ends", named("expires_at", { type: "datetime-local" }), "Leave it empty to keep it open.", "expires_at"),
    field("Note", area({ name: "description", maxlength: 2000 }), "Where you use it, for example.", "description"),
    problem,
    h("p", { class: "actions" }, h("button", { class: "button primary" }, "Create campaign"), h("a", { class: "button", href: "#/campaigns" }, "Cancel")),
  );

  async function submit(event) {
    event.preventDefault();
    clearFaults(form);
    problem.textContent = "";
    try {
      const { campaign } = await session.request("POST", "/api/campaigns/create", wanted(new FormData(form)));
      go(`#/campaigns/${encodeURIComponent(campaign.code)}`);
      notify("Your campaign is ready to share.");
    } catch (error) {
      const homeless = showFaults(form, error.faults ?? []);
      if (homeless.length || !error.faults?.length) problem.textContent = error.message;
    }
  }

  return [h("a", { class: "back", href: "#/campaigns" }, icon("back"), "Campaigns"), heading("New campaign"), form];
}

/** What was filled in, as the server takes it; times are local ones. */
function wanted(data) {
  const given = Object.fromEntries([...data].filter(([, value]) => value !== ""));
  if (given.max_uses) given.max_uses = Number(given.max_uses);
  if (given.expires_at) given.expires_at = new Date(given.expires_at).toISOString();
  return { name: "", ...given };
}
