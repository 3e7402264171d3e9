/** Answers: headers that keep everything on this machine, byte ranges, and refusals as JSON. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { DataError } from "@quintet/core";

/** No script, style, picture or connection but the page's own; nobody may frame it. */
const pagePolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; worker-src 'self' blob:; media-src 'self' blob:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** The report carries its own style and script inside; the sandbox gives it an origin of its own, so it can ask nothing here. */
export const reportPolicy =
  "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

export function setCommonHeaders(response: ServerResponse): void {
  response.setHeader("content-security-policy", pagePolicy);
  response.setHeader("cache-control", "no-store");
  response.setHeader("referrer-policy", "no-referrer");
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("cross-origin-resource-policy", "same-origin");
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(value));
}

/** Whole, or the one range that is asked for; several ranges at once are answered whole, as RFC 9110 allows. */
export function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  type = "application/octet-stream",
): void {
  response.setHeader("content-type", type);
  response.setHeader("accept-ranges", "bytes");
  const range = rangeOf(request.headers.range, bytes.byteLength);
  if (range === "unsatisfiable") {
    response.writeHead(416, { "content-range": `bytes */${bytes.byteLength}` });
    response.end();
    return;
  }
  const [first, end] = range ?? [0, bytes.byteLength];
  response.setHeader("content-length", end - first);
  if (range) response.writeHead(206, { "content-range": `bytes ${first}-${end - 1}/${bytes.byteLength}` });
  else response.writeHead(200);
  response.end(request.method === "HEAD" ? undefined : bytes.subarray(first, end));
}

function rangeOf(header: string | undefined, size: number): readonly [number, number] | "unsatisfiable" | undefined {
  const [, from = "", to = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  if (from === "") return Number(to) === 0 || size === 0 ? "unsatisfiable" : [Math.max(0, size - Number(to)), size];
  const [first, end] = [Number(from), to === "" ? size : Math.min(size, Number(to) + 1)];
  if (to !== "" && Number(to) < first) return undefined;
  return first < size ? [first, end] : "unsatisfiable";
}

const statuses: Readonly<Record<string, number>> = {
  "no-token": 403,
  "foreign-host": 403,
  "foreign-origin": 403,
  "outside-study": 403,
  "unknown-address": 404,
  "unknown-id": 404,
  "no-such-participant": 404,
  "not-found": 404,
  "method-not-allowed": 405,
  "version-conflict": 409,
  "already-running": 409,
  gone: 410,
  "too-large": 413,
  "bad-request": 400,
};

/** What went wrong, without a stack; a fault of our own is told on the terminal too. */
export function sendRefusal(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // A body that nobody will read ends with the connection.
  if (!request.complete) response.setHeader("connection", "close");
  if (error instanceof DataError) {
    sendJson(response, { error: error.message, code: error.code }, statuses[error.code] ?? 422);
    return;
  }
  console.error(error);
  sendJson(response, { error: error instanceof Error ? error.message : String(error), code: "fault" }, 500);
}

/** @throws DataError `too-large`, `bad-request` when the connection breaks off */
export async function bodyOf(request: IncomingMessage, mostBytes: number): Promise<Uint8Array> {
  const refused = new DataError("too-large", "more than this server takes at once", {
    expected: `at most ${mostBytes} bytes`,
  });
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) throw refused;
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of request as AsyncIterable<Uint8Array>) {
      length += part.length;
      if (length > mostBytes) throw refused;
      parts.push(part);
    }
  } catch (error) {
    if (error === refused) throw error;
    throw new DataError("bad-request", "the request broke off", { cause: error });
  }
  return Buffer.concat(parts);
}

/** @throws DataError `bad-request`, `too-large` */
export async function jsonOf(
  request: IncomingMessage,
  mostBytes: number = 2 ** 20,
): Promise<Readonly<Record<string, unknown>>> {
  const text = new TextDecoder().decode(await bodyOf(request, mostBytes));
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below: what is no JSON at all and what is no object are refused alike.
  }
  throw new DataError("bad-request", "the body must be a JSON object");
}
