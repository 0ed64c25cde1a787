// Figures, dates and the product's terms, as owners read them.

import { money } from "../text.js";

export { money };

export const STAGES = {
  qualification: "Getting to know",
  objection_handling: "Has doubts",
  closing: "Ready to buy",
  converted: "Paid",
  disqualified: "Not a fit",
};

export const OBJECTIONS = {
  price: "Price",
  time: "Time",
  trust: "Trust",
  need: "Need",
  authority: "Has to ask someone",
  competitor: "Competitor",
  other: "Something else",
};

export const AGENTS = {
  qualifier_agent: "Qualifying",
  objection_handler_agent: "Answering a doubt",
  closer_agent: "Closing",
};

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const rate = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const hour = new Intl.DateTimeFormat("en", { timeStyle: "short" });
const day = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", timeZone: "UTC" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
];

export const count = (value) => number.format(value ?? 0);
/** Writes amounts in major units. */
export function amount(currency) {
  const options = { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" };
  const format = new Intl.NumberFormat("en", options);
  return (value) => format.format(value);
}

export const percent = (value) => rate.format(value ?? 0);
export const clock = (time) => hour.format(new Date(time));
export const at = (time) => moment.format(new Date(time));

/** "2026-11-22" as "Nov 22". */
export const dayOf = (date) => day.format(new Date(`${date}T00:00:00Z`));

/** "3 hours ago"; after a week the date. */
export function ago(time) {
  const seconds = (Date.now() - new Date(time)) / 1000;
  if (seconds > 7 * 86400) return at(time);
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? [];
  return unit ? relative.format(-Math.floor(seconds / size), unit) : "just now";
}

/** "monthly_revenue" as "Monthly revenue". */
export function title(field) {
  const words = field.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What was learned, in words. */
export const learned = (value) =>
  typeof value === "boolean"
    ? value
      ? "Yes"
      : "No"
    : typeof value === "number"
      ? count(value)
      : String(value);

export function size(bytes) {
  const unit = bytes < 1_000_000 ? [1000, "KB"] : [1_000_000, "MB"];
  return `${count(Math.max(bytes / unit[0], 0.1))} ${unit[1]}`;
}
