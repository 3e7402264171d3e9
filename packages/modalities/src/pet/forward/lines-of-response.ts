import {
  checkScanner,
  circleRadius,
  DataError,
  detectorPositions,
  detectorsOfBin,
  detectorsPerRing,
  type ListMode,
  type PetScanner,
  ringCount,
  ringPositions,
  type SinogramLayout,
  sinogramPlanes,
} from "@quintet/core";
import { fwhmPerSigma, type LineList, type LineStack } from "@quintet/kernels";

/** Half the speed of light, mm/ps: a difference of arrival times moves the place by this much (exact by definition). */
export const halfSpeedOfLight = 0.149896229;

/**
 * Lines of response of a sinogram as a stack of rays [view][bin] and planes: bin -> line.
 * @throws DataError `bad-scanner`, `bad-layout`
 */
export function sinogramLines(layout: SinogramLayout): LineStack {
  const planes = Float64Array.from(sinogramPlanes(layout).flatMap(({ za, zb }) => [za, zb]));
  const rays = new Float64Array(4 * layout.views * layout.bins);
  const ends = layout.arc === undefined ? endsOfPair(layout) : endsOfParallel(layout, layout.arc.width);
  for (let view = 0; view < layout.views; view++) {
    for (let bin = 0; bin < layout.bins; bin++) rays.set(ends(view, bin), 4 * (view * layout.bins + bin));
  }
  const { timeOfFlight, scanner } = layout;
  if (timeOfFlight === undefined || scanner.timeOfFlight === undefined) return { rays, planes };
  return {
    rays,
    planes,
    tof: {
      bins: timeOfFlight.bins,
      width: timeOfFlight.width * halfSpeedOfLight,
      sigma: tofSigma(scanner.timeOfFlight.fwhm),
    },
  };
}

type Ends = readonly [xa: number, ya: number, xb: number, yb: number];

function endsOfPair(layout: SinogramLayout): (view: number, bin: number) => Ends {
  const place = detectorPositions(layout.scanner);
  return (view, bin) => {
    const [a, b] = detectorsOfBin(layout, view, bin);
    return [place[2 * a], place[2 * a + 1], place[2 * b], place[2 * b + 1]] as Ends;
  };
}

function endsOfParallel(layout: SinogramLayout, width: number): (view: number, bin: number) => Ends {
  const radius = circleRadius(layout.scanner);
  return (view, bin) => {
    const phi = Math.PI / 2 + layout.scanner.tilt + (Math.PI * view) / layout.views;
    const s = (bin - (layout.bins - 1) / 2) * width;
    const h = Math.sqrt(radius * radius - s * s);
    const [c, n] = [Math.cos(phi), Math.sin(phi)];
    return [s * c + h * n, s * n - h * c, s * c - h * n, s * n + h * c];
  };
}

/** Standard deviation along the line, mm, of a time resolution (full width at half maximum, ps). */
function tofSigma(fwhm: number): number {
  return (fwhm * halfSpeedOfLight) / fwhmPerSigma;
}

/**
 * Lines of response of list-mode events: event -> line.
 * @param width of the time-of-flight bins the differences were rounded to, ps; default the scanner's
 * @param delayed which events: prompts (default) or the delayed window
 * @throws DataError `bad-scanner`, `bad-event`
 */
export function eventLines(
  events: ListMode,
  { delayed = false, width }: { readonly delayed?: boolean; readonly width?: number } = {},
): LineList {
  const { scanner, a, b, timeDifference } = events;
  checkScanner(scanner);
  const ends = detectorEnds(scanner);
  const wanted = (i: number): boolean => (events.delayed?.[i] === 1) === delayed;
  let count = 0;
  for (let i = 0; i < a.length; i++) if (wanted(i)) count++;
  const out = new Float32Array(6 * count);
  const position = new Float32Array(timeDifference && scanner.timeOfFlight ? count : 0);
  for (let i = 0, row = 0; i < a.length; i++) {
    if (!wanted(i)) continue;
    const [da, db] = [a[i] as number, b[i] as number];
    if (3 * da >= ends.length || 3 * db >= ends.length) {
      throw new DataError("bad-event", `event ${i} names a detector that ${scanner.name} does not have`, {
        expected: `0 to ${ends.length / 3 - 1}`,
        found: `${da}, ${db}`,
      });
    }
    for (let c = 0; c < 3; c++) {
      out[6 * row + c] = ends[3 * da + c] as number;
      out[6 * row + 3 + c] = ends[3 * db + c] as number;
    }
    if (position.length > 0) position[row] = (timeDifference?.[i] as number) * halfSpeedOfLight;
    row++;
  }
  const clock = scanner.timeOfFlight;
  if (timeDifference === undefined || clock === undefined) return { ends: out };
  return {
    ends: out,
    tof: {
      position,
      width: (width ?? clock.width) * halfSpeedOfLight,
      sigma: tofSigma(clock.fwhm),
    },
  };
}

/** [ring * detectorsPerRing + detector][x, y, z] in mm. */
function detectorEnds(scanner: PetScanner): Float32Array {
  const [place, z, count] = [detectorPositions(scanner), ringPositions(scanner), detectorsPerRing(scanner)];
  const out = new Float32Array(3 * count * ringCount(scanner));
  for (let i = 0; i < out.length / 3; i++) {
    out.set([place[2 * (i % count)], place[2 * (i % count) + 1], z[Math.floor(i / count)]] as number[], 3 * i);
  }
  return out;
}
