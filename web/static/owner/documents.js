// What the agent answers from: files brought here, watched until they are read, taken away again.

import { confirmed, fault, h, heading, icon, notify } from "./dom.js";
import { field } from "./fields.js";
import { ago, count, size } from "./words.js";

const TYPES = ".pdf,.docx,.txt,.md";
const PAUSE_MS = 1500;

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
  let timer = 0;

  async function refresh() {
    clearTimeout(timer);
    const found = await session.get("/api/documents");
    if (!alive()) return;
    list.replaceChildren(...found.documents.map(row));
    empty.hidden = found.documents.length > 0;
    const busy = found.documents.some((one) => ["pending", "processing"].includes(one.processing_status));
    if (busy) timer = setTimeout(() => alive() && refresh().catch(complain), PAUSE_MS);
  }

  const complain = (error) => problem.replaceChildren(fault(error));

  async function act(method, address, said) {
    problem.replaceChildren();
    try {
      await session.request(method, address);
      await refresh();
      notify(said);
    } catch (error) {
      complain(error);
    }
  }

  async function remove({ id, filename }) {
    if (await confirmed(`Delete ${filename}? The agent forgets it at once.`, "Delete")) {
      await act("DELETE", `/api/documents/${encodeURIComponent(id)}`, "Deleted.");
    }
  }

  const retry = ({ id }) => act("POST", `/api/documents/${encodeURIComponent(id)}/retry`, "Trying again.");

  function row(one) {
    const [label, tone] = STATUS[one.processing_status] ?? [one.processing_status, ""];
    const failed = one.processing_status === "failed";
    const busy = one.processing_status === "processing";
    const writes = session.may("write:documents");
    return h(
      "li",
      { class: "row still" },
      h("span", { class: "who" }, h("strong", { dir: "auto" }, one.filename), h("span", { class: `badge ${tone}` }, label)),
      h("span", { class: "soft" }, facts(one)),
      busy && bar(progressOf(one), `Reading ${one.filename}`),
      failed && h("span", { class: "fault" }, one.error ?? one.failure_reason ?? "It could not be read."),
      writes &&
        h(
          "span",
          { class: "actions" },
          failed && h("button", { type: "button", class: "button small", onclick: () => retry(one) }, "Try again"),
          h("button", { type: "button", class: "button small", onclick: () => remove(one), "aria-label": `Delete ${one.filename}` }, icon("remove"), "Delete"),
        ),
    );
  }

  await refresh();
  return [
    heading("Documents"),
    h("p", { class: "soft" }, "Price lists, course outlines, scripts: the agent answers from them and says where it read it."),
    session.may("write:documents") && dropPlace(session, refresh, complain),
    problem,
    empty,
    list,
  ];
}

const facts = (one) =>
  [
    one.category,
    one.file_size && size(one.file_size),
    one.processing_status === "completed" && `${count(one.total_chunks)} passages`,
    ago(one.created_at),
  ]
    .filter(Boolean)
    .join(" · ");

/** From 0 to 1, or null while nothing is known yet. */
function progressOf({ progress }) {
  if (typeof progress === "number") return progress;
  if (progress?.chunks_total) return progress.chunks_done / progress.chunks_total;
  return null;
}

function bar(part, label) {
  const progress = h("progress", { "aria-label": label, max: 1 });
  if (part !== null) progress.value = part;
  return progress;
}

function dropPlace(session, onDone, complain) {
  const input = h("input", { type: "file", multiple: true, accept: TYPES, class: "unseen", id: "files", onchange: () => bring(input.files) });
  const category = h("input", { maxlength: 100 });
  const running = h("div", { role: "status" });
  const place = h(
    "section",
    { class: "sheet drop", ondragover: over, ondragleave: () => place.classList.remove("over"), ondrop: dropped },
    icon("documents"),
    h("p", {}, h("label", { for: "files", class: "button primary" }, "Choose files"), input),
    h("p", { class: "soft" }, "or drop them here. PDF, Word (DOCX), text or Markdown."),
    field("Category (optional)", category),
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
    for (const file of [...files]) await send(file).catch(complain);
    input.value = "";
  }

  async function send(file) {
    const progress = bar(0, `Sending ${file.name}`);
    running.replaceChildren(h("p", { class: "soft", dir: "auto" }, `Sending ${file.name}`), progress);
    const form = new FormData();
    form.append("file", file);
    if (category.value.trim()) form.append("category", category.value.trim());
    try {
      await session.upload("/api/documents/upload", form, (part) => (progress.value = part));
      await onDone();
    } finally {
      running.replaceChildren();
    }
  }

  return place;
}
