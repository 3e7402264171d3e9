// Makes dist/: the command line and its worker threads as JavaScript, with every wasm file beside them.
// What a source file names by `new URL("./x.ts", import.meta.url)` becomes an entry of its own, "./x.wasm" an asset.
import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "dist");
const entries = new Map([["quintet", join(root, "apps/cli/src/main.ts")]]);
const assets = new Map();

/** Rewrites `new URL("./some/where/name.ext", import.meta.url)` to the flat layout of dist. */
const flatten = {
  name: "flatten",
  setup({ onLoad }) {
    onLoad({ filter: /packages[\\/][^\\/]+[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const contents = text.replace(/new URL\(\s*["']([^"']+\.(ts|wasm))["'],\s*import\.meta\.url,?\s*\)/g, (_, target, kind) => {
        const file = join(dirname(path), target);
        const name = basename(target, `.${kind}`);
        if (kind === "ts") entries.set(name, file);
        else assets.set(basename(target), file);
        return `new URL("./${name}.${kind === "ts" ? "js" : "wasm"}", import.meta.url)`;
      });
      return { contents, loader: "ts" };
    });
  },
};

await rm(out, { recursive: true, force: true });
await mkdir(join(out, "pipelines"), { recursive: true });
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
    banner: { js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);' },
  });
}

const elastix = join(root, "node_modules/@itk-wasm/elastix/dist/pipelines");
for (const name of ["elastix.js", "elastix.wasm", "transformix.js", "transformix.wasm"]) await copyFile(join(elastix, name), join(out, "pipelines", name)).catch(() => {});
await copyFile(join(root, "node_modules/@niivue/dcm2niix/dist/dcm2niix.jpeg.wasm"), join(out, "dcm2niix.jpeg.wasm"));
for (const [name, file] of assets) await copyFile(file, join(out, name)).catch((error) => console.error(`missing asset ${relative(root, file)}: ${error.message}`));
