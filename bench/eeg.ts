/**
 * The EEG wing's arithmetic beside MNE-Python on the same numbers, one thread each.
 *
 *   npm run bench -- eeg [--runs 3] [--only fir,notch,resample,welch,multitaper,morlet,infomax,edf,gradient]
 *
 * $QUINTET_PYTHON names a Python with MNE; without it ours run alone. Outputs are compared before any time is printed; a
 * difference beyond the task's tolerance ends the benchmark. Python's start and imports are not counted.
 */
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
  morletTransform,
  multitaper,
  resampleFourier,
  seededRandom,
  welchSpectrum,
} from "../packages/kernels/src/index.ts";
import { loadKernels } from "../packages/kernels/src/pool/node.ts";
import { notch, removeGradientArtefact } from "../packages/modalities/src/eeg/index.ts";
import { interleaved, printLine } from "../testing/bench-line.ts";
import { inScannerEeg } from "../testing/in-scanner-eeg.ts";
import { mne } from "./eeg-peer.ts";

interface Task {
  readonly name: string;
  readonly what: string;
  readonly rate: number;
  readonly rows: readonly Float64Array[];
  run(): readonly Float64Array[] | Promise<readonly Float64Array[]>;
  /** Largest difference over the largest value; what it is said to be when another measure is meant. */
  readonly tolerance: number;
  readonly error?: (ours: readonly Float64Array[], theirs: Float64Array) => number;
  readonly measure?: string;
}

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: "string", default: "3" }, only: { type: "string" } },
  });
  await loadKernels();
  const runs = Number(values.runs);
  const only = values.only?.split(",");
  const folder = mkdtempSync(join(tmpdir(), "quintet-bench-eeg-"));
  try {
    for (const [name, make] of Object.entries(tasks)) {
      if (only && !only.includes(name)) continue;
      await compare(make(folder), folder, runs);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(task: Task, folder: string, runs: number): Promise<void> {
  const { name, what, rate, rows, tolerance, measure = "largest difference over largest value" } = task;
  const ours = await task.run();
  writeFileSync(
    join(folder, "input.f64"),
    Buffer.concat(rows.map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength))),
  );
  const peer = name === "gradient" ? undefined : mne(name, folder, runs, rows.length, rate);
  const error = peer ? (task.error ?? largestDifference)(ours, peer.output) : null;
  if (error !== null && !(error <= tolerance))
    throw new Error(`${name}: outputs differ by ${error} (${measure}), more than ${tolerance}: no time is printed`);
  const [mine] = await interleaved([() => task.run()], runs);
  printLine({
    bench: "eeg",
    case: `${name}: ${what}; error: ${measure}`,
    ours: mine as number,
    unit: "ms",
    peer: peer?.milliseconds ?? null,
    peer_name: peer?.name ?? null,
    ratio: peer ? peer.milliseconds / (mine as number) : null,
    error,
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

const tasks: Readonly<Record<string, (folder: string) => Task>> = {
  fir: () => {
    const rows = signals(64, 150_000);
    const run = () => convolveFir(rows, firDesign(500, { low: 1, high: 40 }));
    return { name: "fir", what: "1 to 40 Hz, 64 x 150 000 at 500 Hz", rate: 500, rows, run, tolerance: 1e-9 };
  },
  notch: () => {
    const rows = signals(64, 150_000);
    const run = () => {
      const { segments } = notch(largeRecording(rows, 500), [50, 100]).groups[0] as ReturnType<
        typeof largeRecording
      >["groups"][number];
      const data = segments[0]?.data as Float64Array;
      return rows.map((_, r) => data.subarray(r * 150_000, (r + 1) * 150_000));
    };
    return { name: "notch", what: "50 and 100 Hz, 64 x 150 000", rate: 500, rows, run, tolerance: 1e-9 };
  },
  resample: () => {
    const rows = signals(64, 150_000);
    const run = () => resampleFourier(rows, 500, 250);
    return { name: "resample", what: "500 to 250 Hz by Fourier, 64 x 150 000", rate: 500, rows, run, tolerance: 1e-9 };
  },
  welch: () => {
    const rows = signals(64, 150_000);
    const run = () => rows.map((row) => welchSpectrum(row, 500, { length: 1024 }).density);
    return { name: "welch", what: "windows of 1024, 64 x 150 000", rate: 500, rows, run, tolerance: 1e-9 };
  },
  multitaper: () => {
    const rows = signals(64, 5000);
    const run = () => rows.map((row) => multitaper(row, 500, { bandwidth: 4 }).density);
    // MNE-Python's tapers are one sample longer and cut.
    return { name: "multitaper", what: "bandwidth 4 Hz, 64 x 5000", rate: 500, rows, run, tolerance: 0.01 };
  },
  morlet: () => {
    const [epochs, channels, n] = [20, 8, 1000];
    const rows = signals(epochs * channels, n);
    const frequencies = Array.from({ length: 40 }, (_, k) => 5 + k);
    const run = () => {
      const power = Array.from({ length: channels * 40 }, () => new Float64Array(n));
      for (const [i, { values }] of morletTransform(rows, 250, frequencies, 7).entries())
        for (const [k, value] of values.entries()) {
          const out = power[(i % channels) * 40 + k] as Float64Array;
          for (let t = 0; t < n; t++)
            out[t] = (out[t] as number) + ((value[2 * t] as number) ** 2 + (value[2 * t + 1] as number) ** 2) / epochs;
        }
      return power;
    };
    return {
      name: "morlet",
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
      name: "infomax",
      what: "extended, 100 passes, 32 x 30 000",
      rate: 1,
      rows,
      run,
      tolerance: 1e-3,
      error,
      measure: "log-likelihoods, relative",
    };
  },
  edf: (folder) => {
    const rows = signals(64, 300_000);
    const recording = largeRecording(rows, 500);
    writeFileSync(join(folder, "input.edf"), writeEdf(recording));
    const run = async () => {
      const { groups } = (await readRecording(join(folder, "input.edf"))).recording;
      const data = groups[0]?.segments[0]?.data ?? new Float64Array();
      return [Float64Array.from(data.subarray(0, 300_000))];
    };
    const error = (ours: readonly Float64Array[], theirs: Float64Array): number =>
      largestDifference(ours, theirs.subarray(0, 300_000));
    // float32 keeps 24 bits of the 16 that are in the file.
    return {
      name: "edf",
      what: "read, 64 x 10 min at 500 Hz (38 MB)",
      rate: 500,
      rows: [new Float64Array(1)],
      run,
      tolerance: 1e-6,
      error,
    };
  },
  gradient: () => {
    const scan = inScannerEeg();
    const run = () => {
      const { data } = removeGradientArtefact(scan.recording, scan.triggers, { slices: scan.slices }).recording
        .groups[0]?.segments[0] ?? { data: new Float64Array() };
      return [Float64Array.from(data)];
    };
    return {
      name: "gradient",
      what: "60 volumes of 2.0003 s at 5 kHz, 3 channels",
      rate: 5000,
      rows: [],
      run,
      tolerance: 0,
    };
  },
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
