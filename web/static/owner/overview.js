// How it goes: today, how far leads come, where they stop, and what it earned.

import { share } from "./campaigns.js";
import { bars, funnel, timeline } from "./charts.js";
import { h, heading } from "./dom.js";
import { choice, field } from "./fields.js";
import { byDoubt, byOffer, bySource, doubts, facts, gaps, latest, steps, stops } from "./figures.js";
import { doing, save } from "./forms.js";
import { amount, at, count, percent } from "./words.js";

const SERIES = [
  ["clicks", "Clicks"],
  ["conversations", "Conversations"],
  ["conversions", "Paid"],
];
const PERIODS = { 7: "7 days", 30: "30 days", 90: "90 days", 365: "A year" };

export async function overview({ session, query, go }) {
  const asked = { campaign: query.get("campaign") ?? "", days: query.get("days") ?? "30" };
  const these = chosen(asked);
  const [{ campaigns }, figures] = await Promise.all([
    session.get("/api/campaigns?limit=200"),
    session.get(`/api/analytics/dashboard?${these}`),
  ]);
  const named = Object.fromEntries(campaigns.map((campaign) => [campaign.code, campaign.name]));
  const pick = (name) => (value) => go(`#/overview?${new URLSearchParams({ ...asked, [name]: value })}`);
  const untouched = !figures.metrics.total_conversations && campaigns.length > 0;
  return [
    heading("Overview"),
    h(
      "div",
      { class: "filters" },
      campaigns.length > 1 &&
        field("Campaign", choice({ "": "All campaigns", ...named }, asked.campaign, pick("campaign"))),
      field("Period", choice(PERIODS, asked.days, pick("days"))),
    ),
    figures.alerts.length > 0 && alerts(figures.alerts),
    !asked.campaign && today(figures.summary),
    untouched && welcome(campaigns.find(({ code }) => code === asked.campaign) ?? campaigns[0]),
    !campaigns.length &&
      h(
        "p",
        { class: "empty" },
        "No campaign yet. ",
        h("a", { href: "#/campaigns/new" }, "Make the first one"),
        ".",
      ),
    h(
      "div",
      { class: "panels" },
      panels(figures),
      !asked.campaign && campaigns.length > 1 && panel("Campaigns, since they began", bars(ranked(campaigns))),
    ),
    session.may("read:conversations") && takeAway(session, these),
  ];
}

/** The query of a campaign and the last days. */
function chosen({ campaign, days }) {
  const first = new Date();
  first.setDate(first.getDate() - (Number(days) || 30) + 1);
  const two = (number) => String(number).padStart(2, "0");
  const start_date = `${first.getFullYear()}-${two(first.getMonth() + 1)}-${two(first.getDate())}`;
  return new URLSearchParams({ start_date, ...(campaign && { campaign_code: campaign }) });
}

const panels = ({ metrics, timeline: days, funnel: reached, breakdowns, knowledge_gaps, ...rest }) => [
  panel("How far leads come", funnel(steps(reached.steps))),
  panel("Day by day", timeline(days, SERIES)),
  panel("In this period", facts(metrics)),
  ...[
    ["Where leads stop", bars(stops(reached))],
    ["What makes them hesitate", bars(doubts(metrics.top_objections))],
    ["Earned by source", bars(bySource(breakdowns.sources), amount(metrics.currency))],
    ["Earned by offer", byOffer(breakdowns.offers)],
    ["Earned where a doubt was met", byDoubt(breakdowns.objections)],
    ["Asked in vain before leads were lost", gaps(knowledge_gaps)],
    ["Latest payments", latest(rest.recent_conversions)],
  ].map(([name, inside]) => inside.children.length > 0 && panel(name, inside)),
];

const ranked = (campaigns) =>
  campaigns
    .map(({ name, total_conversations: talked, total_clicks: clicks, total_conversions: paid }) => [
      name,
      talked,
      `${count(clicks)} clicks · ${count(paid)} paid`,
    ])
    .sort((one, other) => other[1] - one[1])
    .slice(0, 8);

const panel = (name, ...inside) => h("section", { class: "sheet" }, h("h2", {}, name), inside);

function today(summary) {
  const tiles = [
    ["Talking today", count(summary.active_conversations)],
    ["Qualified today", count(summary.total_qualified_today)],
    ["Paid today", count(summary.total_conversions_today)],
    ["Rate today", percent(summary.conversion_rate_today)],
    ["Revenue today", amount(summary.currency)(summary.revenue_today)],
  ];
  return h(
    "dl",
    { class: "tiles" },
    tiles.map(([label, value]) => h("div", { class: "sheet" }, h("dt", {}, label), h("dd", {}, value))),
  );
}

const alerts = (found) =>
  h(
    "section",
    { class: "sheet alerts" },
    h("h2", {}, "Please look at this"),
    h(
      "ul",
      { class: "plain" },
      found.map(({ message, created_at }) =>
        h("li", {}, message, " ", h("span", { class: "soft" }, at(created_at))),
      ),
    ),
  );

/** Buttons that save the rows behind the figures. */
function takeAway(session, these) {
  const problem = h("div", {});
  const button = (label, name) => {
    const onclick = doing(problem, async () =>
      save(await session.file(`/api/analytics/${name}.csv?${these}`), `${name}.csv`),
    );
    return h("button", { type: "button", class: "button", onclick }, label);
  };
  return h(
    "section",
    { class: "sheet" },
    h("h2", {}, "Take it away"),
    h(
      "p",
      { class: "actions" },
      button("Conversations (CSV)", "conversations"),
      session.may("read:payments") && button("Payments (CSV)", "payments"),
    ),
    problem,
  );
}

const welcome = (campaign) => [
  h(
    "p",
    { class: "lead" },
    "Nobody has talked to your agent here yet. Put this link behind an ad or in a bio, or try it yourself.",
  ),
  share(campaign),
];
