// What stands in the panels of the overview. Amounts come in major units, refunds taken out.

import { bars } from "./charts.js";
import { h } from "./dom.js";
import { ago, amount, count, OBJECTIONS, percent, STAGES, title } from "./words.js";

const STEPS = {
  clicks: "Opened the link",
  conversations: "Started to talk",
  qualified: "Qualified",
  offer: "Heard an offer",
  checkout: "Got a link to pay",
  opened: "Opened the checkout",
  converted: "Paid",
};
const NETWORKS = {
  meta: "Meta ads",
  google: "Google ads",
  tiktok: "TikTok ads",
  microsoft: "Microsoft ads",
  x: "X ads",
  linkedin: "LinkedIn ads",
};
const MOST = 8;

/** `[label, number]` for the funnel. */
export const steps = (reached) => reached.map(({ step, count }) => [STEPS[step] ?? title(step), count]);

/** Where conversations stand that were not won: the question that is open, or the stage. */
export const stops = ({ stops: found, questions }) =>
  found.slice(0, MOST).map(({ stage, field, question, count: stopped, share }) => {
    const answered = questions.find((one) => one.field === field)?.answered;
    const asked = field && (question ?? title(field));
    const notes = [
      `${percent(share)} of all`,
      asked && STAGES[stage],
      asked && answered !== undefined && `${count(answered)} answered it`,
    ];
    return [asked || STAGES[stage], stopped, notes.filter(Boolean).join(" · ")];
  });

/** Doubts by how many conversations met them. */
export const doubts = (met) =>
  met.map(({ type, count: n, answered }) => [doubt(type), n, `${count(answered)} answered`]);

export const bySource = (sources) =>
  sources
    .slice(0, MOST)
    .map((one) => [
      nameOf(one),
      one.revenue,
      `${count(one.clicks)} clicks · ${count(one.conversations)} talked · ${count(one.conversions)} paid`,
    ]);

function nameOf({ source, medium, campaign, content, ref, network }) {
  const told = [source ?? ref, medium, campaign, content].filter(Boolean);
  if (network) told.push(NETWORKS[network] ?? title(network));
  return told.join(" · ") || "Direct";
}

export const byOffer = (offers) =>
  money(offers, ({ name, offer_id }) => name ?? title(offer_id), "sold");

export const byDoubt = (found) =>
  money(found, ({ type, answered }) =>
    type === "none" ? "No doubt" : `${doubt(type)}, ${answered ? "answered" : "left open"}`,
  );

const doubt = (type) => OBJECTIONS[type] ?? title(type);

/** Bars of money, in each currency that there is. */
function money(rows, labelOf, verb = "paid") {
  const currencies = [...new Set(rows.map(({ currency }) => currency))];
  return h(
    "div",
    { class: "stack" },
    currencies.map((currency) =>
      bars(
        rows
          .filter((row) => row.currency === currency)
          .slice(0, MOST)
          .map((row) => [labelOf(row), row.revenue, noteOf(row, verb)]),
        amount(currency),
      ),
    ),
  );
}

const noteOf = ({ payments, refunded, currency }, verb) =>
  `${count(payments)} ${verb}${refunded ? ` · ${amount(currency)(refunded)} went back` : ""}`;

/** The sums of a period. */
export function facts(metrics) {
  const earned = metrics.money.length ? metrics.money : [metrics];
  const told = [
    ...earned.map(({ currency, revenue }) => ["Revenue", amount(currency)(revenue)]),
    ...earned
      .filter(({ refunded }) => refunded)
      .map(({ currency, refunded }) => ["Went back", amount(currency)(refunded)]),
    ["Of those who talk, qualify", percent(metrics.qualification_rate)],
    ["Of those who talk, pay", percent(metrics.conversion_rate)],
    ["Messages each", count(metrics.avg_messages_per_conversation)],
    ["Time to qualify", metrics.avg_time_to_qualification ?? "not yet known"],
  ];
  return h(
    "dl",
    { class: "facts" },
    told.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))),
  );
}

/** Questions that no document answered. */
export const gaps = (found) =>
  h(
    "ul",
    { class: "plain" },
    found.map(({ question, count: n, last_asked_at }) =>
      h(
        "li",
        {},
        h("span", { dir: "auto" }, `“${question}” `),
        h("span", { class: "soft" }, `${n > 1 ? `${count(n)} times, last ` : ""}${ago(last_asked_at)}`),
      ),
    ),
  );

const STATES = {
  partially_refunded: "partly refunded",
  refunded: "refunded",
  disputed: "disputed",
  dispute_lost: "dispute lost",
};

export const latest = (recent) =>
  h(
    "ul",
    { class: "plain" },
    recent.map(({ instagram_handle, offer_name, amount: paid, currency, status, test, completed_at }) =>
      h(
        "li",
        {},
        h("strong", { dir: "auto" }, instagram_handle ?? "Somebody"),
        ` ${offer_name}, ${amount(currency)(paid)} `,
        STATES[status] && h("span", { class: "badge bad" }, STATES[status]),
        test && h("span", { class: "badge" }, "Test"),
        " ",
        h("span", { class: "soft" }, ago(completed_at)),
      ),
    ),
  );
