/**
 * The compiled form of fft-n.ts: axes that fit the cache together are transformed slab by slab, the others tile by
 * tile, so that each value crosses the memory bus once for the slab and once for each further axis, and the compiled
 * kernel's own memory stays at a few megabytes whatever the size of the data.
 */
import { type RunningKernel, wasmKernel } from "../wasm/wasm.ts";
import { type FftOptions, fftScale } from "./fft-options.ts";
import { type LongPlan, longPlanOf, planBytes, planOf, writePlan } from "./fft-plan.ts";

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

/** Where things lie in the kernel's memory, by byte. */
interface Workspace {
  readonly kernel: RunningKernel;
  readonly bytes: number;
  /** What the tables were written for. */
  readonly key: string;
  readonly a: number;
  readonly b: number;
  readonly data: number;
  /** Where each length's plan lies. */
  readonly plans: ReadonlyMap<number, number>;
  /** Where the factors of the cut line and the room between its halves lie. */
  readonly factors: number;
  readonly between: number;
}

/** Kept between calls: it is small, and starting an instance takes longer than a small transform. */
let kept: Workspace | undefined;
/** Larger workspaces are freed with the call. */
const keptBytes = 16 * 1024 * 1024;

function workspace(
  make: (bytes: number) => RunningKernel,
  shape: readonly number[],
  axes: readonly number[],
  long: LongPlan | undefined,
  dataBytes: number,
): Workspace {
  const lengths = [
    ...new Set(axes.flatMap((axis) => (axis === 0 && long ? [long.rows, long.columns] : [shape[axis]]))),
  ];
  const key = `${lengths.join()} ${axes.map((axis) => shape[axis]).join()} ${dataBytes}`;
  if (kept?.key === key) return kept;
  const tile = 32 * (tileColumns / 4) * Math.max(...lengths);
  const factors = 2 * tile + lengths.reduce((sum, n) => sum + planBytes(planOf(n)), 0);
  const between = factors + (long?.factors.byteLength ?? 0);
  const data = between + (long?.factors.byteLength ?? 0);
  const bytes = data + dataBytes;
  const kernel = kept && kept.bytes >= bytes ? kept.kernel : make(bytes);
  const plans = new Map<number, number>();
  let at = 2 * tile;
  for (const n of lengths) {
    plans.set(n, at);
    writePlan(kernel.memory.buffer, at, planOf(n));
    at += planBytes(planOf(n));
  }
  if (long) new Float32Array(kernel.memory.buffer, factors, long.factors.length).set(long.factors);
  const size = kept?.kernel === kernel ? kept.bytes : bytes;
  const made = { kernel, bytes: size, key, a: 0, b: tile, data, plans, factors, between };
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
    const long = axes[0] === 0 && points < 4 * shape[0] ? longPlanOf(shape[0]) : undefined;
    const work = workspace(make, shape, axes, long, dataBytes);
    const { exports, memory } = work.kernel;
    const values = new Float32Array(memory.buffer, work.data, dataBytes / 4);

    const run = (axis: number, width: number, lines: number): void => {
      const n = shape[axis];
      const origin = options.centred ? Math.floor(n / 2) : 0;
      const how = [origin, options.inverse ? 1 : 0, fftScale(n, options), work.a, work.b];
      const planAt = (length: number): number => work.plans.get(length) ?? 0;
      if (axis > 0) exports.alongRows?.(work.data, n, width, lines, ...how, planAt(n));
      else if (!long) exports.alongX?.(work.data, n, lines, ...how, planAt(n));
      else {
        const { rows, columns } = long;
        const places = [planAt(rows), planAt(columns), work.factors, work.between];
        exports.alongLong?.(work.data, rows, columns, lines, ...how, ...places);
      }
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
