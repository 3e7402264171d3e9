// Compiles every packages/kernels/src/**/*.as.ts to a .wasm beside it (skipped when the .wasm is newer).
// A source may begin with `// build: threads relaxed`: `threads` gives it a memory shared between threads, brought along
// by who starts it; `relaxed` makes NAME.relaxed.wasm too, whose multiply-add is one instruction (constant RELAXED).
// A source that begins with `// part of` is imported by the one named after its folder and gives no .wasm of its own.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
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
const plain = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd"];
const shared = ["--enable", "threads", "--importMemory", "--sharedMemory", "--initialMemory", "1"];
/** 4 GiB, the most that 32-bit addresses reach. */
shared.push("--maximumMemory", "65536");

function compile(source, target, flags) {
  const folder = dirname(source);
  const parts = readdirSync(folder).flatMap((name) => (name.endsWith(".as.ts") ? [join(folder, name)] : []));
  const elsewhere = parts.flatMap((part) =>
    [...readFileSync(part, "utf8").matchAll(/from "(\.\.\/[^"]+)"/g)].map(([, path]) => join(folder, `${path}.ts`)),
  );
  const newest = Math.max(...[...parts, ...elsewhere].map((part) => statSync(part).mtimeMs));
  if (existsSync(target) && statSync(target).mtimeMs >= newest) return;
  const done = spawnSync(process.execPath, [compiler, source, "-o", target, ...plain, ...flags], {
    stdio: "inherit",
    cwd: root,
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

for (const source of existsSync(kernels) ? sources(kernels) : []) {
  const text = readFileSync(source, "utf8");
  if (text.startsWith("// part of")) continue;
  const wishes = text.match(/^\/\/ build: (.*)/)?.[1]?.split(" ") ?? [];
  const threads = wishes.includes("threads") ? shared : [];
  const relaxed = wishes.includes("relaxed");
  compile(source, source.replace(/\.as\.ts$/, ".wasm"), [...threads, ...(relaxed ? ["--use", "RELAXED=0"] : [])]);
  if (!relaxed) continue;
  const flags = [...threads, "--enable", "relaxed-simd", "--use", "RELAXED=1"];
  compile(source, source.replace(/\.as\.ts$/, ".relaxed.wasm"), flags);
}
