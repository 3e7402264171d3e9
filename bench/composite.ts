/**
 * The composite study of real recordings from files to report, and the second run over the stored results.
 *
 *   npm run bench -- composite [--runs 5]
 *
 * Needs the real recordings ($QUINTET_DATA or ../shared/data). No peer does the same job, so `peer` is null.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeRealStudy } from "../packages/pipeline/src/index.ts";
import { median, printLine } from "../testing/bench-line.ts";

interface Run {
  readonly seconds: number;
  readonly gigabytes: number;
  readonly failed: number;
  readonly errors: readonly { readonly name: string; readonly mean: number; readonly limit: number }[];
}

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "5" } } });
  const folder = mkdtempSync(join(tmpdir(), "quintet-bench-"));
  try {
    const root = join(folder, "study");
    const head = await writeRealStudy(root, { seed: 1 });
    const [first, second]: [Run[], Run[]] = [[], []];
    for (let i = 0; i < Number(values.runs); i++) {
      const out = join(folder, `derivatives-${i}`);
      first.push(run(root, out, head.template, head.atlas));
      second.push(run(root, out, head.template, head.atlas));
      rmSync(out, { recursive: true });
    }
    const worst = Math.max(...first.flatMap(({ errors }) => errors.map(({ mean, limit }) => mean / limit)));
    const line = (what: string, unit: string, of: readonly number[], error: number | null): void =>
      printLine({
        bench: "composite",
        case: what,
        ours: median(of),
        unit,
        peer: null,
        peer_name: null,
        ratio: null,
        error,
        threads: availableParallelism(),
      });
    line(
      "files to report; error: worst share of a registration limit",
      "s",
      first.map(({ seconds }) => seconds),
      worst,
    );
    line(
      "files to report, peak memory",
      "GB",
      first.map(({ gigabytes }) => gigabytes),
      null,
    );
    line(
      "second run",
      "s",
      second.map(({ seconds }) => seconds),
      null,
    );
    line(
      "second run, peak memory",
      "GB",
      second.map(({ gigabytes }) => gigabytes),
      null,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(root: string, out: string, template: string, atlas: string): Run {
  const script = fileURLToPath(new URL("./composite-run.ts", import.meta.url));
  const { stdout, status, stderr } = spawnSync(process.execPath, [script, root, out, template, atlas], {
    encoding: "utf8",
  });
  const last = stdout.trim().split("\n").at(-1) ?? "";
  if (status !== 0) throw new Error(`the run failed: ${stderr}`);
  const result = JSON.parse(last) as Run;
  if (result.failed > 0) throw new Error(`${result.failed} steps failed`);
  return result;
}
