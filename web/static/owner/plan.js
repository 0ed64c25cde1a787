// The organization's own plan: what it allows, what else there is, and its end.

import { confirmed, h, notify } from "./dom.js";
import { doing } from "./forms.js";
import { amount, at, count, title } from "./words.js";

const ENTITLED = ["active", "trialing", "past_due"];
const most = (limit, what) => (limit === null ? `as many ${what} as you like` : `${count(limit)} ${what}`);

export async function plan(visit) {
  const status = await visit.session.get("/api/v1/subscription/status");
  return [present(visit, status), visit.session.may("write:subscription") && offers(visit, status)];
}

function present({ session, again }, status) {
  const problem = h("div", {});
  const holds = ENTITLED.includes(status.status);
  const cancel = doing(problem, async () => {
    if (!(await confirmed("Let the plan end with the period that is paid for?", "Cancel the plan"))) return;
    await session.request("POST", "/api/v1/subscription/cancel");
    await again();
    notify("The plan ends with its period.");
  });
  const until = status.current_period_end && at(status.current_period_end);
  const facts = {
    Plan: title(status.plan),
    People: of(status.users, status.max_users),
    "Open campaigns": of(status.campaigns, status.max_campaigns),
    ...(holds && until && { [status.cancel_at_period_end ? "Ends" : "Paid until"]: until }),
  };
  return h(
    "section",
    { class: "sheet stack" },
    h("h2", {}, "Your plan"),
    h(
      "dl",
      { class: "facts" },
      Object.entries(facts).map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))),
    ),
    problem,
    holds &&
      !status.cancel_at_period_end &&
      session.may("write:subscription") &&
      h("p", {}, h("button", { type: "button", class: "button", onclick: cancel }, "Cancel the plan")),
  );
}

const of = (used, limit) => (limit === null ? count(used) : `${count(used)} of ${count(limit)}`);

function offers({ session }, status) {
  const problem = h("div", {});
  const buy = (tier, billing_period) =>
    doing(problem, async () => {
      const wanted = { tier, billing_period };
      const { checkout_url } = await session.request("POST", "/api/v1/payments/checkout", wanted);
      location.assign(checkout_url);
    });
  const button = ({ tier, currency, ...prices }, period, words) => {
    const had = status.tier === tier && status.billing_period === period;
    const disabled = had && ENTITLED.includes(status.status) && !status.cancel_at_period_end;
    const label = `${amount(currency)(prices[period])} ${words}`;
    return h("button", { type: "button", class: "button", disabled, onclick: buy(tier, period) }, label);
  };
  return h(
    "section",
    { class: "sheet stack" },
    h("h2", {}, "Plans"),
    problem,
    h(
      "ul",
      { class: "plain" },
      status.plans.map((one) =>
        h(
          "li",
          {},
          h("strong", {}, one.name),
          h(
            "p",
            { class: "soft" },
            `${most(one.max_users, "people")}, ${most(one.max_campaigns, "open campaigns")}`,
          ),
          h("p", { class: "actions" }, button(one, "monthly", "a month"), button(one, "yearly", "a year")),
        ),
      ),
    ),
  );
}
