/**
 * Fourier transforms of many rows of one length in float64, two complex rows to the two lanes of a vector, on the threads of
 * the standing crew:
 *
 *   X[k] = sum_t x[t] exp(-2 pi i k t / n),   k = 0 .. n-1
 *
 * by Stockham's passes of radix 4, 2, 3, 5 and odd primes to 31. What is done with them before and after (tapers and powers,
 * filters, wavelets, other rates) stands beside them in the kernel, so that rows cross its border once.
 */
import { type Crew, crewThreads } from "../pool/crew.ts";
import { standingCrew } from "../pool/standing-crew.ts";
import { lanePlan, lanePlanBytes, writeLanePlan } from "./fft-lanes-plan.ts";

export const lanesKernel = "fft-lanes";

/** Memory of the standing crew, in pieces whose addresses are multiples of 64. */
export interface LaneRoom {
  readonly crew: Crew;
  readonly buffer: SharedArrayBuffer;
  readonly at: readonly number[];
}

/** Pieces of so many bytes; undefined where the kernel is not registered. @throws DataError `too-large` */
export function laneRoom(bytes: readonly number[]): LaneRoom | undefined {
  const sizes = bytes.map((size) => 64 * Math.ceil(size / 64));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  // The crew never gives memory back: by powers of two all it ever had is at most twice the largest.
  const standing = standingCrew(lanesKernel, 2 ** Math.max(20, Math.ceil(Math.log2(total))));
  if (!standing) return undefined;
  let next = standing.at;
  const at = sizes.map((size) => {
    next += size;
    return next - size;
  });
  return { crew: standing.crew, buffer: standing.crew.buffer, at };
}

/** Threads that a program needs room for. */
export function laneThreads(): number {
  return Math.max(1, crewThreads());
}

/** Rows that are brought in together, bytes at most. */
const batchBytes = 4 * 2 ** 20;

/**
 * The transforms of complex rows of n points each, interleaved re, im. They agree with the sum itself within
 * 1e-15 log2(n) of the largest bin, and do not depend on the number of threads.
 *
 * @returns undefined where the kernel is not registered or n has a prime factor of more than 31
 */
export function transformRows(rows: readonly Float64Array[], n: number): Float64Array[] | undefined {
  const plan = lanePlan(n);
  if (!plan) return undefined;
  const together = Math.max(1, Math.min(Math.ceil(rows.length / 2), Math.floor(batchBytes / (32 * n))));
  const room = laneRoom([64, lanePlanBytes(plan), 32 * n * together, laneThreads() * 64 * n]);
  if (!room) return undefined;
  const { crew, buffer, at } = room;
  const [numbersAt, planAt, dataAt] = at;
  writeLanePlan(buffer, planAt, plan);
  new Uint32Array(buffer, numbersAt, 4).set([n, ...at.slice(1)]);
  const data = new Float64Array(buffer, dataAt, 4 * n * together);
  const made: Float64Array[] = [];
  for (let from = 0; from < rows.length; from += 2 * together) {
    const now = rows.slice(from, from + 2 * together);
    for (const [i, row] of now.entries()) data.set(row, 2 * n * i);
    if (now.length % 2 === 1) data.fill(0, 2 * n * now.length, 2 * n * (now.length + 1));
    crew.run(`${lanesKernel}.pairs`, Math.ceil(now.length / 2), numbersAt);
    for (let i = 0; i < now.length; i++) made.push(Float64Array.from(data.subarray(2 * n * i, 2 * n * (i + 1))));
  }
  return made;
}
