import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { DataError } from "@quintet/core";
import { type WebSocket, WebSocketServer } from "ws";
import { loopback } from "../lsl/interfaces.ts";
import type { ResolveOptions } from "../lsl/resolver.ts";
import { bridgePage } from "./page.ts";
import { openSession } from "./session.ts";

export interface BridgeOptions extends Pick<ResolveOptions, "interfaces" | "knownPeers"> {
  /** Port of the page; any free one unless given. */
  readonly port?: number;
  /** Folder that recordings go to; without it a page cannot record. */
  readonly recordings?: string;
}

export interface Bridge extends AsyncDisposable {
  /** The page, token included. */
  readonly address: string;
  readonly port: number;
  readonly token: string;
  readonly close: () => Promise<void>;
}

/** Pages at a time. */
const mostPages = 16;
/** Bytes of one command. */
const longestCommand = 65_536;

/**
 * Live streams for a browser on this machine: a page and a WebSocket on 127.0.0.1, both behind a token that only the
 * address given here holds. A page of another origin is refused, also when it knows the port.
 *
 * @throws DataError `cannot-listen`
 */
export async function openBridge(options: BridgeOptions = {}): Promise<Bridge> {
  const { interfaces = loopback, port: wanted = 0, recordings } = options;
  const token = randomBytes(24).toString("base64url");
  const server = createServer((request, response) => {
    const good = request.method === "GET" && pathOf(request) === "/" && knows(request, token);
    response.writeHead(good ? 200 : 403, {
      "content-type": good ? "text/html; charset=utf-8" : "text/plain; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
    response.end(good ? bridgePage : "The address needs its token: open the one that quintet printed.\n");
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestCommand });
  server.on("upgrade", (request, socket, head) => {
    const { port } = server.address() as { readonly port: number };
    const own = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
    const from = request.headers.origin;
    const good =
      pathOf(request) === "/socket" &&
      knows(request, token) &&
      (from === undefined || own.includes(from)) &&
      sockets.clients.size < mostPages;
    if (!good) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (page: WebSocket) => {
      const peers = options.knownPeers === undefined ? {} : { knownPeers: options.knownPeers };
      openSession(page, { interfaces, ...peers, ...(recordings === undefined ? {} : { recordings }) });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new DataError("cannot-listen", `port ${wanted} cannot be opened`, { cause })),
    );
    server.listen(wanted, "127.0.0.1", resolve);
  });
  const { port } = server.address() as { readonly port: number };
  const close = async (): Promise<void> => {
    for (const page of sockets.clients) page.terminate();
    await new Promise((done) => server.close(done));
  };
  return {
    port,
    token,
    address: `http://127.0.0.1:${port}/?token=${token}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

const urlOf = (request: IncomingMessage): URL => new URL(request.url ?? "/", "http://127.0.0.1");

function pathOf(request: IncomingMessage): string {
  try {
    return urlOf(request).pathname;
  } catch {
    return "";
  }
}

/** Compared in constant time. */
function knows(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(urlOf(request).searchParams.get("token") ?? "");
  const own = Buffer.from(token);
  return given.length === own.length && timingSafeEqual(given, own);
}
