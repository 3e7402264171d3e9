/**
 * The EEG wing's arithmetic beside MNE-Python on the same numbers, on one thread and on two: there MNE-Python's `n_jobs` is 2
 * where a function has one. Tasks that use one thread only are run once.
 *
 *   npm run bench -- eeg [--runs 5] [--threads 1,2]
 *     [--only fir,notch,resample,welch,multitaper,tapers,morlet,infomax,edf,memory,gradient,gradient-whole,sphere,inverse]
 *
 * $QUINTET_PYTHON names a Python with MNE; without it ours run alone. Outputs are compared before any time is printed; a
 * difference beyond the task's tolerance ends the benchmark. Runs are interleaved; the peer's are timed by its own clock,
 * without its start and imports.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeEdf } from "../packages/io/src/index.ts";
import { readRecording } from "../packages/io/src/node/index.ts";
import { infomax } from "../packages/kernels/src/ica/infomax.ts";
import { whiten } from "../packages/kernels/src/ica/whiten.ts";
import {
  convolveFir,
  firDesign,
  morletPower,
  multitapers,
  resampleFourier,
  seededRandom,
  welchSpectra,
} from "../packages/kernels/src/index.ts";
import { loadKernels } from "../packages/kernels/src/pool/node.ts";
import { notch, removeGradientArtefact } from "../packages/modalities/src/eeg/index.ts";
import { median, printLine } from "../testing/bench-line.ts";
import { inScannerEeg } from "../testing/in-scanner-eeg.ts";
import { mneReadPeak, startMne } from "./eeg-peer.ts";
import { sourceTasks } from "./eeg-source-tasks.ts";
import type { Task } from "./eeg-task.ts";

/** Samples of an hour at 500 Hz. */
const hour = 1_800_000;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: "string", default: "5" },
      threads: { type: "string", default: "1,2" },
      only: { type: "string" },
    },
  });
  const only = values.only?.split(",");
  const counts = values.threads.split(",").map(Number);
  const folder = mkdtempSync(join(tmpdir(), "quintet-bench-eeg-"));
  try {
    for (const [name, make] of Object.entries(tasks)) {
      if (only ? !only.includes(name) : name === "gradient-whole") continue;
      const task = make(folder);
      for (const threads of task.alone ? [1] : counts) await compare(name, task, folder, Number(values.runs), threads);
    }
    if (!only || only.includes("memory")) readPeak(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(name: string, task: Task, folder: string, runs: number, threads: number): Promise<void> {
  const { what, rate, rows, tolerance, measure = "largest difference over largest value" } = task;
  await loadKernels({ threads });
  const made = await task.run();
  writeFileSync(
    join(folder, "input.f64"),
    Buffer.concat(rows.map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength))),
  );
  const peer = name.startsWith("gradient")
    ? undefined
    : await startMne(task.peer ?? name, folder, rows.length, rate, threads);
  const [ours, theirs]: [number[], number[]] = [[], []];
  let error: number | null = null;
  if (peer) {
    await peer.run();
    error = (task.error ?? largestDifference)(made, await peer.output());
    if (!(error <= tolerance))
      throw new Error(`${name}: outputs differ by ${error} (${measure}), more than ${tolerance}: no time is printed`);
  }
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await task.run();
    ours.push(performance.now() - start);
    if (peer) theirs.push(await peer.run());
  }
  peer?.end();
  const mine = median(ours);
  printLine({
    bench: "eeg",
    case: `${name}: ${what}; error: ${measure}`,
    ours: mine,
    unit: "ms",
    peer: peer ? median(theirs) : null,
    peer_name: peer?.name ?? null,
    ratio: peer ? median(theirs) / mine : null,
    error,
    threads,
    ...(peer ? { peer_threads: peer.threads } : {}),
  });
}

/** Bytes by which reading raises the peak of a fresh process, over those of the samples in float32. */
function readPeak(folder: string): void {
  const path = join(folder, "input.edf");
  const [channels, samples] = [64, hour];
  writeFileSync(path, writeEdf(largeRecording(signals(channels, samples), 500)));
  const bytes = 4 * channels * samples;
  const script = join(import.meta.dirname, "eeg-read-run.ts");
  const ours = Number(execFileSync(process.execPath, [script, path], { encoding: "utf8" })) / bytes;
  const peer = mneReadPeak(path);
  printLine({
    bench: "eeg",
    case: "memory: peak of reading 64 x 1 h at 500 Hz over the samples in float32",
    ours,
    unit: "times float32",
    peer: peer === undefined ? null : peer / bytes,
    peer_name: peer === undefined ? null : "MNE-Python (float64)",
    ratio: peer === undefined ? null : peer / bytes / ours,
    error: null,
    threads: 1,
  });
}

