// The owner's console: signs in, and shows the view that the address names.

import { campaigns } from "./campaigns.js";
import { conversations } from "./conversations.js";
import { documents } from "./documents.js";
import { fault, h, heading, icon, there } from "./dom.js";
import { overview } from "./overview.js";
import { playbook } from "./playbook.js";
import { Session } from "./session.js";
import { settings } from "./settings.js";
import { signIn } from "./sign_in.js";

const VIEWS = {
  overview: ["Overview", overview],
  campaigns: ["Campaigns", campaigns],
  conversations: ["Conversations", conversations],
  playbook: ["Playbook", playbook],
  documents: ["Documents", documents],
  settings: ["Settings", settings],
};

const find = (id) => document.getElementById(id);
const session = new Session();
let leaving = null; // ends what the shown view began
let shown = ""; // its address
let unsaved = () => null; // the question to ask before it goes away

/** "#/conversations/lead-1?stage=closing" as its view, the rest of the path, and the query. */
function place() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  const [view, ...rest] = path.split("/").map(decodeURIComponent);
  return { view: view in VIEWS ? view : "overview", rest, query: new URLSearchParams(query) };
}

/** What a view is given: its address, the session, and what it may ask of the console. */
const visit = (where, signal) => ({
  ...where,
  session,
  alive: () => !signal.aborted,
  guard: (question) => (unsaved = question),
  go: (hash) => (location.hash = hash),
  again: () => show(),
});

async function show() {
  const where = place();
  leaving?.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  unsaved = () => null;
  shown = location.hash;
  const [name, view] = VIEWS[where.view];
  for (const tab of find("tabs").children) {
    if (tab.dataset.view === where.view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  document.title = `${name} · Limitless`;
  find("content").setAttribute("aria-busy", "true");
  let page;
  try {
    page = await view(visit(where, signal));
  } catch (error) {
    page = [
      heading(name),
      fault(error),
      h("button", { type: "button", class: "button", onclick: show }, "Try again"),
    ];
  }
  if (signal.aborted) return;
  find("content").removeAttribute("aria-busy");
  find("content").replaceChildren(...there([page]));
  scrollTo(0, 0);
  find("content").querySelector("h1")?.focus({ preventScroll: true });
}

function moved() {
  if (!session.open || location.hash === shown || location.hash === "#content") return;
  const question = unsaved();
  if (question && !confirm(question)) return history.replaceState(null, "", shown || "#/");
  show();
}

function tabs(views) {
  return views.map((view) =>
    h("a", { href: `#/${view}`, "data-view": view }, icon(view), h("span", {}, VIEWS[view][0])),
  );
}

/** Views whose routes this server does not have are not offered. */
async function offered() {
  const known = await session.get("/api/documents?limit=1").catch((error) => error);
  return Object.keys(VIEWS).filter((view) => view !== "documents" || known.status !== 404);
}

async function enter() {
  find("tabs").replaceChildren(...tabs(await offered()));
  find("account").textContent = session.email;
  for (const id of ["bar", "jump"]) find(id).hidden = false;
  await show();
}

function askToSignIn(reason = "") {
  leaving?.abort();
  for (const id of ["bar", "jump"]) find(id).hidden = true;
  document.title = "Sign in · Limitless";
  find("content").replaceChildren(signIn(session, reason, enter));
  find("content").querySelector("input").focus();
}

session.onEnd = askToSignIn;
find("sign-out").addEventListener("click", () => session.signOut());
find("jump").addEventListener("click", (event) => {
  event.preventDefault();
  find("content").focus();
});
addEventListener("hashchange", moved);
addEventListener("beforeunload", (event) => unsaved() && event.preventDefault());

if (session.open) enter().catch((error) => session.open && askToSignIn(error.message));
else askToSignIn();
