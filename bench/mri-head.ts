/**
 * One T1 (ch2, 1 mm) to five tissues, surfaces, template and volumes, as `quintet mri head` does it: seconds and memory.
 *
 *   npm run bench -- mri-head [--runs 5] [--warp 2mm|1mm] [--threads 2]
 *
 * Every run is a process of its own with an empty store, so that its peak memory is its own; lines give seconds, processor
 * seconds of all threads, and the largest peak in MB. Before a time is printed the result is compared with ch2bet: the
 * error is 1 - Dice of the brain. The normalisation alone stands beside elastix in `npm run study -- template`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readVolume } from "@quintet/io/node";
import { runHead } from "@quintet/pipeline";
import { median, printLine } from "../testing/bench-line.ts";
import { dataFolder } from "../testing/real-data.ts";

interface Once {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
  readonly error: number;
}

const image = join(dataFolder, "mri/mricron/ch2.nii.gz");

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: "string", default: "5" },
      warp: { type: "string" },
      threads: { type: "string", default: "2" },
      once: { type: "string" },
    },
  });
  const threads = Number(values.threads);
  if (values.once !== undefined) {
    console.log(JSON.stringify(await once(values.once, threads)));
    return;
  }
  for (const warp of values.warp === undefined ? ["2mm", "1mm"] : [values.warp]) {
    const runs = Array.from({ length: Number(values.runs) }, () => inProcess(warp, threads));
    const error = Math.max(...runs.map((run) => run.error));
    const rest = { bench: "mri-head", peer: null, peer_name: null, ratio: null, error, threads };
    const of = (read: (run: Once) => number): number => Number(median(runs.map(read)).toPrecision(4));
    const name = `T1 to head, ${warp} warp; error: 1 - Dice of the brain`;
    printLine({ ...rest, case: name, ours: of((r) => r.seconds), unit: "s" });
    printLine({ ...rest, case: `${name}; all threads`, ours: of((r) => r.processorSeconds), unit: "processor s" });
    const peak = Math.max(...runs.map((run) => run.peakMegabytes));
    printLine({ ...rest, case: `${name}; peak memory`, ours: Math.round(peak), unit: "MB" });
  }
}

function inProcess(warp: string, threads: number): Once {
  const script = join(import.meta.dirname, "run.ts");
  const child = spawnSync(process.execPath, [script, "mri-head", "--once", warp, "--threads", `${threads}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.status !== 0) throw new Error(`the run ended with ${child.status}`);
  return JSON.parse(child.stdout) as Once;
}

async function once(warp: string, threads: number): Promise<Once> {
  const out = mkdtempSync(join(tmpdir(), "quintet-bench-"));
  try {
    const start = performance.now();
    const { failed } = await runHead(image, out, {
      template: join(dataFolder, "mri/mni152_09a"),
      resolution: warp === "1mm" ? 1 : 2,
      workers: threads,
    });
    const seconds = (performance.now() - start) / 1000;
    if (failed.length > 0) throw new Error(failed.map(({ step, why }) => `${step}: ${why}`).join("; "));
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const error = await brainError(join(out, "ch2_desc-brain_mask.nii.gz"));
    return { seconds, processorSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMegabytes: maxRSS / 1024, error };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

async function brainError(mask: string): Promise<number> {
  const [ours, theirs] = await Promise.all([
    readVolume(mask),
    readVolume(join(dataFolder, "mri/mricron/ch2bet.nii.gz")),
  ]);
  let [both, sum] = [0, 0];
  for (const [i, value] of ours.data.entries()) {
    const [p, q] = [value > 0, (theirs.data[i] as number) > 0];
    both += Number(p && q);
    sum += Number(p) + Number(q);
  }
  return Number((1 - (2 * both) / sum).toFixed(4));
}
