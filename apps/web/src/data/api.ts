/** Requests to the page's own server and to nothing else; its cookie, set when the page was opened, goes with each. */

/** What the server refused, or that it did not answer ("server-gone"). */
export class ServerError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const listeners = new Set<(gone: boolean) => void>();
let gone = false;

/** Told when the server stops answering, and when it answers again. */
export function onServer(listener: (gone: boolean) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function reachable(value: boolean): void {
  if (gone === !value) return;
  gone = !value;
  for (const listener of listeners) listener(gone);
}

/** @throws Error for an address of another origin: a scene names ids of its own server only */
function ownAddress(address: string): URL {
  const url = new URL(address, location.origin);
  if (url.origin !== location.origin) throw new Error(`${address} is not on this server`);
  return url;
}

export async function request(address: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(ownAddress(address), { ...init, credentials: "same-origin" });
  } catch (fault) {
    if (init.signal?.aborted) throw fault;
    reachable(false);
    throw new ServerError("server-gone", "the server does not answer", 0);
  }
  reachable(true);
  if (!response.ok) {
    const said = (await response.json().catch(() => ({}))) as { error?: string; code?: string };
    throw new ServerError(said.code ?? "refused", said.error ?? response.statusText, response.status);
  }
  return response;
}

export async function getJson<T>(address: string, init?: RequestInit): Promise<T> {
  return (await (await request(address, init)).json()) as T;
}

export async function sendJson<T>(address: string, method: "PUT" | "POST", body: unknown): Promise<T> {
  const init = { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return (await (await request(address, init)).json()) as T;
}

export function openSocket(address: string): WebSocket {
  const url = ownAddress(address);
  url.protocol = "ws:";
  return new WebSocket(url);
}
