/**
 * A browser for the page's tests and benchmarks, looked for in this order: the path in QUINTET_BROWSER, Debian's chromium,
 * the one of the npm package @sparticuz/chromium. On a machine without libnss3, libnspr4 or libexpat that package's own
 * copies are unpacked and put on its library path. Graphics are drawn in software, so that figures are the same anywhere.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";

/** Not the package's own flags: those are made for a sandbox of another kind and switch web security off. */
const flags = [
  "--no-sandbox",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist",
  // As a browser does on a machine without graphics: WebGL is drawn in software, the page is not drawn through it.
  "--disable-gpu-compositing",
];
const debian = "/usr/bin/chromium";

export interface FoundBrowser extends AsyncDisposable {
  readonly browser: Browser;
  /** Which one it is, for the evidence. */
  readonly name: string;
}

type Candidate = { readonly name: string; launch(): Promise<Browser> };

const start = (executablePath: string, env?: Record<string, string>): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: flags,
    ...(env ? { env: { ...process.env, ...env } as Record<string, string> } : {}),
  });

async function packaged(): Promise<Browser> {
  const { default: own, inflate } = await import("@sparticuz/chromium");
  const path = await own.executablePath();
  try {
    return await start(path);
  } catch {
    const bin = join(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")), "..", "bin");
    await inflate(join(bin, "al2023.tar.br"));
    const libraries = join(tmpdir(), "al2023", "lib");
    return await start(path, { LD_LIBRARY_PATH: [libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":") });
  }
}

/** @throws Error naming the one command that installs a browser, and why each that was found did not start */
export async function openBrowser(): Promise<FoundBrowser> {
  const own = process.env.QUINTET_BROWSER;
  const candidates: readonly Candidate[] = [
    ...(own ? [{ name: own, launch: () => start(own) }] : []),
    ...(!own && existsSync(debian) ? [{ name: debian, launch: () => start(debian) }] : []),
    ...(own ? [] : [{ name: "@sparticuz/chromium", launch: packaged }]),
  ];
  const why: string[] = [];
  for (const { name, launch } of candidates) {
    try {
      const browser = await launch();
      return { browser, name: `${name} ${browser.version()}`, [Symbol.asyncDispose]: () => browser.close() };
    } catch (fault) {
      why.push(`${name}: ${fault instanceof Error ? fault.message.split("\n").slice(0, 3).join(" ") : fault}`);
    }
  }
  throw new Error(`no browser started; install one with: apt-get install chromium\n${why.join("\n")}`);
}
