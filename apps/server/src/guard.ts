/** Who may ask: only what was opened from this machine with the token, and only by the page's own origin. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { DataError } from "@quintet/core";

/** The header a program may send instead of the cookie. */
export const tokenHeader = "x-quintet-token";

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

export interface Guard {
  readonly token: string;
  /** `Set-Cookie` of a page that was opened with a good token. */
  readonly cookie: string;
  /** An address that opens the page once and within a minute: a browser's command line can be seen by others. */
  once(): string;
  /** @throws DataError `foreign-host`, `foreign-origin`, `no-token` */
  check(asked: Asked, socket?: boolean): void;
}

const minute = 60_000;

/** @param port the server's own: cookies do not part ports, so it stands in the cookie's name */
export function openGuard(port: number): Guard {
  const token = randomBytes(24).toString("base64url");
  const name = `quintet-${port}`;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const openings = new Map<string, number>();
  const opens = (code: string): boolean => {
    for (const [known, until] of openings) {
      if (!same(code, known)) continue;
      openings.delete(known);
      return performance.now() < until;
    }
    return false;
  };
  return {
    token,
    cookie: `${name}=${token}; HttpOnly; SameSite=Strict; Path=/`,
    once() {
      const code = randomBytes(24).toString("base64url");
      openings.set(code, performance.now() + minute);
      return `http://127.0.0.1:${port}/?once=${code}`;
    },
    check({ method, url, headers }, socket = false) {
      // A name that leads here from outside (DNS rebinding) is not ours.
      if (!hosts.includes(headers.host ?? "")) throw new DataError("foreign-host", "this server is 127.0.0.1 alone");
      const { origin } = headers;
      const own =
        origin !== undefined && hosts.includes(origin.replace(/^http:\/\//, "")) && origin.startsWith("http://");
      const isPage = method === "GET" && url.pathname === "/" && !socket;
      if (origin !== undefined && !own) throw new DataError("foreign-origin", "another page may not ask here");
      const site = headers["sec-fetch-site"];
      if (!isPage && site !== undefined && site !== "same-origin" && site !== "none")
        throw new DataError("foreign-origin", "another page may not ask here");
      const header = headers[tokenHeader];
      const byHeader = typeof header === "string" && same(header, token);
      const byCookie = cookiesOf(headers.cookie).some(([key, value]) => key === name && same(value, token));
      const asked = isPage || socket ? url.searchParams : undefined;
      const byAddress = same(asked?.get("token") ?? "", token) || (isPage && opens(asked?.get("once") ?? ""));
      const writes = method !== "GET" && method !== "HEAD";
      // A cookie comes along by itself: to write with it, the browser must also say which page asks.
      if (byHeader || byAddress || (byCookie && (!writes || own))) return;
      throw new DataError("no-token", "the address needs its token: open the one that quintet printed");
    },
  };
}

/** In constant time, whatever the lengths. */
function same(given: string, own: string): boolean {
  const [a, b] = [given, own].map((text) => createHash("sha256").update(text).digest()) as [Buffer, Buffer];
  return timingSafeEqual(a, b);
}

function cookiesOf(header: string | undefined): readonly (readonly [string, string])[] {
  return (header ?? "").split(";").flatMap((part) => {
    const at = part.indexOf("=");
    return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as const];
  });
}
