// What the agent answers from: files brought here, watched until they are read, taken away again.

import { confirmed, fault, h, heading, icon, notify } from "./dom.js";
import { field } from "./fields.js";
import { knowledge } from "./knowledge.js";
import { ago, count, size } from "./words.js";

const TYPES = ".pdf,.docx,.txt,.md";
const PAUSE_MS = 2500;

const STATUS = {
  pending: ["Waiting", ""],
  processing: ["Being read", ""],
  completed: ["Ready", "good"],
  failed: ["Failed", "bad"],
};

export async function documents(visit) {
  const { session, alive } = visit;
  const list = h("ul", { class: "list", "aria-label": "Documents" });
  const empty = h("p", { class: "empty" }, "No documents yet. Your agent answers from the playbook alone.");
  const problem = h("div", {});
  const reasons = new Map(); // of failed documents, by id
  let shown = [];
  let timer = 0;

  async function refresh() {
    clearTimeout(timer);
    const found = await everything();
    const known = await Promise.all(found.map((one) => watched(one, found)));
    if (!alive()) return;
    const focused = document.activeElement?.id;
    shown = found;
    list.replaceChildren(...known.map(row));
    document.getElementById(focused)?.focus();
    empty.hidden = found.length > 0;
    if (found.some(isBusy)) timer = setTimeout(look, PAUSE_MS);
  }

  async function everything() {
    const found = [];
    for (let page = { has_more: true }; page.has_more; ) {
      page = await session.get(`/api/documents?limit=100&offset=${found.length}`);
      found.push(...page.documents);
    }
    return found;
  }

  const look = () =>
    alive() &&
    refresh().catch((error) => {
      forgive();
      complain(error);
      timer = setTimeout(look, 5 * PAUSE_MS);
    });

  /** With its progress or its reason; of all that wait only the first is asked for, polling stays cheap. */
  async function watched(one, all) {
    const failed = one.processing_status === "failed";
    if (failed && reasons.has(one.id)) return { ...one, failure: reasons.get(one.id) };
    if (!failed && one !== all.find(({ processing_status }) => processing_status === "processing"))
      return one;
    const details = await session.get(at(one)).catch(() => one);
    if (details.failure) reasons.set(one.id, details.failure);
    return details;
  }

  const complain = (error) => problem.append(fault(error));
  const forgive = () => problem.replaceChildren();

  async function act(method, address, said) {
    forgive();
    try {
      await session.request(method, address);
      await refresh();
      notify(said);
    } catch (error) {
      complain(error);
    }
  }

  async function remove(one) {
    if (await confirmed(`Delete ${one.filename}? The agent forgets it at once.`, "Delete"))
      await act("DELETE", at(one), "Deleted.");
  }

  async function save(one) {
    forgive();
    try {
      const address = URL.createObjectURL(await session.file(`${at(one)}/file`));
      h("a", { href: address, download: one.filename }).click();
      setTimeout(() => URL.revokeObjectURL(address), PAUSE_MS);
    } catch (error) {
      complain(error);
    }
  }

  function retry(one) {
    reasons.delete(one.id);
    return act("POST", `${at(one)}/retry`, "Trying again.");
  }

  function row(one) {
    const [label, tone] = STATUS[one.processing_status];
    const button = (name, action, ...inside) =>
      h(
        "button",
        {
          type: "button",
          class: "button small",
          id: `${name}-${one.id}`,
          onclick: () => action(one),
          "aria-label": `${name} ${one.filename}`,
        },
        inside,
        name,
      );
    return h(
      "li",
      { class: "row still" },
      h(
        "span",
        { class: "who" },
        h("strong", { dir: "auto" }, one.filename),
        h("span", { class: `badge ${tone}` }, label),
      ),
      h("span", { class: "soft" }, facts(one)),
      one.processing_status === "processing" && bar(progressOf(one), `Reading ${one.filename}`),
      one.failure && h("span", { class: "fault" }, one.failure.reason),
      session.may("write:documents") &&
        h(
          "span",
          { class: "actions" },
          one.processing_status === "failed" && button("Try again", retry),
          button("Download", save),
          button("Delete", remove, icon("remove")),
        ),
    );
  }

  async function arrived({ id }) {
    const before = shown.some((one) => one.id === id);
    await refresh();
    notify(before ? "This file is here already." : "It is here, and being read.");
  }

  await refresh();
  return [
    heading("Documents"),
    h(
      "p",
      { class: "soft" },
      "Price lists, course outlines, scripts: your agent answers from them and says where it read it.",
    ),
    session.may("write:documents") && dropPlace(session, arrived, complain, forgive),
    problem,
    empty,
    list,
    await knowledge(session),
  ];
}

const at = ({ id }) => `/api/documents/${encodeURIComponent(id)}`;
const isBusy = ({ processing_status: status }) => status === "pending" || status === "processing";

const facts = (one) =>
  [
    one.category,
    one.tags.join(", "),
    size(one.file_size),
    one.processing_status === "completed" && `${count(one.total_chunks)} passages`,
    ago(one.created_at),
  ]
    .filter(Boolean)
    .join(" · ");

/** From 0 to 1, or null while nothing is known yet. */
function progressOf({ progress }) {
  if (progress?.chunks) return 0.5 + progress.chunks_done / progress.chunks / 2;
  return progress?.pages ? progress.pages_done / progress.pages / 2 : null;
}

function bar(part, label) {
  const progress = h("progress", { "aria-label": label, max: 1 });
  if (part !== null) progress.value = part;
  return progress;
}

function dropPlace(session, onArrival, complain, forgive) {
  const input = h("input", {
    type: "file",
    multiple: true,
    accept: TYPES,
    class: "unseen",
    id: "files",
    onchange: () => bring(input.files),
  });
  const category = h("input", { maxlength: 60 });
  const tags = h("input", { maxlength: 600, autocapitalize: "none" });
  const running = h("div", { role: "status" });
  const place = h(
    "section",
    {
      class: "sheet drop",
      ondragover: over,
      ondragleave: () => place.classList.remove("over"),
      ondrop: dropped,
    },
    icon("documents"),
    h("p", {}, h("label", { for: "files", class: "button primary" }, "Choose files"), input),
    h("p", { class: "soft" }, "or drop them here. PDF, Word (DOCX), text or Markdown."),
    h(
      "div",
      { class: "labels" },
      field("Category (optional)", category),
      field("Tags (optional)", tags, "Separated by commas. A campaign can be limited to some of them."),
    ),
    running,
  );

  function over(event) {
    event.preventDefault();
    place.classList.add("over");
  }

  function dropped(event) {
    event.preventDefault();
    place.classList.remove("over");
    bring(event.dataTransfer.files);
  }

  async function bring(files) {
    forgive();
    for (const file of [...files]) {
      await send(file).catch((error) => complain(new Error(`${file.name}: ${error.message}`)));
    }
    input.value = "";
  }

  async function send(file) {
    const progress = bar(0, `Sending ${file.name}`);
    running.replaceChildren(h("p", { class: "soft", dir: "auto" }, `Sending ${file.name}`), progress);
    const form = new FormData();
    form.append("file", file);
    if (category.value.trim()) form.append("category", category.value.trim());
    if (tags.value.trim()) form.append("tags", tags.value.trim());
    try {
      const { document } = await session.upload(
        "/api/documents/upload",
        form,
        (part) => (progress.value = part),
      );
      await onArrival(document);
    } finally {
      running.replaceChildren();
    }
  }

  return place;
}
