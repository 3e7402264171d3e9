import { laneRoom, lanesKernel, laneThreads } from "../fft-lanes/fft-lanes.ts";
import { lanePlan, lanePlanBytes, writeLanePlan } from "../fft-lanes/fft-lanes-plan.ts";

/** How rows are padded and cut. */
export interface FourierRate {
  readonly samples: number;
  /** Points of the padded row, and samples before the row in it. */
  readonly length: number;
  readonly left: number;
  /** Points of the result; of which so many are skipped and so many kept. */
  readonly made: number;
  readonly skip: number;
  readonly kept: number;
}

/** Room for transforms, bytes at most: the crew keeps it. */
const mostBytes = 256 * 2 ** 20;

/**
 * `resampleFourier` of many rows by the compiled kernel, four rows in each transform.
 *
 * @returns undefined where the kernel is not registered, a length has a prime factor of more than 31, or is too large
 */
export function resampleLanes(rows: readonly ArrayLike<number>[], how: FourierRate): Float64Array[] | undefined {
  const { samples, length, left, made, skip, kept } = how;
  const [forward, backward] = [lanePlan(length), lanePlan(made)];
  const workBytes = laneThreads() * 64 * Math.max(length, made);
  if (!forward || !backward || workBytes > mostBytes) return undefined;
  const width = Math.max(samples, kept);
  const together = Math.min(Math.ceil(rows.length / 4), 2 * laneThreads());
  const room = laneRoom([64, lanePlanBytes(forward), lanePlanBytes(backward), 32 * width * together, workBytes]);
  if (!room) return undefined;
  const { crew, buffer, at } = room;
  const [numbersAt, forwardAt, backwardAt, dataAt, workAt] = at;
  writeLanePlan(buffer, forwardAt, forward);
  writeLanePlan(buffer, backwardAt, backward);
  const numbers = [samples, length, left, made, skip, kept, forwardAt, backwardAt, 8 * width, dataAt, workAt];
  new Uint32Array(buffer, numbersAt, numbers.length).set(numbers);
  const data = new Float64Array(buffer, dataAt, 4 * width * together);
  const results: Float64Array[] = [];
  for (let from = 0; from < rows.length; from += 4 * together) {
    const now = rows.slice(from, from + 4 * together);
    const chunks = Math.ceil(now.length / 4);
    for (const [i, row] of now.entries()) data.set(row, i * width);
    data.fill(0, now.length * width, 4 * chunks * width);
    crew.run(`${lanesKernel}.rate`, chunks, numbersAt);
    for (let i = 0; i < now.length; i++) results.push(Float64Array.from(data.subarray(i * width, i * width + kept)));
  }
  return results;
}