function largestDifference(ours: readonly Float64Array[], theirs: Float64Array): number {
  const n = ours[0]?.length ?? 0;
  if (n * ours.length !== theirs.length) throw new Error(`shapes differ: ${ours.length} x ${n} and ${theirs.length}`);
  let [most, worst] = [0, 0];
  for (const [r, row] of ours.entries())
    for (let t = 0; t < n; t++) {
      const b = theirs[r * n + t] as number;
      worst = Math.max(worst, Math.abs((row[t] as number) - b));
      most = Math.max(most, Math.abs(b));
    }
  return worst / most;
}

/** 1/f-like numbers about 0, the same each time. */
function signals(rows: number, samples: number): Float64Array[] {
  const random = seededRandom(1);
  return Array.from({ length: rows }, () => {
    let slow = 0;
    return Float64Array.from({ length: samples }, () => {
      slow = 0.99 * slow + random.normal();
      return 1e-6 * (slow + random.normal());
    });
  });
}

function largeRecording(rows: readonly Float64Array[], rate: number) {
  const n = rows[0]?.length ?? 0;
  const data = new Float64Array(rows.length * n);
  rows.forEach((row, r) => {
    data.set(row, r * n);
  });
  const channels = rows.map((_, r) => ({ name: `E${r + 1}`, kind: "eeg" as const, unit: "V" as const, sensors: [] }));
  return { clock: "c", groups: [{ rate, channels, segments: [{ start: 0, data }] }] };
}

function gradientTask(volumes: number, channels: number, what: string): Task {
  const scan = inScannerEeg({ volumes });
  const [group] = scan.recording.groups;
  const [segment] = group?.segments ?? [];
  if (!group || !segment) throw new Error("the made scan has no segment");
  const n = segment.data.length / group.channels.length;
  const data = new Float64Array(channels * n);
  for (let c = 0; c < channels; c++) {
    const from = c % group.channels.length;
    data.set(segment.data.subarray(from * n, (from + 1) * n), c * n);
  }
  const names = Array.from({ length: channels }, (_, c) => ({
    ...(group.channels[c % group.channels.length] as (typeof group.channels)[number]),
    name: `E${c + 1}`,
  }));
  const recording = { ...scan.recording, groups: [{ ...group, channels: names, segments: [{ ...segment, data }] }] };
  const run = () => {
    const cleaned = removeGradientArtefact(recording, scan.triggers, { slices: scan.slices }).recording;
    return [Float64Array.from(cleaned.groups[0]?.segments[0]?.data ?? [])];
  };
  return { what, rate: 5000, rows: [], run, tolerance: 0, alone: true };
}

