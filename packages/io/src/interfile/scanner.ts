/** The scanner parameter block of a STIR projection header as the scanner's noun, and back. */
import { DataError, detectorsPerRing, type Millimetres, type PetScanner, ringCount } from "@quintet/core";
import { type InterfileHeader, interfileCount, interfileNumber, interfileText, requiredNumber } from "./header.ts";

/** A scanner known by name, with the bin size of its arc-corrected projections. */
export interface KnownScanner extends PetScanner {
  readonly binWidth?: Millimetres;
}

/**
 * Reads the block. STIR's gantry has x right as one faces it from the bed, y down, z out along the bed, and detector 0 at the
 * top (-y), counting towards +x; the scanner's frame of this project is that of a patient head first and supine, (-x, -y, -z).
 * There detector i lies at pi/2 + view offset + 2 pi i / N from +x, and ring r of R is STIR's ring R - 1 - r.
 *
 * A scanner of flat buckets (BlocksOnCylindrical) becomes a polygon. With c = pi / buckets, block pitch B, crystal pitch p and
 * gap g = B - n p, STIR turns its first bucket's middle by c - (2 c / B)(p / 2 + g) from the top.
 *
 * @param known stands in for sizes that the header leaves out
 * @throws DataError `missing-key`, `bad-number`, `unsupported-scanner` (a crystal map, several layers of crystals)
 * @see STIR 6.5-dev, GeometryBlocksOnCylindrical.cxx, InterfileHeader.cxx
 */
export function interfileScanner(header: InterfileHeader, known?: KnownScanner): PetScanner {
  const { file } = header;
  const inner = known && (known.ring.kind === "cylinder" ? known.ring.radius : known.ring.apothem);
  const length = (key: string, perUnit: number, fallback: number | undefined): number => {
    const stated = interfileNumber(header, key);
    if (stated !== undefined) return perUnit * stated;
    return fallback ?? perUnit * requiredNumber(header, key);
  };
  const rings = interfileCount(header, "number of rings", known ? ringCount(known) : Number.NaN, 10_000);
  const detectors = interfileCount(
    header,
    "number of detectors per ring",
    known ? detectorsPerRing(known) : Number.NaN,
    100_000,
  );
  const radius = length("inner ring diameter (cm)", 5, inner);
  const depth = length("average depth of interaction (cm)", 10, known?.depth);
  const pitch = length("distance between rings (cm)", 10, known?.axial.pitch);
  const offset = ((interfileNumber(header, "view offset (degrees)") ?? 0) * Math.PI) / 180;
  const geometry = interfileText(header, "scanner geometry (BlocksOnCylindrical/Cylindrical/Generic)") ?? "Cylindrical";
  const layers = interfileNumber(header, "number of detector layers") ?? 1;
  if (layers > 1 || !/^(cylindrical|blocksoncylindrical)$/i.test(geometry)) {
    throw new DataError("unsupported-scanner", "scanners of a crystal map or of several layers are not read", {
      file,
      expected: "Cylindrical or BlocksOnCylindrical, one layer",
      found: `${geometry}, ${layers} layers`,
    });
  }
  const timeOfFlight = timeOfFlightOf(header);
  const common = {
    name: interfileText(header, "originating system") ?? interfileText(header, "scanner type") ?? "unknown",
    source: file,
    depth,
    ...(timeOfFlight ? { timeOfFlight } : {}),
  };
  if (/^cylindrical$/i.test(geometry)) {
    return {
      ...common,
      ring: { kind: "cylinder", detectors, radius },
      axial: { blocks: 1, crystals: rings, pitch, blockPitch: rings * pitch },
      tilt: Math.PI / 2 + offset,
    };
  }
  return { ...common, ...blocksOf(header, rings, detectors, radius, offset) };
}

