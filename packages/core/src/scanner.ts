import { DataError } from "./data-error.ts";
import type { Millimetres } from "./units.ts";

/** Crystals on a circle; `radius` is that of their front faces. */
export interface RoundRing {
  readonly kind: "cylinder";
  readonly detectors: number;
  readonly radius: Millimetres;
}

/** Crystals on the flat sides of a regular polygon; `apothem` reaches from the axis to the front face of a side. */
export interface PolygonRing {
  readonly kind: "polygon";
  readonly sides: number;
  /** Blocks that lie side by side on one side, and crystals along one block. */
  readonly blocks: number;
  readonly crystals: number;
  readonly pitch: Millimetres;
  readonly blockPitch: Millimetres;
  readonly apothem: Millimetres;
}

/** Rings along the axis: blocks of evenly pitched crystals, with a gap where blockPitch > crystals * pitch. */
export interface AxialBlocks {
  readonly blocks: number;
  readonly crystals: number;
  readonly pitch: Millimetres;
  readonly blockPitch: Millimetres;
}

/** Unmashed time-of-flight bins. */
export interface TimeOfFlight {
  readonly bins: number;
  /** Width of a bin as a difference of arrival times, ps. */
  readonly width: number;
  /** Resolution as a difference of arrival times, full width at half maximum, ps. */
  readonly fwhm: number;
}

/**
 * The detectors of a PET scanner as data. World mm with the scanner's centre as origin, z its axis.
 *
 * Within a ring detectors count counter-clockwise seen from +z. In a cylinder detector 0 lies at the angle `tilt` from +x;
 * in a polygon the middle of side 0 does, and its first crystal is detector 0. Rings count towards +z. The number of a
 * detector in the whole scanner is ring * detectorsPerRing + detector.
 */
export interface PetScanner {
  readonly name: string;
  /** Where the numbers come from. */
  readonly source: string;
  readonly ring: RoundRing | PolygonRing;
  readonly axial: AxialBlocks;
  /** Mean depth of interaction behind the front face. */
  readonly depth: Millimetres;
  /** Angle in radians. */
  readonly tilt: number;
  readonly timeOfFlight?: TimeOfFlight;
}

export function detectorsPerRing({ ring }: PetScanner): number {
  return ring.kind === "cylinder" ? ring.detectors : ring.sides * ring.blocks * ring.crystals;
}

export function ringCount({ axial }: PetScanner): number {
  return axial.blocks * axial.crystals;
}

/** Whether all rings are evenly pitched. */
export function evenRings({ axial: { blocks, crystals, pitch, blockPitch } }: PetScanner): boolean {
  return blocks === 1 || Math.abs(blockPitch - crystals * pitch) < 1e-6 * pitch;
}

/** Middle of each ring along the axis, mm; the scanner's middle is 0. */
export function ringPositions(scanner: PetScanner): Float64Array {
  const { blocks, crystals, pitch, blockPitch } = scanner.axial;
  return Float64Array.from(
    { length: ringCount(scanner) },
    (_, ring) =>
      (Math.floor(ring / crystals) - (blocks - 1) / 2) * blockPitch + ((ring % crystals) - (crystals - 1) / 2) * pitch,
  );
}

/** x, y in mm of each detector of a ring where gammas interact on average, [detector][2]. */
export function detectorPositions(scanner: PetScanner): Float64Array {
  const { ring, depth, tilt } = scanner;
  const count = detectorsPerRing(scanner);
  const out = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    let [distance, along, angle] = [0, 0, 0];
    if (ring.kind === "cylinder") {
      distance = ring.radius + depth;
      angle = tilt + (2 * Math.PI * i) / count;
    } else {
      const onSide = i % (ring.blocks * ring.crystals);
      distance = ring.apothem + depth;
      along =
        (Math.floor(onSide / ring.crystals) - (ring.blocks - 1) / 2) * ring.blockPitch +
        ((onSide % ring.crystals) - (ring.crystals - 1) / 2) * ring.pitch;
      angle = tilt + (2 * Math.PI * Math.floor(i / (ring.blocks * ring.crystals))) / ring.sides;
    }
    out[2 * i] = distance * Math.cos(angle) - along * Math.sin(angle);
    out[2 * i + 1] = distance * Math.sin(angle) + along * Math.cos(angle);
  }
  return out;
}

/** @throws DataError `bad-scanner` */
export function checkScanner(scanner: PetScanner): void {
  const { ring, axial, depth, timeOfFlight } = scanner;
  const whole = [axial.blocks, axial.crystals, detectorsPerRing(scanner), timeOfFlight?.bins ?? 1];
  const lengths = [
    axial.pitch,
    axial.blockPitch,
    ring.kind === "cylinder" ? ring.radius : Math.min(ring.apothem, ring.pitch, ring.blockPitch),
    timeOfFlight?.width ?? 1,
    timeOfFlight?.fwhm ?? 1,
  ];
  const fits =
    whole.every((n) => Number.isInteger(n) && n > 0 && n < 1e5) &&
    lengths.every((length) => length > 0 && length < 1e5) &&
    depth >= 0 &&
    depth < 1000 &&
    Number.isFinite(scanner.tilt) &&
    detectorsPerRing(scanner) % 2 === 0 &&
    axial.blockPitch >= axial.crystals * axial.pitch - 1e-6 * axial.pitch;
  if (!fits) {
    throw new DataError("bad-scanner", `${scanner.name} is no ring of detectors: counts are whole, lengths positive`, {
      expected: "an even number of detectors a ring, blocks that do not overlap",
      found: JSON.stringify({ ring, axial, depth, timeOfFlight }),
    });
  }
}
