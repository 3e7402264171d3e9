/** The workstation's server: HTTP and WebSocket on 127.0.0.1, every request and socket behind one token. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { DataError } from "@quintet/core";
import { openSession, type SessionOptions } from "@quintet/live";
import type { Station } from "@quintet/pipeline";
import { type WebSocket, WebSocketServer } from "ws";
import { sendBytes, sendRefusal, setCommonHeaders } from "./answer.ts";
import { type Guard, openGuard } from "./guard.ts";
import { readPage } from "./page-files.ts";
import { type Route, stationRoutes } from "./routes.ts";
import { openRunDesk, type RunCommand } from "./runs.ts";

export interface ServerOptions {
  readonly station: Station;
  /** Any free one unless given. */
  readonly port?: number;
  /** Folder of the built page. */
  readonly page?: string;
  /** How a run of the study is started; without it the page starts none. */
  readonly run?: RunCommand;
  /** Live streams for the page; without it there are none. */
  readonly live?: SessionOptions;
}

export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  readonly token: string;
  /** The page, token included. */
  readonly address: string;
  /** An address that opens the page once, for a browser's command line. */
  once(): string;
}

/** Pages with a socket at a time, and bytes of what one of them wishes. */
const mostSockets = 32;
const longestWish = 65_536;

/** @throws DataError `cannot-listen` */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { station, port: wanted = 0, page, live } = options;
  const files = await readPage(page);
  const routes = stationRoutes(station);
  const runs = openRunDesk(options.run);
  const lines: Readonly<Record<string, (page: WebSocket) => void>> = {
    "/api/runs": (line) => runs.attend(line),
    ...(live ? { "/api/live": (line: WebSocket) => openSession(line, live) } : {}),
  };
  let guard: Guard | undefined;
  const server = createServer((request, response) => {
    setCommonHeaders(response);
    void answer(request, response).catch((error: unknown) => sendRefusal(request, response, error));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "GET", headers } = request;
    const url = urlOf(request);
    guard?.check({ method, url, headers });
    const reads = method === "GET" || method === "HEAD";
    const file = reads ? files.get(url.pathname) : undefined;
    if (file) {
      if (url.pathname === "/" && guard) response.setHeader("set-cookie", guard.cookie);
      sendBytes(request, response, file.bytes, file.type);
      return;
    }
    const [name = "", id = "", ...more] = wordsOf(url.pathname, "/api/");
    const route: Route | undefined =
      more.length > 0 ? undefined : own(routes, `${method === "HEAD" ? "GET" : method} ${name}`);
    if (route) return route({ request, response, id, query: url.searchParams });
    const known = Object.keys(routes).some((key) => key.endsWith(` ${name}`));
    if (known && more.length === 0) throw new DataError("method-not-allowed", `${method} is not how this is asked`);
    throw new DataError("unknown-address", "there is nothing here");
  }

  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestWish });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    try {
      const url = urlOf(request);
      guard?.check({ method: request.method ?? "GET", url, headers: request.headers }, true);
      const attend = own(lines, url.pathname);
      if (!attend || sockets.clients.size >= mostSockets)
        throw new DataError("unknown-address", "no socket is opened here");
      sockets.handleUpgrade(request, socket, head, (line) => {
        line.on("error", () => line.terminate());
        attend(line);
      });
    } catch (error) {
      const status = error instanceof DataError && error.code === "unknown-address" ? "404 Not Found" : "403 Forbidden";
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new DataError("cannot-listen", `port ${wanted} cannot be opened`, { cause })),
    );
    server.listen(wanted, "127.0.0.1", resolve);
  });
  const { port } = server.address() as { readonly port: number };
  const opened = openGuard(port);
  guard = opened;
  return {
    port,
    token: opened.token,
    address: `http://127.0.0.1:${port}/?token=${opened.token}`,
    once: () => opened.once(),
    async [Symbol.asyncDispose]() {
      for (const line of sockets.clients) line.terminate();
      await runs[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** @throws DataError `bad-request` */
function urlOf({ url = "/" }: IncomingMessage): URL {
  try {
    return new URL(url, "http://127.0.0.1");
  } catch (cause) {
    throw new DataError("bad-request", "the address cannot be read", { cause });
  }
}

/** Decoded words of a path below `prefix`; none for another path. @throws DataError `bad-request` */
function wordsOf(path: string, prefix: string): readonly string[] {
  if (!path.startsWith(prefix)) return [];
  try {
    return path.slice(prefix.length).split("/").map(decodeURIComponent);
  } catch (cause) {
    throw new DataError("bad-request", "the address is not well encoded", { cause });
  }
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
