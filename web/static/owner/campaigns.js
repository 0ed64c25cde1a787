// Links that leads follow: made here, shared from here, paused here.

import { campaignForm } from "./campaign_form.js";
import { fault, h, heading, icon, notify } from "./dom.js";
import { field } from "./fields.js";
import { website } from "./website.js";
import { at, count } from "./words.js";

const PAGE = 50;

const STANDING = {
  open: ["Open", "good"],
  paused: ["Paused", ""],
  expired: ["Expired", "bad"],
  used_up: ["Full", "bad"],
};

const addressOf = (code) => `/api/campaigns/${encodeURIComponent(code)}`;

export async function campaigns(visit) {
  const { session, rest } = visit;
  if (rest[0] === "new") return campaignForm(visit);
  if (rest[0]) {
    const campaign = await session.get(addressOf(rest[0]));
    return rest[1] === "edit" ? campaignForm(visit, campaign) : one(visit, campaign);
  }
  const list = h("ul", { class: "list" });
  const more = h("button", { type: "button", class: "button", onclick: () => load() }, "Show more");
  async function load() {
    const page = await session.get(`/api/campaigns?limit=${PAGE}&offset=${list.children.length}`);
    list.append(...page.campaigns.map(row));
    more.hidden = !page.has_more;
  }
  await load();
  const add =
    session.may("write:campaigns") &&
    h("a", { class: "button primary", href: "#/campaigns/new" }, icon("add"), "New campaign");
  const none =
    !list.children.length && h("p", { class: "empty" }, "No campaign yet. Make one, and share its link.");
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
  const picture = `${addressOf(code)}/qr`;
  return h(
    "section",
    { class: "sheet share" },
    h("img", {
      class: "qr",
      src: `${picture}.svg`,
      alt: `QR code of the link of ${name}`,
      width: 180,
      height: 180,
    }),
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
      await session.request("PATCH", addressOf(campaign.code), { is_active: paused });
      await again();
      notify(paused ? "The link is open again." : "The link is paused.");
    } catch (error) {
      problem.replaceChildren(fault(error));
    }
  }
  const actions = session.may("write:campaigns") && [
    h("button", { type: "button", class: "button", onclick: toggle }, paused ? "Resume" : "Pause"),
    h("a", { class: "button", href: `#/campaigns/${encodeURIComponent(campaign.code)}/edit` }, "Edit"),
  ];
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
    heading(campaign.name, badge(campaign), h("p", { class: "actions" }, actions)),
    problem,
    campaign.description && h("p", { class: "soft", dir: "auto" }, campaign.description),
    share(campaign),
    website(campaign, actions && `#/campaigns/${encodeURIComponent(campaign.code)}/edit`),
    h(
      "dl",
      { class: "sheet facts" },
      Object.entries(facts).map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))),
    ),
    h(
      "p",
      { class: "actions" },
      h(
        "a",
        { class: "button", href: `#/overview?campaign=${encodeURIComponent(campaign.code)}` },
        "See its figures",
      ),
      h(
        "a",
        { class: "button", href: `#/conversations?campaign_id=${campaign.id}` },
        "Read its conversations",
      ),
    ),
  ];
}
