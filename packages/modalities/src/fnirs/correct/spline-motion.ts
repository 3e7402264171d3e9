import { channelData, DataError, type Hertz, type Recording, type Segment } from "@quintet/core";
import { butterworth, filtfilt, quantile, savitzkyGolay, smoothingSpline } from "@quintet/kernels";
import { type MotionMask, stretches } from "./motion-artefacts.ts";

/** Windows whose means are joined, s: of stretches up to `short` all, up to `long` `short`, else a tenth. */
const [short, long] = [0.3, 3];

/**
 * Motion repair by splines: each stretch with motion loses a cubic smoothing spline through it, and every stretch after the first is
 * then moved so that the mean at its begin meets the mean at the end of the one before.
 *
 * @param mask of `motionArtefacts`; channels without motion stay to the bit
 * @param p weight of the samples against the spline's roughness (times in s); default 0.99
 * @throws DataError `no-channels`, `out-of-range`
 * @see Scholkmann et al., Physiol Meas 2010;31:649-62 (table 1 with the windows of Homer3: 0.3 and 3 s)
 */
export function splineMotion(od: Recording, mask: MotionMask, p = 0.99): Recording {
  return mapMasked(od, mask, (signal, own, rate) => splined(signal, own, rate, p));
}

function mapMasked(
  od: Recording,
  mask: MotionMask,
  repair: (signal: Float64Array, own: Uint8Array, rate: Hertz) => Float64Array,
): Recording {
  if (!od.groups.some(({ channels }) => channels.some(({ kind }) => kind === "nirs-od")))
    throw new DataError("no-channels", "the recording has no optical density");
  const groups = od.groups.map((group, g) => ({
    ...group,
    segments: group.segments.map((segment, s): Segment => {
      const data = segment.data.slice();
      const n = data.length / group.channels.length;
      group.channels.forEach(({ kind }, c) => {
        const own = mask[g]?.[s]?.[c];
        if (kind !== "nirs-od" || !own?.includes(1)) return;
        data.set(repair(Float64Array.from(channelData(group, segment, c)), own, group.rate), c * n);
      });
      return { start: segment.start, data };
    }),
  }));
  return { ...od, groups };
}

function splined(signal: Float64Array, mask: Uint8Array, rate: Hertz, p: number): Float64Array {
  const n = signal.length;
  const out = signal.slice();
  for (const [begin, end] of stretches(mask)) {
    const course = smoothingSpline(signal.subarray(begin, end), 1 / rate, p);
    for (let t = begin; t < end; t++) out[t] = (signal[t] as number) - (course[t - begin] as number);
  }
  const edges = [0];
  for (let t = 1; t < n; t++) if (mask[t] !== mask[t - 1]) edges.push(t);
  edges.push(n);
  const window = (length: number): number =>
    length < short * rate ? length : Math.max(1, Math.floor(length < long * rate ? short * rate : length / 10));
  const mean = (from: number, to: number): number => {
    let sum = 0;
    for (let t = from; t < to; t++) sum += out[t] as number;
    return sum / (to - from);
  };
  for (let k = 1; k + 1 < edges.length; k++) {
    const [a, b, c] = [edges[k - 1], edges[k], edges[k + 1]] as [number, number, number];
    const shift = mean(b - window(b - a), b) - mean(b, b + window(c - b));
    for (let t = b; t < c; t++) out[t] = (out[t] as number) + shift;
  }
  // A recording that begins with motion has its level from what comes after it, as the rest is never moved away.
  if (mask[0] && edges.length > 2) {
    const moved = (out[edges[1] as number] as number) - (signal[edges[1] as number] as number);
    for (let t = 0; t < n; t++) out[t] = (out[t] as number) - moved;
  }
  return out;
}

/** Frame of the smoothing, s, and its order. */
const [frame, order] = [10, 3];