function blocksOf(
  header: InterfileHeader,
  rings: number,
  detectors: number,
  apothem: number,
  offset: number,
): Pick<PetScanner, "ring" | "axial" | "tilt"> {
  const count = (key: string): number => interfileCount(header, key, Number.NaN, 10_000);
  const length = (key: string): number => 10 * requiredNumber(header, key);
  const crystals = count("number of crystals per block in transaxial direction");
  const blocks = count("number of blocks per bucket in transaxial direction");
  const axialCrystals = count("number of crystals per block in axial direction");
  const pitch = length("distance between crystals in transaxial direction (cm)");
  const blockPitch = length("distance between blocks in transaxial direction (cm)");
  const sides = detectors / (crystals * blocks);
  const axialBlocks = rings / axialCrystals;
  if (!Number.isInteger(sides) || !Number.isInteger(axialBlocks)) {
    throw new DataError("bad-number", "crystals and blocks must make up the rings", {
      file: header.file,
      expected: `${detectors} detectors of ${blocks} x ${crystals} a side, ${rings} rings of ${axialCrystals} a block`,
      found: `${sides} sides, ${axialBlocks} blocks`,
    });
  }
  const half = Math.PI / sides;
  const gap = blockPitch - crystals * pitch;
  return {
    ring: { kind: "polygon", sides, blocks, crystals, pitch, blockPitch, apothem },
    axial: {
      blocks: axialBlocks,
      crystals: axialCrystals,
      pitch: length("distance between crystals in axial direction (cm)"),
      blockPitch: length("distance between blocks in axial direction (cm)"),
    },
    tilt: Math.PI / 2 + offset + half - ((2 * half) / blockPitch) * (pitch / 2 + gap),
  };
}

function timeOfFlightOf(header: InterfileHeader): PetScanner["timeOfFlight"] {
  const either = (...keys: string[]): number | undefined =>
    keys.map((key) => interfileNumber(header, key)).find((value) => value !== undefined);
  const bins = either("maximum number of (unmashed) TOF time bins", "number of TOF time bins");
  const width = either("size of unmashed TOF time bins (ps)", "size of timing bin (ps)");
  const fwhm = either("TOF timing resolution (ps)", "timing resolution (ps)");
  return bins !== undefined && bins > 1 && width !== undefined && width > 0 && fwhm !== undefined && fwhm > 0
    ? { bins, width, fwhm }
    : undefined;
}

/** The block's lines. @throws DataError `unsupported-scanner` for a polygon turned as STIR's are not */
export function scannerLines(scanner: PetScanner): readonly string[] {
  const { ring, axial, depth, tilt, timeOfFlight, name } = scanner;
  const polygon = ring.kind === "polygon";
  const half = polygon ? Math.PI / ring.sides : 0;
  const turn = polygon
    ? half - ((2 * half) / ring.blockPitch) * (ring.pitch / 2 + ring.blockPitch - ring.crystals * ring.pitch)
    : 0;
  const across = polygon ? ring : { blocks: 1, crystals: detectorsPerRing(scanner), pitch: 0, blockPitch: 0 };
  return [
    "Scanner parameters :=",
    `Scanner type := ${name}`,
    `Number of rings := ${ringCount(scanner)}`,
    `Number of detectors per ring := ${detectorsPerRing(scanner)}`,
    `Inner ring diameter (cm) := ${(polygon ? ring.apothem : ring.radius) / 5}`,
    `Average depth of interaction (cm) := ${depth / 10}`,
    `Distance between rings (cm) := ${axial.pitch / 10}`,
    `View offset (degrees) := ${((tilt - Math.PI / 2 - turn) * 180) / Math.PI}`,
    `Number of blocks per bucket in transaxial direction := ${across.blocks}`,
    `Number of blocks per bucket in axial direction := ${axial.blocks}`,
    `Number of crystals per block in axial direction := ${axial.crystals}`,
    `Number of crystals per block in transaxial direction := ${across.crystals}`,
    "Number of detector layers := 1",
    `Scanner geometry (BlocksOnCylindrical/Cylindrical/Generic) := ${polygon ? "BlocksOnCylindrical" : "Cylindrical"}`,
    ...(polygon
      ? [
          `Distance between crystals in axial direction (cm) := ${axial.pitch / 10}`,
          `Distance between crystals in transaxial direction (cm) := ${ring.pitch / 10}`,
          `Distance between blocks in axial direction (cm) := ${axial.blockPitch / 10}`,
          `Distance between blocks in transaxial direction (cm) := ${ring.blockPitch / 10}`,
        ]
      : []),
    ...(timeOfFlight
      ? [
          `Maximum number of (unmashed) TOF time bins := ${timeOfFlight.bins}`,
          `Size of unmashed TOF time bins (ps) := ${timeOfFlight.width}`,
          `TOF timing resolution (ps) := ${timeOfFlight.fwhm}`,
        ]
      : []),
    "End scanner parameters :=",
  ];
}
