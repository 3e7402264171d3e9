/**
 * SISCOM on simulated scans of phantom heads: plain, with motion taken out, and against test-retest normals.
 *
 *   npm run study -- spect-siscom --work FOLDER [--seconds 280] [--counts 5] [--null 24] [--sites 10] [--only TEXT] [--partly]
 *
 * Every scan is projected through the camera of testing/spect-scan.ts with Poisson noise and reconstructed; ictal and interictal
 * differ in pose (up to 20 mm and 20 degrees), counts (0.8 to 1.25 of --counts) and physiology. Work is kept in FOLDER, a file a head
 * or pair, and goes on from there; several processes may work on it; after --seconds it stops. When all is there (or with --partly)
 * one JSON line per method and cell is printed, with 95 % intervals.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { deserialize, serialize } from "node:v8";
import { loadKernels } from "@quintet/kernels/node";
import {
  type Condition,
  conditionsOf,
  type PairRecord,
  reconstructedResolution,
  simulateCondition,
} from "../testing/siscom-conditions.ts";
import { type StudyHead, studyHead } from "../testing/siscom-heads.ts";
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
  const headOf = (seed: number): Promise<StudyHead> => kept(`head-${seed}`, () => studyHead(seed));
  const conditions = conditionsOf({
    counts: values.counts.split(",").map(Number),
    nulls: Number(values.null),
    normals: Number(values.normals),
    sites: Number(values.sites),
  });
  const records: PairRecord[] = [];
  let left = 0;
  const wanted = (one: Condition): boolean => values.only === undefined || one.name.includes(values.only);
  for (const condition of conditions.filter(wanted)) {
    const path = join(folder, condition.name);
    if (!existsSync(path) && (performance.now() > until || !claimed(path))) left++;
    else {
      records.push(await kept(condition.name, () => simulateCondition(condition, { headOf, kept })));
      rmSync(`${path}.claim`, { force: true });
    }
  }
  if (left > 0) console.log(JSON.stringify({ study: "spect-siscom", left }));
  if (left === 0)
    for (const { place, fwhm } of await kept("resolution", async () => reconstructedResolution()))
      console.log(JSON.stringify({ study: "spect-siscom", place, fwhm }));
  if (left === 0 || values.partly) for (const line of siscomTable(records)) console.log(JSON.stringify(line));
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