const tasks: Readonly<Record<string, (folder: string) => Task>> = {
  ...sourceTasks,
  fir: () => {
    const rows = signals(64, 150_000);
    const run = () => convolveFir(rows, firDesign(500, { low: 1, high: 40 }));
    return { what: "1 to 40 Hz, 64 x 150 000 at 500 Hz", rate: 500, rows, run, tolerance: 1e-9 };
  },
  notch: () => {
    const rows = signals(64, 150_000);
    const recording = largeRecording(rows, 500);
    const run = () => {
      const { segments } = notch(recording, [50, 100]).groups[0] as ReturnType<typeof largeRecording>["groups"][number];
      const data = segments[0]?.data as Float64Array;
      return rows.map((_, r) => data.subarray(r * 150_000, (r + 1) * 150_000));
    };
    return { what: "50 and 100 Hz, 64 x 150 000", rate: 500, rows, run, tolerance: 1e-9 };
  },
  resample: () => {
    const rows = signals(64, 150_000);
    const run = () => resampleFourier(rows, 500, 250);
    return { what: "500 to 250 Hz by Fourier, 64 x 150 000", rate: 500, rows, run, tolerance: 1e-9 };
  },
  welch: () => {
    const rows = signals(64, 150_000);
    const run = () => welchSpectra(rows, 500, { length: 1024 }).map(({ density }) => density);
    return { what: "windows of 1024, 64 x 150 000", rate: 500, rows, run, tolerance: 1e-9 };
  },
  multitaper: () => {
    const rows = signals(64, 5000);
    const other = [new Float64Array(16)];
    const run = () => {
      // Tapers are kept from call to call; MNE-Python makes them anew, and so do these runs.
      multitapers(other, 500);
      return multitapers(rows, 500, { bandwidth: 4 }).map(({ density }) => density);
    };
    // MNE-Python's tapers are one sample longer and cut.
    return { what: "bandwidth 4 Hz, 64 x 5000, tapers made", rate: 500, rows, run, tolerance: 0.01 };
  },
  tapers: () => {
    const rows = signals(64, 5000);
    const run = () => multitapers(rows, 500, { bandwidth: 4 }).map(({ density }) => density);
    const what = "bandwidth 4 Hz, 64 x 5000, our tapers kept, MNE-Python's made";
    return { peer: "multitaper", what, rate: 500, rows, run, tolerance: 0.01 };
  },
  morlet: () => {
    const [epochs, channels, n] = [20, 8, 1000];
    const rows = signals(epochs * channels, n);
    const frequencies = Array.from({ length: 40 }, (_, k) => 5 + k);
    const byEpoch = Array.from({ length: epochs }, (_, e) => rows.slice(e * channels, (e + 1) * channels));
    const run = () => morletPower(byEpoch, 250, frequencies, 7).power.flat();
    return {
      what: "mean power, 20 epochs x 8 channels x 40 frequencies x 1000",
      rate: 250,
      rows,
      run,
      tolerance: 1e-9,
    };
  },
  infomax: () => {
    const random = seededRandom(11);
    const sources = Array.from({ length: 32 }, (_, i) =>
      Float64Array.from({ length: 30_000 }, () => {
        if (i >= 24) return random.uniform() < 0.5 ? -1 : 1;
        const u = random.uniform() - 0.5;
        return (-Math.sign(u) * Math.log(1 - 2 * Math.abs(u))) / Math.SQRT2;
      }),
    );
    const mixed = sources.map(() => {
      const out = new Float64Array(30_000);
      for (const source of sources) {
        const a = random.normal();
        for (let t = 0; t < out.length; t++) out[t] = (out[t] as number) + a * (source[t] as number);
      }
      return out;
    });
    const rows = whiten(mixed).data;
    const run = () => infomax(rows, { random: seededRandom(0), iterations: 100 }).unmixing;
    const error = (ours: readonly Float64Array[], theirs: Float64Array): number =>
      Math.abs(
        logLikelihood(
          rows,
          ours.flatMap((row) => [...row]),
        ) /
          logLikelihood(rows, theirs) -
          1,
      );
    return {
      what: "extended, 100 passes, 32 x 30 000",
      rate: 1,
      rows,
      run,
      tolerance: 1e-3,
      error,
      measure: "log-likelihoods, relative",
      alone: true,
    };
  },
  edf: (folder) => {
    const rows = signals(64, hour);
    const recording = largeRecording(rows, 500);
    writeFileSync(join(folder, "input.edf"), writeEdf(recording));
    const run = async () => {
      const { groups } = (await readRecording(join(folder, "input.edf"))).recording;
      const data = groups[0]?.segments[0]?.data ?? new Float64Array();
      return [Float64Array.from(data.subarray(0, hour))];
    };
    const error = (ours: readonly Float64Array[], theirs: Float64Array): number =>
      largestDifference(ours, theirs.subarray(0, hour));
    // float32 keeps 24 bits of the 16 that are in the file.
    return {
      what: "read, 64 x 1 h at 500 Hz (230 MB)",
      rate: 500,
      rows: [new Float64Array(1)],
      run,
      tolerance: 1e-6,
      error,
      alone: true,
    };
  },
  gradient: () => gradientTask(60, 3, "60 volumes of 2.0003 s at 5 kHz, 3 channels"),
  // Minutes a run: only where it is asked for.
  "gradient-whole": () => gradientTask(300, 32, "10 min at 5 kHz, TR 2.0003 s, 32 channels"),
};

/** Mean over samples of ln |det W| - sum_i (s_i ln cosh y_i + y_i^2 / 2), s_i the sign of the kurtosis. */
function logLikelihood(z: readonly Float64Array[], w: ArrayLike<number>): number {
  const n = z.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const y = new Float64Array(z[0]?.length ?? 0);
    for (let j = 0; j < n; j++)
      for (let t = 0; t < y.length; t++) y[t] = (y[t] as number) + (w[i * n + j] as number) * (z[j]?.[t] as number);
    let [second, fourth, hyperbolic] = [0, 0, 0];
    for (const v of y) {
      second += v * v;
      fourth += v ** 4;
      hyperbolic += Math.abs(v) + Math.log1p(Math.exp(-2 * Math.abs(v))) - Math.LN2;
    }
    const sign = (fourth * y.length) / second ** 2 > 3 ? 1 : -1;
    sum -= (sign * hyperbolic + second / 2) / y.length;
  }
  return sum + Math.log(Math.abs(determinant(w, n)));
}

function determinant(w: ArrayLike<number>, n: number): number {
  const a: Float64Array[] = Array.from({ length: n }, (_, i) =>
    Float64Array.from({ length: n }, (__, j) => w[i * n + j] as number),
  );
  let product = 1;
  for (let p = 0; p < n; p++) {
    let top = p;
    for (let i = p + 1; i < n; i++) if (Math.abs(a[i]?.[p] as number) > Math.abs(a[top]?.[p] as number)) top = i;
    [a[p], a[top]] = [a[top] as Float64Array, a[p] as Float64Array];
    const pivot = a[p] as Float64Array;
    product *= pivot[p] as number;
    for (let i = p + 1; i < n; i++) {
      const row = a[i] as Float64Array;
      const factor = (row[p] as number) / (pivot[p] as number);
      for (let j = p; j < n; j++) row[j] = (row[j] as number) - factor * (pivot[j] as number);
    }
  }
  return product;
}
