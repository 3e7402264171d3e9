import { channelData, DataError, type Recording, type Segment } from "@quintet/core";
import { principalShapes } from "@quintet/kernels";
import { type MotionMask, type MotionOptions, motionArtefacts, stretches } from "./motion-artefacts.ts";

export interface PrincipalMotionOptions extends MotionOptions {
  /** Share of the variance within the motion that is taken out; default 0.97. */
  readonly share?: number;
  /** Default 5. */
  readonly mostRounds?: number;
}

/**
 * Targeted principal components: the stretches in which any channel moves are put end to end over all channels, the first
 * components that together stay below `share` of their variance are taken out (one at least: where the first alone holds more, Homer
 * takes none and leaves the motion), and the stretches are put back so that each piece
 * begins where the one before ends. Searched and repaired again until nothing is found, at most five times.
 *
 * @throws DataError `no-channels`, `too-few-channels` (below 3: motion is what the channels share), and those of motionArtefacts
 * @see Yücel et al., J Innov Opt Health Sci 2014;7:1350066 (0.97, five rounds); limits 20 deviations as in Homer3's PCArecurse
 */
export function principalMotion(od: Recording, options: PrincipalMotionOptions = {}): Recording {
  const { share = 0.97, mostRounds = 5, deviations = 20 } = options;
  if (!(share > 0 && share < 1))
    throw new DataError("out-of-range", "a share of the variance", { expected: "0 to 1", found: `${share}` });
  let now = od;
  for (let round = 0; round < mostRounds; round++) {
    const mask = motionArtefacts(now, { ...options, deviations });
    if (!mask.flat(2).some((own) => own.includes(1))) break;
    now = repairedOnce(now, mask, share);
  }
  return now;
}

function repairedOnce(od: Recording, mask: MotionMask, share: number): Recording {
  const groups = od.groups.map((group, g) => ({
    ...group,
    segments: group.segments.map((segment, s): Segment => {
      const optical = group.channels.flatMap(({ kind }, c) => (kind === "nirs-od" ? [c] : []));
      const n = segment.data.length / group.channels.length;
      const any = new Uint8Array(n);
      for (const c of optical) for (const [begin, end] of stretches(mask[g]?.[s]?.[c] ?? any)) any.fill(1, begin, end);
      const found = stretches(any);
      if (found.length === 0) return segment;
      if (optical.length < 3) {
        throw new DataError("too-few-channels", "components shared by channels need channels", {
          expected: "at least 3",
          found: `${optical.length}`,
        });
      }
      const data = segment.data.slice();
      const signals = optical.map((c) => Float64Array.from(channelData(group, segment, c)));
      const pieces = signals.map((x) => joined(x, found));
      const clean = withoutFirst(pieces, share);
      optical.forEach((c, i) => {
        data.set(spliced(signals[i] as Float64Array, clean[i] as Float64Array, found), c * n);
      });
      return { start: segment.start, data };
    }),
  }));
  return { ...od, groups };
}

function joined(x: Float64Array, found: readonly (readonly [number, number])[]): Float64Array {
  const out = new Float64Array(found.reduce((sum, [begin, end]) => sum + end - begin, 0));
  let at = 0;
  for (const [begin, end] of found) {
    out.set(x.subarray(begin, end), at);
    at += end - begin;
  }
  return out;
}

/** The channels without the first component and those that follow while their shares of the variance add up to less than `share`. */
function withoutFirst(pieces: readonly Float64Array[], share: number): Float64Array[] {
  const total = pieces.reduce((sum, x) => sum + dot(x, x), 0);
  const out = pieces.map((x) => x.slice());
  let taken = 0;
  for (const shape of principalShapes(pieces, pieces.length)) {
    const weights = pieces.map((x) => dot(x, shape));
    const own = weights.reduce((sum, w) => sum + w * w, 0);
    if (taken > 0 && !(taken + own < share * total)) break;
    taken += own;
    out.forEach((x, c) => {
      for (let t = 0; t < x.length; t++) x[t] = (x[t] as number) - (weights[c] as number) * (shape[t] as number);
    });
  }
  return out;
}

/** Puts the cleaned stretches back; each piece begins at the last value of the one before. */
function spliced(x: Float64Array, clean: Float64Array, found: readonly (readonly [number, number])[]): Float64Array {
  const out = x.slice();
  let at = 0;
  const meet = (begin: number, end: number, source: Float64Array, from: number): void => {
    const shift =
      begin > 0 ? (out[begin - 1] as number) - (source[from] as number) : (x[0] as number) - (source[from] as number);
    for (let t = begin; t < end; t++) out[t] = (source[from + t - begin] as number) + shift;
  };
  found.forEach(([begin, end], k) => {
    meet(begin, end, clean, at);
    at += end - begin;
    meet(end, found[k + 1]?.[0] ?? x.length, x, end);
  });
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += (a[t] as number) * (b[t] as number);
  return sum;
}
