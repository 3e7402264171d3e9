/**
 * The compiled form of fft-n.ts: axes that fit the cache together are transformed slab by slab, the others tile by
 * tile, so that each value crosses the memory bus once for the slab and once for each further axis, and the compiled
 * kernel's own memory stays near a megabyte whatever the size of the data.
 */
import { type RunningKernel, wasmKernel } from "../wasm/wasm.ts";
import { type FftOptions, fftScale } from "./fft-options.ts";

/** Largest prime that has a pass of its own; lengths with larger ones go through the chirp in TypeScript. */
const largestRadix = 31;
/** Bytes of a slab or tile: what a second-level cache holds. */
const slabBytes = 1024 * 1024;
/** Columns in a tile of the kernel. */
const tileColumns = 32;

export type TransformAxes = (
  data: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
  options: FftOptions,
  out: Float32Array,
) => void;

/** The radices of a length, or nothing when it has a prime factor of more than 31. */
export function radicesOf(n: number): readonly number[] | undefined {
  const radices: number[] = [];
  let rest = n;
  for (let radix = 4; radix <= largestRadix; radix = radix === 4 ? 2 : radix === 2 ? 3 : radix + 2) {
    while (rest % radix === 0) {
      radices.push(radix);
      rest /= radix;
    }
  }
  return rest === 1 ? radices : undefined;
}

interface Plan {
  readonly radices: readonly number[];
  /** Of each pass, one after the other; `starts` says where in values. */
  readonly factors: Float32Array;
  readonly starts: readonly number[];
}

const plans = new Map<number, Plan>();
const planLimit = 32;

function planOf(n: number): Plan {
  const known = plans.get(n);
  if (known) return known;
  const radices = radicesOf(n) ?? [];
  const starts: number[] = [];
  const factors: number[] = [];
  const turn = (share: number): void => {
    factors.push(Math.cos(-2 * Math.PI * share), Math.sin(-2 * Math.PI * share));
  };
  let rest = n;
  for (const radix of radices) {
    starts.push(factors.length);
    // The general odd pass takes the sines positive.
    if (radix > 5) for (let j = 0; j < radix; j++) turn(-j / radix);
    for (let p = 0; p < rest / radix; p++) for (let j = 1; j < radix; j++) turn(((p * j) % rest) / rest);
    rest /= radix;
  }
  const made = { radices, factors: Float32Array.from(factors), starts };
  if (plans.size >= planLimit) plans.delete(plans.keys().next().value as number);
  plans.set(n, made);
  return made;
}

/** Where things lie in the kernel's memory, by byte. */
interface Workspace {
  readonly kernel: RunningKernel;
  readonly bytes: number;
  /** What the tables were written for. */
  readonly key: string;
  readonly a: number;
  readonly b: number;
  readonly data: number;
  /** Plan descriptor of each axis transformed, by axis. */
  readonly plans: ReadonlyMap<number, number>;
}

/** Kept between calls: it is small, and starting an instance takes longer than a small transform. */
let kept: Workspace | undefined;
/** Larger workspaces are freed with the call. */
const keptBytes = 16 * 1024 * 1024;

