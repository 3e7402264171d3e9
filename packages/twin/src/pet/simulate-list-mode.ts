import {
  type Affine,
  DataError,
  detectorsOfBin,
  detectorsPerRing,
  invert,
  type ListMode,
  type Seconds,
  type Sinogram,
  type SinogramLayout,
  sinogramPlanes,
} from "@quintet/core";
import { type Random, resample, seededRandom } from "@quintet/kernels";
import type { PetPhantom } from "./phantoms.ts";
import { drawScan, expectedScan, type ScanRequest, type SimulatedScan } from "./simulate-scan.ts";

/** A part of a scan in which the head keeps still. */
export interface ScanSpan {
  readonly duration: Seconds;
  /** Activity over that of the phantom; default 1. */
  readonly activity?: number;
  /** Where the head is: reference world -> scanner world; absent: in its reference place. */
  readonly map?: Affine;
}

export interface SimulatedListMode {
  readonly events: ListMode;
  /** Of each span: what its counts were drawn with. */
  readonly spans: readonly SimulatedScan[];
  /** What the phantom's activity was multiplied by, per second of activity 1. */
  readonly scalePerSecond: number;
}

/**
 * Single events of a head that lies still span by span: each span's counts are drawn as of `simulateScan`, with the detectors'
 * efficiencies of the first, and given times within it. Each count of a bin is a coincidence of the bin's pair of detectors.
 *
 * @param layout span 1, bins that are pairs
 * @param trues unscattered true coincidences expected in all, had the head stayed in its reference place
 * @throws DataError `bad-layout`, `no-events`, `bad-scatter` (a head that moves, with the scatter of one place)
 */
export function simulateListMode(
  phantom: PetPhantom,
  layout: SinogramLayout,
  spans: readonly ScanSpan[],
  { trues, ...request }: Omit<ScanRequest, "trues" | "scale" | "efficiencies"> & { readonly trues: number },
): SimulatedListMode {
  if (layout.span !== 1 || layout.arc) {
    throw new DataError("bad-layout", "single events are of single pairs of detectors", {
      expected: "span 1, no arc correction",
      found: `span ${layout.span}`,
    });
  }
  const weight = spans.reduce((sum, { duration, activity = 1 }) => sum + duration * activity, 0);
  if (!(weight > 0)) throw new DataError("no-events", "a scan lasts some time", { found: `${weight} s` });
  const { seed, randoms = 0, scatter } = request;
  if (scatter && "layout" in scatter && spans.some(({ map }) => map)) {
    throw new DataError("bad-scatter", "a head that moves scatters from where it is", {
      expected: "the way to compute it",
      found: "the scatter of one place",
    });
  }
  const reference = expectedScan(phantom, layout, request);
  const { efficiencies } = reference;
  const whole = trues / reference.total;
  const random = seededRandom(seed).fork("times");
  const made: SimulatedScan[] = [];
  const parts: Columns[] = [];
  let start = 0;
  for (const [i, { duration, activity = 1, map }] of spans.entries()) {
    const expected = map ? expectedScan(movedPhantom(phantom, map), layout, { ...request, efficiencies }) : reference;
    const scale = (whole * duration * activity) / weight;
    const scan = drawScan(expected, { seed: seed + 1000 * (i + 1), randoms, scale });
    made.push(scan);
    parts.push(eventsOf(scan.prompts, { start, duration }, false, random));
    if (scan.delayeds) parts.push(eventsOf(scan.delayeds, { start, duration }, true, random));
    start += duration;
  }
  return {
    events: { scanner: layout.scanner, clock: "scanner", start: 0, duration: start, ...inOrder(parts, layout) },
    spans: made,
    scalePerSecond: whole / weight,
  };
}

/** Activity and attenuation of a head that has moved, on the same grid. */
export function movedPhantom({ activity, attenuation }: PetPhantom, map: Affine): PetPhantom {
  const back = invert(map);
  return { activity: resample(activity, activity, back), attenuation: resample(attenuation, attenuation, back) };
}

interface Columns {
  readonly time: Float64Array;
  readonly a: Uint32Array;
  readonly b: Uint32Array;
  readonly timeDifference: Float32Array;
  readonly delayed: Uint8Array;
}

function columns(count: number): Columns {
  return {
    time: new Float64Array(count),
    a: new Uint32Array(count),
    b: new Uint32Array(count),
    timeDifference: new Float32Array(count),
    delayed: new Uint8Array(count),
  };
}

function eventsOf(
  { layout, data }: Sinogram,
  { start, duration }: { readonly start: Seconds; readonly duration: Seconds },
  delayed: boolean,
  random: Random,
): Columns {
  const out = columns(data.reduce((sum, n) => sum + n, 0));
  const n = detectorsPerRing(layout.scanner);
  const planes = sinogramPlanes(layout);
  const { bins, width } = layout.timeOfFlight ?? { bins: 1, width: 0 };
  let at = 0;
  for (let i = 0; i < data.length; i++) {
    if (!((data[i] as number) > 0)) continue;
    const plane = i % planes.length;
    const tof = Math.floor(i / planes.length) % bins;
    const ray = Math.floor(i / planes.length / bins);
    const [da, db] = detectorsOfBin(layout, Math.floor(ray / layout.bins), ray % layout.bins);
    const [ra = 0, rb = 0] = planes[plane]?.pairs[0] ?? [];
    for (let k = 0; k < (data[i] as number); k++, at++) {
      out.time[at] = start + duration * random.uniform();
      out.a[at] = ra * n + da;
      out.b[at] = rb * n + db;
      out.timeDifference[at] = (tof - (bins - 1) / 2) * width;
      out.delayed[at] = delayed ? 1 : 0;
    }
  }
  return out;
}

/** All parts as one list, by time. Delayed events know no time of flight: theirs is the middle bin. */
function inOrder(
  parts: readonly Columns[],
  layout: SinogramLayout,
): Omit<ListMode, "scanner" | "clock" | "start" | "duration"> {
  const count = parts.reduce((sum, { time }) => sum + time.length, 0);
  const all = columns(count);
  let at = 0;
  for (const part of parts) {
    for (const name of ["time", "a", "b", "timeDifference", "delayed"] as const) all[name].set(part[name], at);
    at += part.time.length;
  }
  const order = byTime(all.time);
  const out = columns(count);
  for (const name of ["time", "a", "b", "timeDifference", "delayed"] as const) {
    const [to, from] = [out[name], all[name]];
    for (let i = 0; i < count; i++) to[i] = from[order[i] as number] as number;
  }
  const { timeDifference, delayed, ...rest } = out;
  return {
    ...rest,
    ...(layout.timeOfFlight ? { timeDifference } : {}),
    ...(delayed.includes(1) ? { delayed } : {}),
  };
}

/** Numbers of the times in rising order: sorted as one float64 array, with the number in the place of the last bits. */
function byTime(time: Float64Array): Uint32Array {
  const count = time.length;
  const last = time.reduce((most, t) => Math.max(most, t), 1e-9);
  // Steps of a 2^-22 part of the scan; below them the number decides. 2^53 / 2^22 = 2^31 events.
  const keys = Float64Array.from(time, (t, i) => Math.floor((t / last) * 2 ** 22) * 2 ** 31 + i).sort();
  return Uint32Array.from({ length: count }, (_, i) => (keys[i] as number) % 2 ** 31);
}
