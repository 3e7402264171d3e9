// Bundles the workstation's page: apps/web/src -> apps/web/dist (never committed), for browsers of 2023 and later.
// Skipped when dist is newer than every source it was made from.
import { existsSync, readdirSync, statSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "apps/web/dist");

export async function buildWeb(outdir = out) {
  await mkdir(outdir, { recursive: true });
  await build({
    entryPoints: {
      app: join(root, "apps/web/src/main.tsx"),
      "frame-worker": join(root, "apps/web/src/data/frame-worker.ts"),
      style: join(root, "apps/web/src/style.css"),
    },
    outdir,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    logLevel: "warning",
  });
  await copyFile(join(root, "apps/web/src/index.html"), join(outdir, "index.html"));
}

function stale() {
  const app = join(out, "app.js");
  if (!existsSync(app)) return true;
  const made = statSync(app).mtimeMs;
  return ["apps/web", "packages/view", "packages/core"].some((home) => {
    const folder = join(root, home, "src");
    return readdirSync(folder, { recursive: true }).some((path) => statSync(join(folder, path)).mtimeMs > made);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url) && stale()) await buildWeb();
