// Words, numbers and times, as people read them.

const language = document.documentElement.lang;
const LINK = /https?:\/\/[^\s<>"'`]+/g;

/** Length in characters as the server counts them. */
export const lengthOf = (text) => [...text].length;

export const fill = (string, values) => string.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** The address when it is one that a page may lead to, otherwise null. */
export function safeAddress(address) {
  try {
    const { protocol, href } = new URL(address);
    return ["http:", "https:"].includes(protocol) ? href : null;
  } catch {
    return null;
  }
}

/** Text as nodes, its web addresses as links. Markup in it stays text. */
export function linked(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const address = match[0].replace(/[.,;:!?…)\]}*_]+$/, "");
    const href = safeAddress(address);
    if (!href) continue;
    const link = Object.assign(document.createElement("a"), { href, textContent: address });
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
    nodes.push(text.slice(from, match.index), link);
    from = match.index + address.length;
  }
  return [...nodes, text.slice(from)];
}

/** `amount` in minor units, such as cents. */
export function money(amount, currency) {
  const options = { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" };
  const format = new Intl.NumberFormat(language, options);
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}

/** "in 24 seconds", "in 3 minutes". */
export function soon(seconds) {
  const format = new Intl.RelativeTimeFormat(language);
  const [amount, unit] = seconds < 90 ? [seconds, "second"] : [seconds / 60, "minute"];
  return format.format(Math.ceil(amount), unit);
}

/** "Today", "Yesterday", "Monday, 12 January". */
export function dayOf(time) {
  const midnight = (date) => date.setHours(0, 0, 0, 0);
  const ago = Math.round((midnight(new Date()) - midnight(new Date(time))) / 86_400_000);
  const name =
    ago < 2
      ? new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-ago, "day")
      : new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" }).format(time);
  return name[0].toLocaleUpperCase(language) + name.slice(1);
}

/** A name as a handle that the server takes: "@Anna Müller" is "anna_muller"; "" when nothing is left. */
export function handleFrom(name) {
  const folded = name.normalize("NFKD").toUpperCase().toLowerCase(); // by way of capitals ß becomes ss
  const plain = folded.trim().replace(/^@/, "").replace(/\s+/g, "_");
  return plain.replace(/[^a-z0-9._]/g, "").slice(0, 30);
}

/** A random UUID, also on plain http, where `crypto.randomUUID` is missing. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
