/** The built page, read once and served from memory: no request ever reaches the disk by its name. */
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";

export interface PageFile {
  readonly bytes: Uint8Array;
  readonly type: string;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
  ".txt": "text/plain; charset=utf-8",
};

/** Shown when the page was not built. */
const bare = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Quintet</title>
<h1>The page is not built</h1><p>In the repository: <code>node scripts/build-web.mjs</code>. The server itself runs.</p></html>`;

/** @param folder holds index.html; without one a page that says so */
export async function readPage(folder: string | undefined): Promise<ReadonlyMap<string, PageFile>> {
  const files = new Map<string, PageFile>();
  if (folder !== undefined) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (!entry.isFile() || entry.name.endsWith(".map")) continue;
      const path = join(entry.parentPath, entry.name);
      const type = types[extname(entry.name)] ?? "application/octet-stream";
      files.set(`/${relative(folder, path).replaceAll(sep, "/")}`, { bytes: await readFile(path), type });
    }
  }
  const index = files.get("/index.html") ?? { bytes: new TextEncoder().encode(bare), type: types[".html"] as string };
  return new Map([...files, ["/", index]]);
}
