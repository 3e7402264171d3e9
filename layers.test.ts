/** The law of docs/conventions.md: who may import whom, where node: may stand, how long a file may be. */
import { globSync, readFileSync } from "node:fs";
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
  pipeline: ["core", "io", "kernels", "modalities", "fusion", "twin", "view"],
};
const mayUseNode = [/^packages\/(io|live|pipeline)\//, /^packages\/kernels\/src\/pool\/node/, /^apps\//];

const files = globSync("{packages,apps}/*/{src,bin}/**/*.{ts,tsx,js}").filter((f) => !/node_modules|\.as\.ts$/.test(f));
const sources = files
  .filter((f) => !f.endsWith(".test.ts"))
  .map((path) => ({ path, text: readFileSync(path, "utf8") }));
const imports = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map((m) => m[1] as string);

const faults = sources.flatMap(({ path, text }) => {
  const [top, home = ""] = path.split("/");
  const wing = path.match(/^packages\/modalities\/src\/([^/]+)\//)?.[1];
  const found: string[] = [];
  for (const target of imports(text)) {
    const owner = target.match(/^@quintet\/([^/]+)/)?.[1];
    if (top === "packages" && owner && !mayImport[home]?.includes(owner)) found.push(`${path} imports ${target}`);
    if (top === "apps" && owner && !(owner in mayImport)) found.push(`${path} imports the app ${target}`);
    if (target.startsWith("node:") && !mayUseNode.some((rule) => rule.test(path))) found.push(`${path} uses ${target}`);
    if (
      wing &&
      /^\.\.\//.test(target) &&
      /^(pet|spect|mri|fnirs|eeg)\//.test(target.replaceAll("../", "")) &&
      !target.includes(`${wing}/`)
    )
      found.push(`${path} reaches into another wing: ${target}`);
    if (path.endsWith(".ref.ts") && !/^@quintet\/core$|^\.\//.test(target))
      found.push(`${path}: a reference may import core and its own folder only, not ${target}`);
  }
  const lines = text.split("\n").length - 1;
  if (lines > 400) found.push(`${path} has ${lines} lines, at most 400`);
  return found;
});

test("packages import only what the law allows, node: stays outside pure packages, no file is over 400 lines", () => {
  expect(sources.length).toBeGreaterThan(10);
  expect(faults).toEqual([]);
});
