// Who is signed in, and every request to the server.

const KEY = "limitless.owner";

/** An error as the server's envelope tells it. `faults` are `{path, message}`. */
export class Refused extends Error {
  constructor(status, { code = "", message = "The server did not answer as expected.", details = {} } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.faults = (details.errors ?? []).map((one) => ({
      path: one.path ?? one.field ?? "",
      message: one.message,
    }));
  }
}

export class Session {
  onEnd = (_reason) => {};
  #tokens = null;
  #renewing = null;

  constructor() {
    try {
      this.#tokens = JSON.parse(sessionStorage.getItem(KEY));
    } catch {
      // forbidden: then the memory has it as long as the page is open
    }
  }

  get open() {
    return this.#tokens !== null;
  }

  get email() {
    return this.#tokens.me.email;
  }

  /** Everything that is known of who is signed in, asked for anew. */
  async me() {
    const me = await this.get("/api/v1/auth/me");
    this.#keep({ ...this.#tokens, me: { email: me.email, permissions: me.permissions } });
    return me;
  }

  /** From now on every request is for this organization. */
  async workFor(organization) {
    this.#keep({ ...this.#tokens, organization });
    await this.me();
  }

  may(wanted) {
    const kind = wanted.split(":")[0];
    return ["*", wanted, `${kind}:*`].some((granted) => this.#tokens.me.permissions.includes(granted));
  }

  /** Null when signed in, else the ticket for `secondStep`. Raises `Refused`. */
  async signIn(email, password) {
    return this.#begin(await post("/api/v1/auth/login", { email, password }));
  }

  async secondStep(ticket, code) {
    return this.#begin(await post("/api/v1/auth/login/mfa", { mfa_token: ticket, code }));
  }

  async signOut() {
    await this.request("POST", "/api/v1/auth/logout").catch(() => null);
    this.#keep(null);
    this.onEnd("");
  }

  get = (address) => this.request("GET", address);

  /** The answer's JSON. */
  request = (method, address, body) => this.#asked((signed) => ask(method, address, body, signed));

  /** Sends a file; `onProgress` hears how much of it is there, from 0 to 1. */
  upload = (address, form, onProgress) =>
    this.#asked((signed) => sendForm(address, form, signed, onProgress));

  /** What is kept at an address, as a `Blob`. */
  file = (address) =>
    this.#asked(async (signed) => {
      const response = await reach(address, { headers: headersOf(signed) });
      return response.ok ? response.blob() : read(response.status, false, await response.text());
    });

  /** Renews the access token once when it is over. */
  async #asked(send) {
    try {
      return await send(this.#tokens);
    } catch (error) {
      if (error.status !== 401 || !(await this.#renewed())) throw error;
      return send(this.#tokens);
    }
  }

  async #begin(answer) {
    if (answer.mfa_required) return answer.mfa_token;
    const me = await ask("GET", "/api/v1/auth/me", undefined, answer);
    this.#keep({ ...tokensOf(answer), me: { email: me.email, permissions: me.permissions } });
    return null;
  }

  /** A refresh token is good once, so that all who wait share one renewal. */
  #renewed() {
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  async #renew() {
    try {
      const answer = await post("/api/v1/auth/refresh", { refresh_token: this.#tokens?.refresh_token ?? "" });
      this.#keep({ ...this.#tokens, ...tokensOf(answer) });
      return true;
    } catch (error) {
      if (![401, 404, 422].includes(error.status)) throw error;
      this.#keep(null);
      this.onEnd("Your session is over. Please sign in again.");
      return false;
    }
  }

  #keep(tokens) {
    this.#tokens = tokens;
    try {
      if (tokens) sessionStorage.setItem(KEY, JSON.stringify(tokens));
      else sessionStorage.removeItem(KEY);
    } catch {
      // as above
    }
  }
}

const tokensOf = ({ access_token, refresh_token }) => ({ access_token, refresh_token });

/** For who is not signed in. */
export const post = (address, body) => ask("POST", address, body, null);

const headersOf = (signed) => ({
  ...(signed?.access_token && { authorization: `Bearer ${signed.access_token}` }),
  ...(signed?.organization && { "x-organization-id": signed.organization }),
});

async function ask(method, address, body, signed) {
  const headers = headersOf(signed);
  if (body !== undefined) headers["content-type"] = "application/json";
  const response = await reach(address, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return read(response.status, response.ok, await response.text());
}

async function reach(address, init) {
  try {
    return await fetch(address, init);
  } catch {
    throw new Refused(0, { message: "No connection. Please check that you are online, and try again." });
  }
}

function sendForm(address, form, signed, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of how far it is
    request.open("POST", address);
    for (const [name, value] of Object.entries(headersOf(signed))) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onerror = () =>
      reject(new Refused(0, { message: "The connection broke off. Please try again." }));
    request.onload = () => {
      try {
        resolve(read(request.status, request.status < 300, request.responseText));
      } catch (error) {
        reject(error);
      }
    };
    request.send(form);
  });
}

function read(status, ok, text) {
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    // some proxy's page: said below
  }
  if (!ok) throw new Refused(status, answer?.error);
  return answer;
}
