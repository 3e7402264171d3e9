// Makes dist/: the command line and its worker threads as JavaScript, with every wasm file beside them.
// What a source file names by `new URL("./x.ts", import.meta.url)` becomes an entry of its own.
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "dist");
const entries = new Map([
  ["quintet", join(root, "apps/cli/src/main.ts")],
  ["dicom-worker", join(root, "packages/io/src/node/dicom-worker.ts")],
]);

/** Rewrites `new URL("./some/where/name.ts", import.meta.url)` to the flat layout of dist, and makes it an entry. */
const flatten = {
  name: "flatten",
  setup({ onLoad }) {
    onLoad({ filter: /packages[\\/][^\\/]+[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const contents = text.replace(/new URL\(\s*["']([^"']+)\.ts["'],\s*import\.meta\.url,?\s*\)/g, (_, target) => {
        const name = basename(target);
        entries.set(name, join(dirname(path), `${target}.ts`));
        return `new URL("./${name}.js", import.meta.url)`;
      });
      return { contents, loader: "ts" };
    });
  },
};

await rm(out, { recursive: true, force: true });
for (let known = 0; known < entries.size; ) {
  known = entries.size;
  await build({
    entryPoints: Object.fromEntries(entries),
    outdir: out,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    legalComments: "none",
    chunkNames: "[name]-[hash]",
    logLevel: "warning",
    plugins: [flatten],
    banner: {
      js: '#!/usr/bin/env node\nimport { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
}

async function copy(from, to) {
  await mkdir(dirname(join(out, to)), { recursive: true });
  await copyFile(join(root, from), join(out, to));
}

for (const name of ["elastix.js", "elastix.wasm.zst"])
  await copy(`node_modules/@itk-wasm/elastix/dist/pipelines/${name}`, `pipelines/${name}`);
for (const name of ["dcm2niix.jpeg.js", "dcm2niix.jpeg.wasm"])
  await copy(`node_modules/@niivue/dcm2niix/dist/${name}`, name);
for (const name of await readdir(join(root, "packages/kernels/src"))) {
  for (const form of [name, `${name}.relaxed`]) {
    const wasm = `packages/kernels/src/${name}/${form}.wasm`;
    if (existsSync(join(root, wasm))) await copy(wasm, `wasm/${form}.wasm`);
  }
}
// The workstation's page, as apps/web built it.
for (const name of ["index.html", "app.js", "frame-worker.js", "style.css"])
  await copy(`apps/web/dist/${name}`, `web/${name}`);
