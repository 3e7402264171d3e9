import { fftPlan } from "../fft/fft.ts";
import { laneRoom, lanesKernel, laneThreads } from "../fft-lanes/fft-lanes.ts";
import { laneCost, lanePlan, lanePlanBytes, quickLength, writeLanePlan } from "../fft-lanes/fft-lanes-plan.ts";

/** Stretches of a chunk: the parts of two complex rows. */
const lanes = 4;
/** Samples of a stretch at most, about; and stretches that are brought in together. */
const [stretchSamples, together] = [32_768, 32];

export interface RowAccess {
  /** Fills `out` with a row from sample `from` on (negative: before the first). */
  readonly read: (row: number, from: number, out: Float64Array) => void;
  /** Takes a row's results from sample `from` on. */
  readonly write: (row: number, from: number, values: Float64Array) => void;
}

/**
 * `convolveFir` of many rows by the compiled kernel, by overlap-save: blocks of a size that needs the fewest operations,
 * stretches of some blocks shared out among the threads, four in each transform. Blocks begin at multiples of one step
 * whatever the stretches are, so that no bit depends on the threads.
 *
 * @returns whether the kernel is there
 */
export function convolveLanes(rows: number, samples: number, taps: Float64Array, { read, write }: RowAccess): boolean {
  const reach = (taps.length - 1) / 2;
  const n = blockLength(samples, taps.length);
  const plan = lanePlan(n);
  if (!plan) return false;
  const step = n - 2 * reach;
  const rowBlocks = Math.ceil(samples / step);
  // Few rows are cut up so that every lane has something to do.
  const wanted = Math.ceil((rows * rowBlocks) / together);
  const blocks = Math.min(Math.max(1, Math.min(wanted, Math.floor(stretchSamples / step))), rowBlocks);
  const stretch = blocks * step;
  const width = stretch + 2 * reach;
  const parts = Math.ceil(rowBlocks / blocks);
  const stretches = parts * rows;
  const brought = Math.min(together, lanes * Math.ceil(stretches / lanes));
  const room = laneRoom([64, lanePlanBytes(plan), 16 * n, 8 * width * brought, laneThreads() * 64 * n]);
  if (!room) return false;
  const { crew, buffer, at } = room;
  const [numbersAt, planAt, responseAt, dataAt] = at;
  writeLanePlan(buffer, planAt, plan);
  new Float64Array(buffer, responseAt, 2 * n).set(response(taps, n));
  new Uint32Array(buffer, numbersAt, 8).set([n, reach, blocks, 8 * width, ...at.slice(1)]);
  const places = Array.from({ length: brought }, (_, i) => new Float64Array(buffer, dataAt + 8 * width * i, width));
  for (let first = 0; first < stretches; first += brought) {
    const now = Math.min(brought, stretches - first);
    const ofRow = (i: number): [row: number, from: number] => [
      Math.floor((first + i) / parts),
      ((first + i) % parts) * stretch,
    ];
    for (const [i, place] of places.entries()) {
      const [row, from] = ofRow(i);
      const there = i < now ? Math.min(width, samples - from + 2 * reach) : 0;
      if (there > 0) read(row, from - reach, place.subarray(0, there));
      place.fill(0, there);
    }
    crew.run(`${lanesKernel}.convolve`, Math.ceil(now / lanes), numbersAt);
    for (let i = 0; i < now; i++) {
      const [row, from] = ofRow(i);
      write(row, from, places[i].subarray(0, Math.min(stretch, samples - from)));
    }
  }
  return true;
}

/** Transform of the taps with their middle at 0, divided by n. */
function response(taps: Float64Array, n: number): Float64Array {
  const [data, out] = [new Float64Array(2 * n), new Float64Array(2 * n)];
  const reach = (taps.length - 1) / 2;
  for (const [k, tap] of taps.entries()) data[2 * ((k - reach + n) % n)] = tap / n;
  fftPlan(n).forward(out, data);
  return out;
}

/** Largest block whose transform stays in a second-level cache of a megabyte. */
const cached = 8192;

/** The block that needs the fewest operations a sample. */
function blockLength(samples: number, taps: number): number {
  const whole = quickLength(samples + taps - 1);
  let [best, bestCost] = [whole, Number.POSITIVE_INFINITY];
  for (let n = quickLength(taps + 1); n <= Math.min(whole, Math.max(cached, 4 * taps)); n = quickLength(n + 1)) {
    const step = n - taps + 1;
    // Gathering, the product and scattering cost about 20 operations a point.
    const cost = Math.ceil(samples / step) * (2 * laneCost(n) + 20 * n);
    if (cost < bestCost) [best, bestCost] = [n, cost];
  }
  return best;
}
