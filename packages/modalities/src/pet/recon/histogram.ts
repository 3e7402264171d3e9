import {
  binOfDetectors,
  DataError,
  detectorsPerRing,
  type ListMode,
  ringCount,
  type Sinogram,
  type SinogramLayout,
  sinogramPlanes,
  sinogramSize,
} from "@quintet/core";
import { sameLayout } from "../forward/acquisition-model.ts";

/** Events in their bins. */
export interface Histogram {
  readonly sinogram: Sinogram;
  /** Events outside the layout's bins, planes or TOF bins. */
  readonly outside: number;
}

/** Finds the bin of an event; -1 outside the layout. */
export type BinFinder = (a: number, b: number, timeDifference: number) => number;

/** @throws DataError `arc-corrected`, those of checkLayout */
export function binFinder(layout: SinogramLayout): BinFinder {
  if (layout.arc) {
    throw new DataError("arc-corrected", "events are counted in bins that are pairs of detectors", {
      expected: "a layout without arc correction",
      found: `bins of ${layout.arc.width} mm`,
    });
  }
  const [n, rings] = [detectorsPerRing(layout.scanner), ringCount(layout.scanner)];
  const planes = sinogramPlanes(layout);
  const planeOf = new Int32Array(rings * rings).fill(-1);
  for (const [plane, { pairs }] of planes.entries()) for (const [ra, rb] of pairs) planeOf[ra * rings + rb] = plane;
  const rays = new Int32Array(n * n).fill(-1);
  const swaps = new Uint8Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      const found = a === b ? undefined : binOfDetectors(layout, a, b);
      if (!found) continue;
      rays[a * n + b] = found.view * layout.bins + found.bin;
      swaps[a * n + b] = found.swapped ? 1 : 0;
    }
  }
  const { bins, width } = layout.timeOfFlight ?? { bins: 1, width: Number.POSITIVE_INFINITY };
  return (a, b, timeDifference) => {
    const [da, db] = [a % n, b % n];
    const ray = rays[da * n + db] as number;
    if (ray < 0) return -1;
    const swapped = swaps[da * n + db] === 1;
    const [ra, rb] = [Math.floor(a / n), Math.floor(b / n)];
    const plane = planeOf[swapped ? rb * rings + ra : ra * rings + rb] as number;
    if (!(plane >= 0)) return -1;
    const tof = bins === 1 ? 0 : Math.round((swapped ? -timeDifference : timeDifference) / width + (bins - 1) / 2);
    return tof >= 0 && tof < bins ? (ray * bins + tof) * planes.length + plane : -1;
  };
}

/**
 * Counts list-mode events into a sinogram.
 * @param delayed which events: prompts (default) or the delayed window
 * @throws DataError `layout-mismatch` (another scanner), `bad-event`, `no-tof`, `arc-corrected`
 */
export function histogram(
  events: ListMode,
  layout: SinogramLayout,
  { delayed = false }: { readonly delayed?: boolean } = {},
): Histogram {
  if (!sameLayout({ ...layout, scanner: events.scanner }, layout)) {
    throw new DataError("layout-mismatch", "events and sinogram are of different scanners", {
      expected: layout.scanner.name,
      found: events.scanner.name,
    });
  }
  if (layout.timeOfFlight && !events.timeDifference) {
    throw new DataError("no-tof", "the events carry no time of flight", { expected: "arrival differences in ps" });
  }
  const find = binFinder(layout);
  const data = new Float32Array(sinogramSize(layout));
  const count = detectorsPerRing(layout.scanner) * ringCount(layout.scanner);
  let outside = 0;
  for (let i = 0; i < events.a.length; i++) {
    if ((events.delayed?.[i] === 1) !== delayed) continue;
    const [a, b] = [events.a[i] as number, events.b[i] as number];
    if (a >= count || b >= count) {
      throw new DataError("bad-event", `event ${i} names a detector that ${layout.scanner.name} does not have`, {
        expected: `0 to ${count - 1}`,
        found: `${a}, ${b}`,
      });
    }
    const bin = find(a, b, events.timeDifference?.[i] ?? 0);
    if (bin < 0) outside++;
    else data[bin] = (data[bin] as number) + 1;
  }
  return { sinogram: { layout, data }, outside };
}
