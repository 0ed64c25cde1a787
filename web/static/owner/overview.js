// How it goes: today, how far leads come, and day by day.

import { share } from "./campaigns.js";
import { bars, funnel, timeline } from "./charts.js";
import { h, heading } from "./dom.js";
import { choice, field } from "./fields.js";
import { ago, count, OBJECTIONS, percent, title } from "./words.js";

const SERIES = [
  ["clicks", "Clicks"],
  ["conversations", "Conversations"],
  ["conversions", "Paid"],
];
const TOTALS = ["total_clicks", "total_conversations", "total_qualified", "total_conversions"];

export async function overview({ session, query, go }) {
  const code = query.get("campaign") ?? "";
  const [{ campaigns }, dashboard, analytics] = await Promise.all([
    session.get("/api/campaigns?limit=100"),
    ifThere(session.get("/api/analytics/dashboard")),
    code ? ifThere(session.get(`/api/campaigns/${encodeURIComponent(code)}/analytics`)) : null,
  ]);
  const named = Object.fromEntries(campaigns.map((campaign) => [campaign.code, campaign.name]));
  const pick = (value) => go(value ? `#/overview?campaign=${encodeURIComponent(value)}` : "#/overview");
  const chosen = campaigns.filter((campaign) => !code || campaign.code === code);
  const figures = analytics?.metrics ?? sums(chosen);
  const days = analytics?.timeline ?? dashboard?.timeline ?? [];
  return [
    heading(
      "Overview",
      campaigns.length > 1 && field("Campaign", choice({ "": "All campaigns", ...named }, code, pick)),
    ),
    dashboard && !code && today(dashboard.summary),
    !figures.total_conversations && campaigns.length > 0 && welcome(chosen[0] ?? campaigns[0]),
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
      panel("How far leads come", funnel(steps(figures))),
      days.length > 0 && panel("Day by day", timeline(days, SERIES)),
      analytics && panel("Conversations", pace(figures)),
      figures.top_objections?.length > 0 &&
        panel(
          "What makes them hesitate",
          bars(figures.top_objections.map(({ type, count }) => [OBJECTIONS[type] ?? title(type), count])),
        ),
      !code && campaigns.length > 1 && panel("By campaign", bars(ranked(campaigns))),
      dashboard?.recent_conversions?.length > 0 &&
        !code &&
        panel("Latest payments", payments(dashboard.recent_conversions)),
    ),
  ];
}

/** The answer, or null where this server has no such route. */
const ifThere = (answer) =>
  answer.catch((error) => {
    if (error.status === 404) return null;
    throw error;
  });

const panel = (name, ...inside) => h("section", { class: "sheet" }, h("h2", {}, name), inside);

const steps = (figures) => [
  ["Opened the link", figures.total_clicks],
  ["Started to talk", figures.total_conversations],
  ["Qualified", figures.total_qualified],
  ["Paid", figures.total_conversions],
];

const sums = (campaigns) =>
  Object.fromEntries(
    TOTALS.map((name) => [name, campaigns.reduce((sum, campaign) => sum + campaign[name], 0)]),
  );

const ranked = (campaigns) =>
  campaigns
    .map(({ name, total_conversations }) => [name, total_conversations])
    .sort((one, other) => other[1] - one[1])
    .slice(0, 8);

function today(summary) {
  const tiles = [
    ["Talking now", count(summary.active_conversations)],
    ["Qualified today", count(summary.total_qualified_today)],
    ["Paid today", count(summary.total_conversions_today)],
    ["Rate today", percent(summary.conversion_rate_today)],
    ["Revenue today", major(summary.revenue_today, summary.currency)],
  ];
  return h(
    "dl",
    { class: "tiles" },
    tiles.map(([label, value]) => h("div", { class: "sheet" }, h("dt", {}, label), h("dd", {}, value))),
  );
}

const pace = ({ avg_messages_per_conversation, avg_time_to_qualification, conversion_rate }) =>
  h(
    "dl",
    { class: "facts" },
    [
      ["Messages each", count(avg_messages_per_conversation)],
      ["Time to qualify", avg_time_to_qualification ?? "not yet known"],
      ["Of those who talk, pay", percent(conversion_rate)],
    ].map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))),
  );

const payments = (recent) =>
  h(
    "ul",
    { class: "plain" },
    recent.map(({ instagram_handle, plan, amount, currency, completed_at }) =>
      h(
        "li",
        {},
        h("strong", { dir: "auto" }, instagram_handle),
        ` ${title(plan)}, ${major(amount, currency)} `,
        h("span", { class: "soft" }, ago(completed_at)),
      ),
    ),
  );

/** These routes give amounts in major units. */
const major = (amount, currency = "USD") =>
  new Intl.NumberFormat("en", { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" }).format(
    amount ?? 0,
  );

const welcome = (campaign) => [
  h(
    "p",
    { class: "lead" },
    "Nobody has talked to your agent here yet. Put this link behind an ad or in a bio, or try it yourself.",
  ),
  share(campaign),
];
