// Small pictures of figures. Whoever cannot see them gets the figures as a table.

import { h, s } from "./dom.js";
import { count, dayOf, percent } from "./words.js";

/** How many came how far. `steps` are `[label, number]`, the first one the widest. */
export function funnel(steps) {
  const most = Math.max(1, ...steps.map(([, value]) => value));
  return h(
    "ol",
    { class: "funnel" },
    steps.map(([label, value], index) => {
      const before = index ? steps[index - 1][1] : 0;
      return h(
        "li",
        {},
        h(
          "span",
          {},
          label,
          before > 0 && h("span", { class: "of" }, ` ${percent(Math.min(value / before, 1))} of them`),
        ),
        h("strong", {}, count(value)),
        bar(value / most),
      );
    }),
  );
}

/** A bar that is so full, from 0 to 1. */
const bar = (part) =>
  s(
    "svg",
    { class: "fill", viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" },
    s("rect", { width: 100 * part, height: 1 }),
  );

const WIDTH = 440;
const HEIGHT = 180;
const FLOOR = 156;

/** Days `{date, …}` as lines, one for each of `series` `[key, label]`. */
export function timeline(days, series) {
  const most = Math.max(4, ...days.flatMap((day) => series.map(([key]) => day[key] ?? 0)));
  const x = (index) => (days.length > 1 ? 34 + ((WIDTH - 44) * index) / (days.length - 1) : WIDTH / 2);
  const y = (value) => FLOOR - ((FLOOR - 12) * value) / most;
  const ticks = [0, Math.round(most / 2), most];
  const labels = days.length > 1 ? [0, days.length - 1] : [0];
  return h(
    "figure",
    { class: "timeline" },
    s(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" },
      ticks.map((tick) => [
        s("line", { x1: 34, x2: WIDTH - 10, y1: y(tick), y2: y(tick), class: "grid" }),
        s("text", { x: 28, y: y(tick) + 4, "text-anchor": "end" }, count(tick)),
      ]),
      labels.map((at, end) =>
        s(
          "text",
          { x: x(at), y: HEIGHT - 4, "text-anchor": end ? "end" : days.length > 1 ? "start" : "middle" },
          dayOf(days[at].date),
        ),
      ),
      series.map(([key], nth) =>
        line(
          days.map((day, at) => [x(at), y(day[key] ?? 0)]),
          nth,
        ),
      ),
    ),
    h(
      "figcaption",
      {},
      series.map(([, label], nth) => h("span", {}, h("i", { class: `key line-${nth}` }), label)),
    ),
    table(days, series),
  );
}

function line(points, nth) {
  const path = points.map(([x, y], at) => `${at ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const dots = points.length < 40 ? points.map(([cx, cy]) => s("circle", { cx, cy, r: 3 })) : [];
  return s("g", { class: `drawn line-${nth}` }, s("path", { d: path }), dots);
}

const table = (days, series) =>
  h(
    "table",
    { class: "unseen" },
    h("caption", {}, "Day by day"),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ["Day", ...series.map(([, label]) => label)].map((text) => h("th", { scope: "col" }, text)),
      ),
    ),
    h(
      "tbody",
      {},
      days.map((day) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, dayOf(day.date)),
          series.map(([key]) => h("td", {}, count(day[key]))),
        ),
      ),
    ),
  );

/** `[label, number, note]`s as bars, in their order; `write` puts a number into words. */
export function bars(entries, write = count) {
  const most = Math.max(1, ...entries.map(([, value]) => value));
  return h(
    "ul",
    { class: "bars" },
    entries.map(([label, value, note]) =>
      h(
        "li",
        {},
        h("span", { dir: "auto" }, label),
        h("strong", {}, write(value)),
        bar(Math.max(0, value) / most),
        note && h("span", { class: "soft of-it" }, note),
      ),
    ),
  );
}
