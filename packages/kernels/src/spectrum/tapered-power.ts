import { laneRoom, lanesKernel, laneThreads } from "../fft-lanes/fft-lanes.ts";
import { lanePlan, lanePlanBytes, writeLanePlan } from "../fft-lanes/fft-lanes-plan.ts";

/** Which windows of the rows are looked at, and through what. */
export interface TaperedWindows {
  /** Samples of a window. */
  readonly length: number;
  /** Samples from one window to the next. */
  readonly step: number;
  /** Windows of each row. */
  readonly count: number;
  /** [taper][sample], each times the square root of its weight. */
  readonly tapers: readonly Float64Array[];
}

/** Samples of a row that are one thread's at a time, about; and chunks that are brought in together. */
const [chunkSamples, together] = [65_536, 8];

/**
 * Sums over windows and tapers of the powers of rows,
 *
 *   S[k] = sum_w sum_j |sum_t h_j[t] (x_w[t] - mean_w) exp(-2 pi i k t / n)|^2,   k = 0 .. floor(n/2)
 *
 * by the compiled kernel: two real windows make one complex one, z = a + ib, and |A|^2 + |B|^2 at k is half of |Z|^2 at k and
 * at n - k, so that no spectrum need be taken apart. The order of sums depends on the windows alone, not on the threads.
 *
 * @param rows [row][sample], all of one length
 * @returns [row][bin]; undefined where the kernel is not registered or n has a prime factor of more than 31
 */
export function taperedPower(
  rows: readonly ArrayLike<number>[],
  { length, step, count, tapers }: TaperedWindows,
): Float64Array[] | undefined {
  const plan = lanePlan(length);
  if (!plan) return undefined;
  // A multiple of four: no chunk but a row's last leaves a lane empty.
  const most = Math.min(count, 4 * Math.max(1, Math.floor(chunkSamples / step / 4)));
  const parts = Math.ceil(count / most);
  const chunks = parts * rows.length;
  const brought = Math.min(together, chunks);
  const width = (most - 1) * step + length;
  const room = laneRoom([
    64,
    lanePlanBytes(plan),
    8 * length * tapers.length,
    4 * brought,
    8 * width * brought,
    8 * length * brought,
    laneThreads() * 80 * length,
  ]);
  if (!room) return undefined;
  const { crew, buffer, at } = room;
  const [numbersAt, planAt, tapersAt, countsAt, dataAt, outAt, workAt] = at;
  writeLanePlan(buffer, planAt, plan);
  for (const [j, taper] of tapers.entries())
    new Float64Array(buffer, tapersAt, length * tapers.length).set(taper, j * length);
  const numbers = [length, step, tapers.length, tapersAt, planAt, countsAt, dataAt, 8 * width, outAt, workAt];
  new Uint32Array(buffer, numbersAt, numbers.length).set(numbers);
  const counts = new Uint32Array(buffer, countsAt, brought);
  const data = new Float64Array(buffer, dataAt, width * brought);
  const out = new Float64Array(buffer, outAt, length * brought);
  const sums = rows.map(() => new Float64Array(Math.floor(length / 2) + 1));
  for (let first = 0; first < chunks; first += brought) {
    const now = Math.min(brought, chunks - first);
    for (let chunk = 0; chunk < now; chunk++) {
      const part = (first + chunk) % parts;
      const windows = Math.min(most, count - part * most);
      counts[chunk] = windows;
      const from = part * most * step;
      copyPart(
        data,
        chunk * width,
        rows[Math.floor((first + chunk) / parts)] as ArrayLike<number>,
        from,
        (windows - 1) * step + length,
      );
    }
    crew.run(`${lanesKernel}.tapered`, now, numbersAt);
    for (let chunk = 0; chunk < now; chunk++) {
      const sum = sums[Math.floor((first + chunk) / parts)] as Float64Array;
      const own = out.subarray(chunk * length, (chunk + 1) * length);
      for (let k = 0; k < sum.length; k++) sum[k] += (own[k] + own[(length - k) % length]) / 2;
    }
  }
  return sums;
}

function copyPart(to: Float64Array, at: number, x: ArrayLike<number>, from: number, count: number): void {
  if (ArrayBuffer.isView(x)) to.set((x as Float64Array).subarray(from, from + count), at);
  else for (let i = 0; i < count; i++) to[at + i] = x[from + i];
}
