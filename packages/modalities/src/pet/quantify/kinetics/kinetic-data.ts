/** One region's curve as the models take it: minutes, weights, and where the model is compared. */
import { DataError, nearestWords, type Tac, type Tacs } from "@quintet/core";
import { type Curve, curveThrough, type Samples, sampleIntegral } from "@quintet/kernels";

export interface KineticData {
  readonly region: string;
  /** Middle of the frames, minutes. */
  readonly time: Float64Array;
  readonly values: Float64Array;
  readonly weights: Float64Array;
  /** Where a model is compared with the values: the frames' middles, or means over the frames. */
  readonly samples: Samples;
  /** Straight lines through (0, 0) and the values at the frames' middles. */
  readonly curve: Curve;
}

export interface KineticDataOptions {
  /** One a frame, from `frameWeights`; all 1 without. */
  readonly weights?: Float64Array;
  /** "middle": the model's value at the middle of the frame (as most tools do); "mean": its mean over the frame. Default "middle". */
  readonly compare?: "middle" | "mean";
  /** Time that is 0 of the kinetics, seconds on the curves' clock. Default 0. */
  readonly injection?: number;
}

/**
 * @throws DataError `unknown-region`, `bad-frames`, `not-finite`, `shape-mismatch`
 */
export function kineticData(
  tacs: Tacs,
  region: string | Tac,
  { weights, compare = "middle", injection = 0 }: KineticDataOptions = {},
): KineticData {
  const tac = typeof region === "string" ? regionNamed(tacs, region) : region;
  const n = tacs.frames.length;
  if (tac.values.length !== n || (weights && weights.length !== n)) {
    throw new DataError("shape-mismatch", `curve of ${tac.name}: one value and one weight a frame`, {
      expected: `${n}`,
      found: `${tac.values.length} values, ${weights?.length ?? n} weights`,
    });
  }
  tacs.frames.forEach(({ start, duration }, i) => {
    const before = tacs.frames[i - 1];
    const follows = before === undefined || start >= before.start + before.duration - 1e-3;
    if (duration >= 0 && follows && Number.isFinite(start + duration) && start + duration / 2 > injection) return;
    throw new DataError("bad-frames", `frame ${i + 1} lasts, follows the one before it and lies after the injection`, {
      expected: before ? `a start at ${before.start + before.duration} s or later` : `later than ${injection} s`,
      found: `${start} s for ${duration} s`,
    });
  });
  const bad = tac.values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new DataError("not-finite", `frame ${bad + 1} of ${tac.name} has no value`, { found: `${tac.values[bad]}` });
  }
  const refused = weights?.find((w) => !(w >= 0 && Number.isFinite(w)));
  if (refused !== undefined) {
    throw new DataError("bad-weights", "a weight is 0 or more", { found: `${refused}` });
  }
  const start = Float64Array.from(tacs.frames, (frame) => (frame.start - injection) / 60);
  const end = Float64Array.from(tacs.frames, (frame) => (frame.start + frame.duration - injection) / 60);
  const time = start.map((s, i) => (s + (end[i] as number)) / 2);
  const instants = compare === "middle" || tacs.frames.some(({ duration }) => duration === 0);
  return {
    region: tac.name,
    time,
    values: tac.values,
    weights: weights ?? new Float64Array(n).fill(1),
    samples: instants ? { start: time, end: time } : { start, end },
    curve: curveThrough(time, tac.values),
  };
}

/** @throws DataError `unknown-region`, which names the nearest regions there are */
export function regionNamed({ regions }: Tacs, name: string): Tac {
  const exact = regions.find((region) => region.name === name);
  const same = regions.filter((region) => region.name.toLowerCase() === name.toLowerCase());
  const found = exact ?? (same.length === 1 ? same[0] : undefined);
  if (found) return found;
  throw new DataError("unknown-region", `there is no region "${name}"`, {
    expected:
      regions.length <= 6
        ? `one of ${regions.map((region) => region.name).join(", ")}`
        : `one of ${regions.length} names; did you mean ${nearestWords(
            name,
            regions.map((region) => region.name),
          ).join(", ")}?`,
    found: name,
  });
}

/**
 * The union of regions: the mean activity of them all, weighted by volume where every one has one.
 *
 * @throws DataError `unknown-region` when there is none
 */
export function unionOf(name: string, regions: readonly Tac[]): Tac {
  const [first] = regions;
  if (!first) throw new DataError("unknown-region", `"${name}" is made of no region`, { found: "none" });
  const sizes = regions.every(({ volume }) => volume !== undefined)
    ? regions.map(({ volume = 1 }) => volume)
    : regions.map(() => 1);
  const total = sizes.reduce((a, b) => a + b, 0);
  const values = first.values.map((_, t) =>
    regions.reduce((sum, region, i) => sum + ((sizes[i] as number) * (region.values[t] as number)) / total, 0),
  );
  const whole = regions.every(({ volume }) => volume !== undefined) ? { volume: total } : {};
  return { name, values, ...whole };
}

/** The integral of the curve from 0 to the middle of each frame. */
export function integralAtMiddles({ curve, time }: KineticData): Float64Array {
  return sampleIntegral(curve, { start: time, end: time });
}

/**
 * Both curves must stand in the same frames.
 * @throws DataError `frame-mismatch`, `not-positive` when the reference region has no uptake
 */
export function checkReference(data: KineticData, reference: KineticData): void {
  const same = data.time.length === reference.time.length && data.time.every((t, i) => t === reference.time[i]);
  if (!same) throw new DataError("frame-mismatch", "region and reference region have different frames");
  if (reference.values.some((value) => value > 0)) return;
  throw new DataError("not-positive", `the reference region ${reference.region} has no uptake`, {
    expected: "values above 0",
    found: `at most ${Math.max(...reference.values)}`,
  });
}
