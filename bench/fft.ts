/**
 * The complex Fourier transform from array to array, on the grid and off it, compiled, one thread.
 *
 *   npm run bench -- fft [--runs 9]
 *
 * Peers in the same run: fft.js (radix 4, powers of two, float64), and native FFTW when $QUINTET_FFTW names a program
 * that times it: called with RUNS INNER BATCH N..., slowest axis first, it prints {"outOfPlace": milliseconds} of one
 * FFTW_MEASURE float32 transform, the median of RUNS means of INNER. Ours and FFTW write to a second array made before.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import FFT from "fft.js";
import { fft } from "../packages/kernels/src/fft/fft.ts";
import { dotTest, fftN, nufft, seededRandom } from "../packages/kernels/src/index.ts";
import { loadKernels } from "../packages/kernels/src/pool/node.ts";
import { interleaved, printLine } from "../testing/bench-line.ts";

interface Case {
  readonly name: string;
  readonly shape: readonly number[];
  readonly axes: readonly number[];
  /** Transforms in one timing, so that it lasts milliseconds. */
  readonly inner: number;
}

const cases: readonly Case[] = [
  { name: "1-D 8192", shape: [8192], axes: [0], inner: 200 },
  { name: "FIR: 245 blocks of 8192", shape: [8192, 245], axes: [0], inner: 1 },
  { name: "2-D 256 x 256", shape: [256, 256], axes: [0, 1], inner: 20 },
  { name: "2-D 320 x 320, 8 coils", shape: [320, 320, 8], axes: [0, 1], inner: 3 },
  { name: "3-D 256 x 256 x 192", shape: [256, 256, 192], axes: [0, 1, 2], inner: 1 },
];

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "9" } } });
  const runs = Number(values.runs);
  if (!(await loadKernels()).includes("fft"))
    throw new Error("the kernel is not built: node scripts/build-kernels.mjs");
  for (const { name, shape, axes, inner } of cases) {
    const points = shape.reduce((a, b) => a * b, 1);
    const random = seededRandom(1);
    const data = Float32Array.from({ length: 2 * points }, () => random.uniform() - 0.5);
    const out = new Float32Array(data.length);
    const ours = (): void => {
      for (let i = 0; i < inner; i++) fftN(data, shape, axes, { norm: "none" }, out);
    };
    const line = shape[0] as number;
    const lines = axes.length === 1 ? fftJs(data, line) : undefined;
    const theirs = (): void => {
      for (let i = 0; i < inner; i++) lines?.();
    };
    const times = await interleaved(lines ? [ours, theirs] : [ours], runs);
    const [mine, peer] = times.map((time) => time / inner) as [number, number | undefined];
    const error = axes.length === 1 ? firstLineError(data, out, line) : oneFrequencyError(data, out, shape, axes);
    const print = (peerName: string, peerTime: number | null): void =>
      printLine({
        bench: "fft",
        case: `${name}; error: relative, against float64`,
        ours: mine,
        unit: "ms",
        peer: peerTime,
        peer_name: peerName,
        ratio: peerTime === null ? null : peerTime / mine,
        error,
        threads: 1,
      });
    if (peer !== undefined) print("fft.js 4.0.4, float64", peer);
    print("FFTW_MEASURE, float32", fftw(runs, inner, shape, axes.length));
  }
  await offTheGrid(runs);
}

/** The non-uniform transform, both ways; no peer does it here. */
async function offTheGrid(runs: number): Promise<void> {
  for (const [shape, samples, oversampling, width] of [
    [[256, 256], 131_072, 2, 6],
    [[256, 256], 131_072, 1.25, 5],
    [[96, 96, 96], 500_000, 1.5, 4],
  ] as const) {
    const random = seededRandom(1);
    const trajectory = Float64Array.from({ length: samples * shape.length }, () => random.uniform() - 0.5);
    const transform = nufft(shape, trajectory, { oversampling, width });
    const image = Float32Array.from({ length: transform.domain }, () => random.normal());
    const values = transform.forward(image);
    const [forward, adjoint] = await interleaved(
      [() => transform.forward(image), () => transform.adjoint(values)],
      runs,
    );
    const name = `NUFFT ${shape.join(" x ")}, ${samples} samples, oversampling ${oversampling}, width ${width}`;
    for (const [what, time] of [
      ["forward", forward],
      ["adjoint", adjoint],
    ] as const) {
      printLine({
        bench: "fft",
        case: `${name}, ${what}; error: dot test`,
        ours: time as number,
        unit: "ms",
        peer: null,
        peer_name: null,
        ratio: null,
        error: dotTest(transform),
        threads: 1,
      });
    }
  }
}

/** fft.js on each line of `n` points, from one float64 array to another. */
function fftJs(data: Float32Array, n: number): () => void {
  const engine = new FFT(n);
  const from = Array.from({ length: data.length / 2 / n }, (_, i) =>
    Float64Array.from(data.subarray(2 * n * i, 2 * n * (i + 1))),
  );
  const to = engine.createComplexArray() as number[];
  return () => {
    for (const one of from) engine.transform(to, one);
  };
}

function fftw(runs: number, inner: number, shape: readonly number[], rank: number): number | null {
  const program = process.env.QUINTET_FFTW;
  if (program === undefined) return null;
  const batch = shape.slice(rank).reduce((a, b) => a * b, 1);
  const sizes = [runs, inner, batch, ...shape.slice(0, rank).reverse()].map(String);
  const { stdout, status, stderr } = spawnSync(program, sizes, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
  return (JSON.parse(stdout) as { outOfPlace: number }).outOfPlace;
}

/** Relative l2 of the first line against the float64 transform. */
function firstLineError(data: Float32Array, out: Float32Array, n: number): number {
  const part = (offset: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => data[2 * i + offset] as number);
  const { re, im } = fft(part(0), part(1));
  let [off, of] = [0, 0];
  for (let k = 0; k < n; k++) {
    off += ((out[2 * k] as number) - (re[k] as number)) ** 2 + ((out[2 * k + 1] as number) - (im[k] as number)) ** 2;
    of += (re[k] as number) ** 2 + (im[k] as number) ** 2;
  }
  return Math.sqrt(off / of);
}

/** Of one frequency, (1, 1, ..), against the sum in float64, over the root mean square of the spectrum. */
function oneFrequencyError(
  data: Float32Array,
  out: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
): number {
  const points = axes.reduce((product, axis) => product * (shape[axis] as number), 1);
  let [re, im, power, index] = [0, 0, 0, 0];
  for (let i = 0; i < points; i++) {
    let [turns, rest] = [0, i];
    for (const axis of axes) {
      const n = shape[axis] as number;
      turns += (rest % n) / n;
      rest = Math.floor(rest / n);
    }
    const [c, s] = [Math.cos(2 * Math.PI * turns), Math.sin(2 * Math.PI * turns)];
    const [x, y] = [data[2 * i] as number, data[2 * i + 1] as number];
    re += x * c + y * s;
    im += y * c - x * s;
    power += x * x + y * y;
  }
  let stride = 1;
  for (const axis of axes) {
    index += stride;
    stride *= shape[axis] as number;
  }
  return Math.hypot((out[2 * index] as number) - re, (out[2 * index + 1] as number) - im) / Math.sqrt(power);
}