/**
 * Spline and Savitzky-Golay: the signal below 2 Hz is searched for shifts of its level (`levelShifts`), these are repaired by splines
 * as `splineMotion` does, and the spikes that are left are smoothed by cubic polynomials over 10 s. The smoothing takes the
 * pulse as well: nothing above about 0.15 Hz is left to judge coupling by, and a noise model must not follow.
 *
 * @throws DataError `no-channels`, `segment-too-short` (shorter than the frame)
 * @see Jahani et al., Neurophotonics 2018;5:015003
 */
export function splineSavitzkyGolay(od: Recording, p = 0.99): Recording {
  const mask: MotionMask = od.groups.map((group) =>
    group.segments.map((segment) =>
      group.channels.map(({ kind }) => {
        const n = segment.data.length / group.channels.length;
        // Every optical channel is smoothed, shifts or not.
        return kind === "nirs-od" ? new Uint8Array(n).fill(1) : new Uint8Array(n);
      }),
    ),
  );
  return mapMasked(od, mask, (signal, _, rate) => {
    let length = Math.round(frame * rate);
    if (length % 2 === 0) length++;
    if (length > signal.length) {
      throw new DataError("segment-too-short", "a segment is shorter than the frame of its smoothing", {
        expected: `${frame} s`,
        found: `${(signal.length / rate).toFixed(1)} s`,
      });
    }
    const slow = lowPassed(signal, 2, rate);
    return savitzkyGolay(splined(slow, levelShifts(slow, rate), rate, p), order, length);
  });
}

function lowPassed(signal: Float64Array, cutoff: Hertz, rate: Hertz): Float64Array {
  return cutoff < rate / 2 ? filtfilt(butterworth(order, "low", cutoff, rate), signal) : signal;
}

/**
 * Stretches where a channel shifts its level, or moves for longer than 1 s: samples whose gradient (x_{t+1} - x_{t-1}) lies more than
 * 1.5 interquartile ranges outside its quartiles, or whose standard deviation over 1 s (below 0.5 Hz) more than 2; of these the
 * stretches over which the signal changes by more than the heart beat does (the median change within 0.5 s where nothing was found),
 * or that last longer than 1 s.
 */
export function levelShifts(x: Float64Array, rate: Hertz): Uint8Array {
  const n = x.length;
  const slow = lowPassed(x, 0.5, rate);
  const width = Math.max(2, Math.round(rate));
  const spread = Float64Array.from({ length: Math.max(0, n - width) }, (_, t) => deviation(slow, t, t + width + 1));
  const gradient = Float64Array.from({ length: n }, (_, t) =>
    t > 0 && t + 1 < n ? (x[t + 1] as number) - (x[t - 1] as number) : 0,
  );
  const found = new Uint8Array(n);
  outliers(gradient, 1.5, (t) => found.fill(1, t, t + 1));
  outliers(spread, 2, (t) => found.fill(1, t + Math.round(width / 2), t + Math.round(width / 2) + 1));
  const half = Math.max(1, Math.round(0.5 * rate));
  const quiet: number[] = [];
  for (let t = 0; t + half < n; t++)
    if (!found.subarray(t, t + half + 1).includes(1)) quiet.push(Math.abs((x[t + half] as number) - (x[t] as number)));
  const beat = quiet.length > 0 ? quantile(quiet, 0.5) : 0;
  const out = new Uint8Array(n);
  for (const [begin, end] of stretches(found)) {
    const change = Math.abs((x[Math.min(n - 1, end)] as number) - (x[Math.max(0, begin - 1)] as number));
    if (change > beat || end - begin > rate) out.fill(1, begin, end);
  }
  return out;
}

function outliers(values: Float64Array, limit: number, mark: (t: number) => void): void {
  const [low, high] = [quantile(values, 0.25), quantile(values, 0.75)];
  const [least, most] = [low - limit * (high - low), high + limit * (high - low)];
  values.forEach((v, t) => {
    if (v < least || v > most) mark(t);
  });
}

function deviation(x: Float64Array, from: number, to: number): number {
  let [mean, squares] = [0, 0];
  for (let t = from; t < to; t++) mean += (x[t] as number) / (to - from);
  for (let t = from; t < to; t++) squares += ((x[t] as number) - mean) ** 2;
  return Math.sqrt(squares / (to - from - 1));
}
