import {
  binOfDetectors,
  DataError,
  detectorsPerRing,
  type ListMode,
  ringCount,
  type Sinogram,
  type SinogramLayout,
  sinogramPlanes,
} from "@quintet/core";

/**
 * Which pairs of detectors a sinogram holds: of a ring's N detectors those with a bin, of the rings those close enough.
 * A detector's fan is all it is paired with.
 */
export interface Fans {
  readonly layout: SinogramLayout;
  readonly detectors: number;
  readonly rings: number;
  /** Of a ring: whether detector 0 is paired with detector b; the same for every detector turned by its number. */
  readonly partner: Uint8Array;
}

/** @throws DataError `arc-corrected` (its bins are no pairs of detectors) and those of checkLayout */
export function fansOf(layout: SinogramLayout): Fans {
  if (layout.arc) {
    throw new DataError("arc-corrected", "an arc-corrected sinogram has no pairs of detectors", {
      expected: "bins that are pairs of detectors",
      found: `bins of ${layout.arc.width} mm`,
    });
  }
  const detectors = detectorsPerRing(layout.scanner);
  const partner = new Uint8Array(detectors);
  for (let b = 1; b < detectors; b++) if (binOfDetectors(layout, 0, b)) partner[b] = 1;
  return { layout, detectors, rings: ringCount(layout.scanner), partner };
}

/** Sum of `values` ([ring][detector]) over each detector's fan. */
export function fanSums({ layout, detectors: n, rings, partner }: Fans, values: Float64Array): Float64Array {
  const along = new Float64Array(values.length);
  for (let ring = 0; ring < rings; ring++) {
    const [low, high] = [ring - layout.maxRingDifference, ring + layout.maxRingDifference];
    for (let other = Math.max(0, low); other <= Math.min(rings - 1, high); other++) {
      for (let a = 0; a < n; a++) {
        along[ring * n + a] = (along[ring * n + a] as number) + (values[other * n + a] as number);
      }
    }
  }
  const runs = runsOf(partner);
  const out = new Float64Array(values.length);
  const upTo = new Float64Array(2 * n + 1);
  for (let ring = 0; ring < rings; ring++) {
    for (let i = 0; i < 2 * n; i++) upTo[i + 1] = (upTo[i] as number) + (along[ring * n + (i % n)] as number);
    for (let a = 0; a < n; a++) {
      let sum = 0;
      for (const [first, last] of runs) sum += (upTo[a + last + 1] as number) - (upTo[a + first] as number);
      out[ring * n + a] = sum;
    }
  }
  return out;
}

/** Runs of ones, [first, last]. */
function runsOf(partner: Uint8Array): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (let b = 0; b < partner.length; b++) {
    if (partner[b] !== 1) continue;
    const open = runs.at(-1);
    if (open && open[1] === b - 1) open[1] = b;
    else runs.push([b, b]);
  }
  return runs;
}

/** Calls `pair` for every pair of detectors (numbers in the whole scanner) with its ray [view][bin] and plane. */
export function forPairsOf(
  layout: SinogramLayout,
  pair: (a: number, b: number, ray: number, plane: number) => void,
): void {
  const { detectors: n } = fansOf(layout);
  const planes = sinogramPlanes(layout);
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const found = binOfDetectors(layout, a, b);
      if (found === undefined) continue;
      const [first, second] = found.swapped ? [b, a] : [a, b];
      const ray = found.view * layout.bins + found.bin;
      for (const [plane, { pairs }] of planes.entries()) {
        for (const [ra, rb] of pairs) pair(ra * n + first, rb * n + second, ray, plane);
      }
    }
  }
}

/** Counts of each detector with its fan, from a sinogram whose bins are single pairs. @throws DataError `bad-layout` */
export function fanCountsOf({ layout, data }: Sinogram): Float64Array {
  if (layout.span !== 1 || layout.timeOfFlight) {
    throw new DataError("bad-layout", "fan sums need bins of a single pair of detectors", {
      expected: "span 1 without TOF",
      found: `span ${layout.span}`,
    });
  }
  const out = new Float64Array(detectorsPerRing(layout.scanner) * ringCount(layout.scanner));
  const planes = sinogramPlanes(layout).length;
  forPairsOf(layout, (a, b, ray, plane) => {
    const n = data[ray * planes + plane] as number;
    out[a] = (out[a] as number) + n;
    out[b] = (out[b] as number) + n;
  });
  return out;
}

/** Coincidences of each detector with its fan; prompts or the delayed window. */
export function fanCounts(fans: Fans, events: ListMode, delayed: boolean): Float64Array {
  const { layout, detectors: n, rings } = fans;
  const out = new Float64Array(n * rings);
  for (let i = 0; i < events.a.length; i++) {
    if ((events.delayed?.[i] === 1) !== delayed) continue;
    const [a, b] = [events.a[i] as number, events.b[i] as number];
    if (Math.abs(Math.floor(a / n) - Math.floor(b / n)) > layout.maxRingDifference) continue;
    if (fans.partner[(b - a + 2 * n * rings) % n] !== 1) continue;
    out[a] = (out[a] as number) + 1;
    out[b] = (out[b] as number) + 1;
  }
  return out;
}
