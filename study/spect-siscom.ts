/**
 * SISCOM on simulated scans of phantom heads: plain, with motion taken out, and against test-retest normals.
 *
 *   npm run study -- spect-siscom --work FOLDER [--seconds 280] [--counts 5] [--null 24] [--sites 10] [--regional] [--only TEXT] [--partly]
 *
 * Every scan is projected through the camera of testing/spect-scan.ts with Poisson noise and reconstructed; ictal and interictal
 * differ in pose (up to 20 mm and 20 degrees), counts (0.8 to 1.25 of --counts) and physiology. Work is kept in FOLDER, a file a head
 * or pair, and goes on from there; several processes may work on it; after --seconds it stops. When all is there (or with --partly)
 * one JSON line per method and cell is printed, with 95 % intervals. --regional adds pairs, normals too, in which the flow of some regions
 * differs more from scan to scan (siscom-scans.ts), at the first of --counts.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { deserialize, serialize } from "node:v8";
import type { Volume } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import type { TestRetestNorms } from "@quintet/modalities/spect";
import { type Condition, conditionsOf } from "../testing/siscom-conditions.ts";
import { type StudyHead, studyHead } from "../testing/siscom-heads.ts";
import { differenceOf, found, normsOf, type PairRecord } from "../testing/siscom-methods.ts";
import { reconstructedResolution, type ScannedPair, scanPair } from "../testing/siscom-scans.ts";
import { siscomTable } from "../testing/siscom-table.ts";

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      work: { type: "string" },
      seconds: { type: "string", default: "280" },
      counts: { type: "string", default: "5" },
      null: { type: "string", default: "24" },
      normals: { type: "string", default: "15" },
      sites: { type: "string", default: "10" },
      only: { type: "string" },
      regional: { type: "boolean", default: false },
      partly: { type: "boolean", default: false },
    },
  });
  if (values.work === undefined) throw new Error("--work FOLDER is needed: what is done is kept there");
  const [folder, until] = [values.work, performance.now() + 1000 * Number(values.seconds)];
  mkdirSync(folder, { recursive: true });
  await loadKernels({ threads: 1 });
  const kept = async <T>(name: string, make: () => Promise<T>): Promise<T> => {
    const path = join(folder, name);
    if (existsSync(path)) return deserialize(readFileSync(path)) as T;
    const value = await make();
    writeFileSync(`${path}.${process.pid}`, serialize(value));
    renameSync(`${path}.${process.pid}`, path);
    return value;
  };
  const conditions = conditionsOf({
    counts: values.counts.split(",").map(Number),
    nulls: Number(values.null),
    normals: Number(values.normals),
    sites: Number(values.sites),
    regional: values.regional,
  }).filter(({ kind, name }) => kind === "normal" || values.only === undefined || name.includes(values.only));
  /** Makes what is not there before the time is up; whether all of it is (others may work on the rest). */
  const all = async <T>(names: readonly string[], make: (at: number) => Promise<T>): Promise<boolean> => {
    for (const [at, name] of names.entries()) {
      const path = join(folder, name);
      if (existsSync(path) || performance.now() > until || !claimed(path)) continue;
      await kept(name, () => make(at));
      rmSync(`${path}.claim`, { force: true });
    }
    const left = names.filter((name) => !existsSync(join(folder, name))).length;
    if (left > 0) console.log(JSON.stringify({ study: "spect-siscom", left, of: names[0]?.split("-")[0] }));
    return left === 0;
  };
  const seeds = [...new Set(conditions.map(({ head }) => head))];
  const headOf = (seed: number): Promise<StudyHead> => kept(`head-${seed}`, () => studyHead(seed));
  const scan = (one: Condition): Promise<ScannedPair> => kept(`pair-${one.name}`, () => scanPair(one, kept));
  const heads = seeds.map((seed) => `head-${seed}`);
  if (!(await all(heads, (at) => studyHead(seeds[at] as number)))) return;
  const pairs = conditions.map(({ name }) => `pair-${name}`);
  if (!(await all(pairs, (at) => scanPair(conditions[at] as Condition, kept)))) return;
  const normsAt = ({ counts, state }: Condition): Promise<TestRetestNorms> =>
    kept(`norms-${counts}-${state}`, async () => {
      const differences: Volume<"1">[] = [];
      for (const one of conditions)
        if (one.kind === "normal" && one.counts === counts && one.state === state)
          differences.push(differenceOf(await scan(one), await headOf(one.head)));
      return normsOf(differences);
    });
  const patients = conditions.filter(({ kind }) => kind !== "normal");
  const results = patients.map(({ name }) => `found-${name}`);
  const complete = await all(results, async (at) => {
    const one = patients[at] as Condition;
    return found(await scan(one), await headOf(one.head), await normsAt(one));
  });
  if (!complete && !values.partly) return;
  const records: PairRecord[] = [];
  for (const name of results)
    if (existsSync(join(folder, name))) records.push(deserialize(readFileSync(join(folder, name))) as PairRecord);
  const [first] = patients;
  if (first)
    for (const { place, fwhm } of await kept("resolution", async () => reconstructedResolution(first.head)))
      console.log(JSON.stringify({ study: "spect-siscom", place, fwhm }));
  for (const level of new Set(patients.map(({ counts, state }) => `${counts}-${state}`))) {
    const { n, fwhm, priorDegrees, meanKept } = deserialize(
      readFileSync(join(folder, `norms-${level}`)),
    ) as TestRetestNorms;
    console.log(JSON.stringify({ study: "spect-siscom", norms: level, n, fwhm, priorDegrees, meanKept }));
  }
  for (const line of siscomTable(records)) console.log(JSON.stringify(line));
}

/** Seconds after which a claim is that of a process that was killed. */
const stale = 300;

/** Whether this process may work on it: several may run on one folder. */
function claimed(path: string): boolean {
  const mark = `${path}.claim`;
  if (existsSync(mark) && Date.now() - statSync(mark).mtimeMs > 1000 * stale) rmSync(mark, { force: true });
  try {
    writeFileSync(mark, `${process.pid}`, { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}
