// Requests and server-sent events. EventSource cannot POST, so the stream is read from fetch.

/** Milliseconds of silence after which a stream counts as lost; the heartbeat comes every 15 s. */
const SILENCE = 35_000;

/** The connection broke, or the server cannot answer just now: worth another try. */
export class Lost extends Error {}

/** The server said no; `retryAfter` is in seconds. */
export class Refused extends Error {
  constructor(status, { code, message, details }, retryAfter) {
    super(message);
    Object.assign(this, { status, code, details, retryAfter });
  }
}

/** Where the lead's token is kept, when no cookie carries it. */
let keeper = null;

export function keepTokenIn(place) {
  keeper = place;
}

/** fetch that answers with a good response or throws `Lost` or `Refused`. */
async function request(path, init = {}) {
  let response;
  const headers = keeper?.token ? { ...init.headers, "X-Lead-Token": keeper.token } : init.headers;
  try {
    response = await fetch(path, { cache: "no-store", ...init, headers });
  } catch {
    throw new Lost();
  }
  const given = response.headers.get("X-Lead-Token");
  if (keeper && given) keeper.token = given;
  if (keeper && response.status === 401) keeper.token = undefined; // it is no good any more
  if (response.ok) return response;
  if (response.status >= 500 || response.status === 408) throw new Lost();
  const body = await response.json().catch(() => ({}));
  throw new Refused(response.status, body.error ?? {}, Number(response.headers.get("Retry-After")) || 10);
}

/** The JSON of a GET, null when there is none (204). */
export async function fetchJson(path) {
  const response = await request(path);
  if (response.status === 204) return null;
  return response.json().catch(() => Promise.reject(new Lost()));
}

/** The JSON that a POST of JSON is answered with. */
export async function postJson(path, body) {
  const headers = { "Content-Type": "application/json" };
  const response = await request(path, { method: "POST", headers, body: JSON.stringify(body) });
  return response.json().catch(() => Promise.reject(new Lost()));
}

/** Turns pieces of an event stream, cut anywhere, into `{type, id, data}`; comments are passed over. */
export class EventParser {
  #rest = "";
  #event = { type: "message", id: "", data: [] };

  *push(piece) {
    // A carriage return at the very end may be half of a line's end.
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    for (const line of lines) {
      if (line) {
        this.#take(line);
        continue;
      }
      const { type, id, data } = this.#event;
      this.#event = { type: "message", id, data: [] };
      if (data.length) yield { type, id, data: JSON.parse(data.join("\n")) };
    }
  }

  #take(line) {
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (name === "event") this.#event.type = value;
    if (name === "id") this.#event.id = value;
    if (name === "data") this.#event.data.push(value);
  }
}

/** One open stream. It ends in `done` or `error`; any other end is `Lost`. */
export class EventStream {
  #controller = new AbortController();
  #timer;
  #response;

  /** Resolves once the server has answered: from then on a posted message is accepted. */
  static async open(path, init) {
    const stream = new EventStream();
    stream.#alive();
    try {
      stream.#response = await request(path, { ...init, signal: stream.#controller.signal });
    } catch (error) {
      stream.close();
      throw error;
    }
    return stream;
  }

  /** Nothing runs and nothing was missed. */
  get empty() {
    return this.#response.status === 204;
  }

  /** The conversation that a posted message went to. */
  get thread() {
    return this.#response.headers.get("X-Thread-Id");
  }

  close() {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  async *events() {
    const parser = new EventParser();
    const reader = this.#response.body.pipeThrough(new TextDecoderStream()).getReader();
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) throw new Lost();
        this.#alive();
        for (const event of parser.push(value)) {
          yield event;
          if (event.type === "done" || event.type === "error") return;
        }
      }
    } catch {
      throw new Lost();
    } finally {
      this.close();
    }
  }

  #alive() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(), SILENCE);
  }
}
