/** The law of docs/conventions.md: who may import whom, where node: may stand, how long a file may be. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { expect, test } from "vitest";

const mayImport: Record<string, readonly string[]> = {
  core: [],
  kernels: ["core"],
  io: ["core"],
  modalities: ["core", "kernels"],
  fusion: ["core", "kernels"],
  view: ["core", "kernels"],
  twin: ["core", "kernels", "modalities", "fusion"],
  live: ["core", "io", "fusion"],
  // The pipeline starts the kernels in its worker threads; its own arithmetic is theirs.
  pipeline: ["core", "io", "kernels", "modalities", "fusion", "twin", "view"],
};
/** An app starts no other, but for the command line: it opens the workstation's server. */
const mayStart: Record<string, readonly string[]> = { cli: ["server"] };
const wings = ["pet", "spect", "mri", "fnirs", "eeg"];
const mayUseNode = [/^packages\/(io\/src\/node|live|pipeline)\//, /^packages\/kernels\/src\/pool\/node/, /^apps\//];

const files = globSync("{packages,apps}/*/{src,bin}/**/*.{ts,tsx,js}").filter((f) => !/node_modules|\.as\.ts$/.test(f));
// Tests may import anything; they ship to nobody.
const sources = files
  .filter((f) => !f.endsWith(".test.ts"))
  .map((path) => ({ path, text: readFileSync(path, "utf8") }));
/** What a file loads: by `from`, by `import()`, and as `new URL(..., import.meta.url)`, which is how workers start. */
const imports = (text: string): string[] =>
  [...text.matchAll(/(?:\bfrom|\bimport|new URL)\s*\(?\s*["']([^"'\n]+)["']/g)].map((m) => m[1] as string);
const wingOf = (path: string): string | undefined =>
  wings.find((wing) => path.startsWith(`packages/modalities/src/${wing}/`));

/** The npm packages that each package.json declares. */
const declared = new Map<string, readonly string[]>(
  globSync("{packages,apps}/*/package.json").map((path) => [
    dirname(path),
    Object.keys(JSON.parse(readFileSync(path, "utf8")).dependencies ?? {}),
  ]),
);

/** What breaks the law in one file. */
function faultsOf({ path, text }: { readonly path: string; readonly text: string }): string[] {
  const [top, home = ""] = path.split("/");
  const found: string[] = [];
  for (const target of imports(text)) {
    const owner = target.match(/^@quintet\/([^/]+)/)?.[1];
    if (top === "packages" && owner && !mayImport[home]?.includes(owner)) found.push(`${path} imports ${target}`);
    if (top === "apps" && owner && !(owner in mayImport) && !mayStart[home]?.includes(owner))
      found.push(`${path} imports the app ${target}`);
    if (target.startsWith("node:") && !mayUseNode.some((rule) => rule.test(path))) found.push(`${path} uses ${target}`);
    const npm = target.match(/^(?:@[a-z][\w.-]*\/)?[a-z][\w.-]*/)?.[0];
    const given = declared.get(`${top}/${home}`);
    if (npm && given && !/^node:|^@quintet\//.test(target) && !given.includes(npm))
      found.push(`${path} imports ${target}, which its package.json does not declare`);
    if (target.startsWith(".")) {
      // A path from folder to folder names no package, so the table above would never see it.
      const landing = join(dirname(path), target);
      const own = landing.startsWith(`${top}/${home}/`) || landing.startsWith("node_modules/");
      if (!own) found.push(`${path} leaves its package by path: ${target}`);
      // A wing knows no other wing, and what lies beside the wings belongs to none of them.
      if (wingOf(path) && wingOf(landing) !== wingOf(path)) found.push(`${path} reaches out of its wing: ${target}`);
    }
    if (path.endsWith(".ref.ts") && !/^@quintet\/core$|^\.\//.test(target))
      found.push(`${path}: a reference may import core and its own folder only, not ${target}`);
  }
  const lines = text.split("\n").length - 1;
  if (lines > 400) found.push(`${path} has ${lines} lines, at most 400`);
  return found;
}

test("packages import only what the law allows, node: stays outside pure packages, no file is over 400 lines", () => {
  expect(sources.length).toBeGreaterThan(10);
  expect(sources.flatMap(faultsOf)).toEqual([]);
});

test.each([
  ["a package outside the table", "packages/core/src/a.ts", 'import { x } from "@quintet/kernels";'],
  ["another package by path", "packages/fusion/src/fuse/a.ts", 'import { x } from "../../../io/src/index.ts";'],
  ["the root by path", "packages/io/src/a.ts", 'export { x } from "../../../testing/mutate.ts";'],
  ["a worker of another package", "packages/view/src/a.ts", 'new URL("../../io/src/b.ts", import.meta.url)'],
  ["another wing by path", "packages/modalities/src/pet/quantify/a.ts", 'import "../../spect/correct.ts";'],
  ["another wing by its door", "packages/modalities/src/pet/a.ts", 'import { x } from "@quintet/modalities/mri";'],
  ["node: in a pure package", "packages/kernels/src/fft/a.ts", 'await import("node:fs")'],
  ["a package that hoisting alone provides", "packages/view/src/a.ts", 'import FFT from "fft.js";'],
  ["another app", "apps/web/src/a.ts", 'import { x } from "@quintet/cli";'],
  ["a server that starts the command line", "apps/server/src/a.ts", 'import { x } from "@quintet/cli";'],
  ["a reference that leans on the fast kernel's neighbours", "packages/kernels/src/a/a.ref.ts", 'import "../b/b.ts";'],
  ["a long file", "packages/io/src/a.ts", "\n".repeat(401)],
])("the law catches %s", (_, path, text) => {
  expect(faultsOf({ path, text })).toHaveLength(1);
});
