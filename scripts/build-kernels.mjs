// Compiles every packages/kernels/src/**/*.as.ts to a .wasm beside it (skipped when the .wasm is newer).
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kernels = join(root, "packages", "kernels", "src");

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith(".as.ts") ? [path] : [];
  });
}

const compiler = join(dirname(createRequire(import.meta.url).resolve("assemblyscript/package.json")), "bin", "asc.js");
for (const source of existsSync(kernels) ? sources(kernels) : []) {
  const target = source.replace(/\.as\.ts$/, ".wasm");
  if (existsSync(target) && statSync(target).mtimeMs >= statSync(source).mtimeMs) continue;
  const flags = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd"];
  const done = spawnSync(process.execPath, [compiler, source, "-o", target, ...flags], { stdio: "inherit", cwd: root });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
