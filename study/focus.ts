/**
 * Does the whole pipeline name a focus that is there, at its side and place, and none where none is?
 *
 *   npm run study -- focus [--seeds 1-10] [--healthy 101-110] [--folder F]
 *
 * Each seed is a person of its own written as BIDS, run through every step with the code-made template; odd seeds have
 * the focus on the left, even ones on the right; lobe, volume (2-8 mL) and increase (+30 to +80 %) are drawn. The truth
 * lies outside the data set. Finished seeds are taken from the folder, so a stopped study goes on.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runStudy, writePhantomStudy } from "../packages/pipeline/src/index.ts";
import { wilson } from "../testing/binomial.ts";

interface Row {
  readonly study: "focus";
  readonly seed: number;
  readonly truth: {
    readonly side: string;
    readonly lobe: string;
    readonly region: string;
    readonly mL: number;
    readonly increase: number;
  } | null;
  readonly named: { readonly side: string; readonly region: string } | null;
  /** Distance of the named centre from the truth, mm. */
  readonly distance: number | null;
  readonly seconds: number;
}

/** Farther off is a miss. */
const tolerance = 8;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string", default: "1-10" },
      healthy: { type: "string", default: "101-110" },
      folder: { type: "string", default: join(tmpdir(), "quintet-study-focus") },
    },
  });
  await mkdir(values.folder, { recursive: true });
  const rows: Row[] = [];
  for (const [list, focus] of [
    [values.seeds, true],
    [values.healthy, false],
  ] as const) {
    for (const seed of numbers(list)) {
      const row = await one(values.folder, seed, focus);
      rows.push(row);
      console.log(JSON.stringify(row));
    }
  }
  const ill = rows.filter(({ truth }) => truth);
  const well = rows.filter(({ truth }) => !truth);
  const found = ill.filter(
    ({ truth, named, distance }) => named && named.side === truth?.side && (distance ?? 99) <= tolerance,
  ).length;
  const quiet = well.filter(({ named }) => !named).length;
  if (ill.length > 0) summary("focus named, right side, within 8 mm", found, ill.length);
  if (well.length > 0) summary("no focus, none named", quiet, well.length);
}

function summary(what: string, hits: number, n: number): void {
  console.log(JSON.stringify({ study: "focus", what, hits, n, share: hits / n, interval95: wilson(hits, n) }));
}

function numbers(list: string): number[] {
  return list
    .split(",")
    .filter(Boolean)
    .flatMap((part) => {
      const [from, to = from] = part.split("-").map(Number) as [number, number?];
      return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    });
}

async function one(folder: string, seed: number, focus: boolean): Promise<Row> {
  const done = join(folder, `${focus ? "focus" : "healthy"}-${seed}.json`);
  if (existsSync(done)) return JSON.parse(await readFile(done, "utf8")) as Row;
  const work = join(folder, `seed-${seed}`);
  await rm(work, { recursive: true, force: true });
  const start = performance.now();
  const { truth } = await writePhantomStudy(join(work, "study"), {
    seed,
    focus: focus ? { side: seed % 2 ? "left" : "right" } : false,
    truth: join(work, "truth"),
  });
  const [outcome] = await runStudy({ root: join(work, "study"), out: join(work, "derivatives"), template: "phantom" });
  const at = outcome?.finding?.position;
  const there = truth.focus?.centre;
  const row: Row = {
    study: "focus",
    seed,
    truth: truth.focus && {
      side: truth.focus.side,
      lobe: truth.focus.lobe,
      region: truth.focus.region,
      mL: round(truth.focus.volume),
      increase: round(truth.focus.increase),
    },
    named: outcome?.finding ? { side: outcome.finding.side, region: outcome.finding.region } : null,
    distance: at && there ? round(Math.hypot(at[0] - there[0], at[1] - there[1], at[2] - there[2])) : null,
    seconds: round((performance.now() - start) / 1000),
  };
  await writeFile(done, JSON.stringify(row));
  await rm(work, { recursive: true, force: true });
  return row;
}

function round(x: number): number {
  return Number(x.toFixed(2));
}
