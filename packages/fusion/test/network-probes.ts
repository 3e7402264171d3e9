/** Two clocks that exchange probes over a network, with a known answer: for tests and the study of the clock. */
import { seededRandom } from "@quintet/kernels";
import type { ClockProbes } from "../src/clock/probe-map.ts";

export interface SimulatedProbes {
  readonly probes: ClockProbes;
  /** Host time of a device time. */
  readonly truth: (device: number) => number;
}

/**
 * @param asymmetry what the way there takes longer than the way back, s
 * @param jitter mean of the exponential queueing delay of either way, s
 * @param reset seconds after the start at which the device's clock begins again at 0
 */
export function networkProbes({
  seed,
  minutes,
  drift = 50e-6,
  asymmetry = 2e-3,
  jitter = 5e-3,
  every = 5,
  reset,
}: {
  readonly seed: number;
  readonly minutes: number;
  readonly drift?: number;
  readonly asymmetry?: number;
  readonly jitter?: number;
  readonly every?: number;
  readonly reset?: number;
}): SimulatedProbes {
  const random = seededRandom(seed);
  const begin = 5000 + 1000 * random.uniform();
  const device = (t: number): number => (reset !== undefined && t >= reset ? t - reset : begin + t) * (1 + drift);
  const truth = (d: number): number => {
    const after = d / (1 + drift);
    return reset !== undefined && after < begin ? after + reset : after - begin;
  };
  const wait = (): number => -jitter * Math.log(1 - random.uniform());
  const [times, offsets, roundTrips]: [number[], number[], number[]] = [[], [], []];
  for (let t = 1; t < 60 * minutes; t += every) {
    const [there, back] = [1e-4 + asymmetry + wait(), 1e-4 + wait()];
    // The host sends at t0 and hears at t3; the device stamps t1 = t2 on its own clock between.
    const middle = device(t + there);
    times.push(middle);
    offsets.push((t + t + there + back) / 2 - middle);
    roundTrips.push(there + back);
  }
  return { probes: { times, offsets, roundTrips }, truth };
}
