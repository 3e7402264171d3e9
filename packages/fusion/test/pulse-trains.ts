/** Two devices that hear the same pulses, with a known answer: for tests and the study of the clock. */
import { seededRandom } from "@quintet/kernels";

export interface TwoTrains {
  readonly mine: Float64Array;
  readonly other: Float64Array;
  /** The same instants on both clocks, without jitter. */
  readonly truth: readonly { readonly mine: number; readonly other: number }[];
}

/**
 * @param drift rate of mine against the other, a share
 * @param jitter standard deviation of each stamp of mine, s
 * @param lost share of pulses that each device misses @param spurious share of pulses more on each
 * @param jump seconds after the start at which the clock of mine leaps forward by 100 s
 */
export function twoTrains({
  seed,
  minutes,
  drift = 50e-6,
  jitter = 5e-3,
  lost = 0.01,
  spurious = 0.01,
  jump,
  tick = 0,
}: {
  readonly seed: number;
  readonly minutes: number;
  readonly drift?: number;
  readonly jitter?: number;
  readonly lost?: number;
  readonly spurious?: number;
  readonly jump?: number;
  readonly tick?: number;
}): TwoTrains {
  const random = seededRandom(seed);
  const begin = 1000 * random.uniform();
  const truth: { mine: number; other: number }[] = [];
  const seen: [number[], number[]] = [[], []];
  for (let t = 0; t < 60 * minutes; t += 1.5 + 2 * random.uniform()) {
    const mine = (t - begin) * (1 - drift) + (jump !== undefined && t >= jump ? 100 : 0);
    truth.push({ mine, other: t });
    const heard: [number, number] = [mine + jitter * random.normal(), t];
    for (const side of [0, 1] as const) {
      if (random.uniform() >= lost) seen[side].push(heard[side]);
      if (random.uniform() < spurious) seen[side].push(heard[side] + 0.2 + random.uniform());
    }
  }
  const [mine, other] = seen.map((times) => Float64Array.from(times).sort()) as [Float64Array, Float64Array];
  return { mine, other: tick > 0 ? other.map((t) => Math.round(t / tick) * tick) : other, truth };
}