function workspace(
  make: (bytes: number) => RunningKernel,
  shape: readonly number[],
  axes: readonly number[],
  dataBytes: number,
): Workspace {
  const tile = 32 * axes.reduce((most, axis) => Math.max(most, shape[axis] * (axis === 0 ? 1 : tileColumns / 4)), 0);
  const lengths = axes.map((axis) => `${axis}:${shape[axis]}`).join();
  const key = `${lengths} ${dataBytes}`;
  if (kept?.key === key) return kept;
  const all = axes.map((axis) => planOf(shape[axis]));
  const tables = 2 * tile;
  const sizeOf = ({ radices, factors }: Plan): number =>
    16 * Math.ceil((4 + 8 * radices.length + factors.byteLength) / 16);
  const data = tables + all.reduce((sum, plan) => sum + sizeOf(plan), 0);
  const bytes = data + dataBytes;
  const kernel = kept && kept.bytes >= bytes ? kept.kernel : make(bytes);
  const plansAt = new Map<number, number>();
  let at = tables;
  for (const [i, plan] of all.entries()) {
    plansAt.set(axes[i], at);
    const factorsAt = at + 4 + 8 * plan.radices.length;
    const descriptor = plan.radices.flatMap((radix, pass) => [radix, factorsAt + 4 * plan.starts[pass]]);
    new Uint32Array(kernel.memory.buffer, at, 1 + descriptor.length).set([plan.radices.length, ...descriptor]);
    new Float32Array(kernel.memory.buffer, factorsAt, plan.factors.length).set(plan.factors);
    at += sizeOf(plan);
  }
  const size = kept?.kernel === kernel ? kept.bytes : bytes;
  const made = { kernel, bytes: size, key, a: 0, b: tile, data, plans: plansAt };
  if (size <= keptBytes) kept = made;
  return made;
}

/** The compiled transform, for axes that `radicesOf` knows; nothing where it is not registered. */
export function transformAxesWasm(): TransformAxes | undefined {
  const make = wasmKernel("fft");
  if (!make) return undefined;
  return (data, shape, wanted, options, out) => {
    const axes = [...wanted].sort((p, q) => p - q);
    const points = data.length / 2;
    const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((p, q) => p * q, 1));
    // Axes below `together` fit a slab: shape[0] .. shape[together - 1].
    let together = axes[0] === 0 ? 1 : 0;
    while (together < shape.length && 8 * strides[together] * shape[together] <= slabBytes) together++;
    const inner = axes.filter((axis) => axis < together);
    const outer = axes.filter((axis) => axis >= together);
    const slab = inner.length > 0 ? (strides[together] ?? points) : 0;
    const batch = Math.min(points, slab * Math.max(1, Math.floor(slabBytes / (8 * slab || 1))));
    const widthOf = (axis: number): number =>
      Math.min(strides[axis], tileColumns * Math.max(1, Math.floor(slabBytes / (8 * shape[axis] * tileColumns))));
    const dataBytes = 8 * Math.max(batch, ...outer.map((axis) => shape[axis] * widthOf(axis)));
    const work = workspace(make, shape, axes, dataBytes);
    const { exports, memory } = work.kernel;
    const values = new Float32Array(memory.buffer, work.data, dataBytes / 4);

    const run = (axis: number, width: number, lines: number): void => {
      const n = shape[axis];
      const origin = options.centred ? Math.floor(n / 2) : 0;
      const rest = [origin, options.inverse ? 1 : 0, fftScale(n, options), work.a, work.b, work.plans.get(axis) ?? 0];
      if (axis === 0) exports.alongX?.(work.data, n, lines, ...rest);
      else exports.alongRows?.(work.data, n, width, lines, ...rest);
    };

    if (slab > 0) {
      for (let first = 0; first < points; first += batch) {
        const count = Math.min(batch, points - first);
        values.set(data.subarray(2 * first, 2 * (first + count)));
        for (const axis of inner)
          run(axis, strides[axis], count / (axis === 0 ? shape[0] : strides[axis] * shape[axis]));
        out.set(values.subarray(0, 2 * count), 2 * first);
      }
    }
    for (const [i, axis] of outer.entries()) {
      const from = slab === 0 && i === 0 ? data : out;
      const [n, stride, most] = [shape[axis], strides[axis], widthOf(axis)];
      for (let base = 0; base < points; base += n * stride) {
        for (let column = 0; column < stride; column += most) {
          const width = Math.min(most, stride - column);
          for (let t = 0; t < n; t++) {
            const at = 2 * (base + t * stride + column);
            values.set(from.subarray(at, at + 2 * width), 2 * t * width);
          }
          run(axis, width, 1);
          for (let t = 0; t < n; t++) {
            out.set(values.subarray(2 * t * width, 2 * (t + 1) * width), 2 * (base + t * stride + column));
          }
        }
      }
    }
  };
}
