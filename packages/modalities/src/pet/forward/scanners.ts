import { DataError, type PetScanner, type TimeOfFlight } from "@quintet/core";

const stir = "STIR 6.5-dev, src/buildblock/Scanner.cxx";
const parallelproj = "parallelproj 2.0, pet_scanners.py";

/** One block of all rings: no axial gaps known. */
function round(
  name: string,
  [rings, detectors, radius, depth, pitch, degrees = 0]: readonly [number, number, number, number, number, number?],
  timeOfFlight?: TimeOfFlight,
): PetScanner {
  return {
    name,
    source: stir,
    ring: { kind: "cylinder", detectors, radius },
    axial: { blocks: 1, crystals: rings, pitch, blockPitch: rings * pitch },
    depth,
    tilt: (degrees * Math.PI) / 180,
    ...(timeOfFlight ? { timeOfFlight } : {}),
  };
}

/** GE Discovery MI with 3 to 6 rings of blocks. */
function discoveryMi(blocks: number): PetScanner {
  return {
    name: `GE Discovery MI ${blocks} rings`,
    source: parallelproj,
    ring: { kind: "polygon", sides: 34, blocks: 1, crystals: 16, pitch: 4.03125, blockPitch: 64.5, apothem: 380.56 },
    axial: { blocks, crystals: 9, pitch: 5.31556, blockPitch: 9 * 5.31556 + 2.8 },
    depth: 0,
    tilt: 0,
    timeOfFlight: { bins: 29, width: 169, fwhm: 385 },
  };
}

/**
 * Public scanners by name. Radii are to the crystals' front faces unless depth is 0: there the source gives the mean place
 * of interaction. NeuroLF is the reference brain scanner: STIR's NeuroLF-15mm.hs (octagon of buckets of 4 x 6 blocks of
 * 8 x 8 crystals; its inner diameter taken as the octagon's inscribed circle, its depth of interaction as stated). That file's
 * view offset of -178.143 degrees is a number of STIR's own count of detectors and of its axes, not a turn of the octagon;
 * here side 0 stands on the x axis.
 */
export const scanners: readonly PetScanner[] = [
  {
    name: "NeuroLF",
    source: "STIR, examples/python/NeuroLF_reconstruction_example/NeuroLF-15mm.hs",
    ring: { kind: "polygon", sides: 8, blocks: 4, crystals: 8, pitch: 3.313, blockPitch: 27.36, apothem: 135.5 },
    axial: { blocks: 6, crystals: 8, pitch: 3.313, blockPitch: 27.36 },
    depth: 8.26007,
    tilt: 0,
  },
  // 448 real detectors and 56 virtual ones between the blocks.
  round("Siemens mMR", [64, 504, 328, 7, 4.0625]),
  round("Siemens mCT", [55, 672, 421, 7, 4.054], { bins: 13, width: 312, fwhm: 555 }),
  round("Siemens Vision 600", [80, 798, 410, 7, 3.29114], { bins: 264, width: 17.9, fwhm: 214 }),
  round("Siemens Quadra", [323, 798, 410, 7, 3.29114], { bins: 264, width: 17.9, fwhm: 214 }),
  round("ECAT 931", [8, 512, 510, 7, 13.5]),
  round("ECAT 953", [16, 384, 382.5, 7, 6.75, -15]),
  round("ECAT HR+", [32, 576, 412, 7, 4.85]),
  // Two layers on an octagon, taken as one cylinder.
  round("HRRT", [104, 576, 234.765, 7, 2.4375]),
  round("GE Advance", [18, 672, 463.5, 8.4, 8.5]),
  round("GE Signa PET/MR", [45, 448, 311.8, 8.5, 5.56, -5.23], { bins: 351, width: 13.02, fwhm: 390 }),
  round("GE Discovery 690", [24, 576, 405.1, 9.4, 6.54, -5.021], { bins: 55, width: 89, fwhm: 550 }),
  discoveryMi(3),
  discoveryMi(4),
  discoveryMi(5),
  discoveryMi(6),
  round("Philips Vereos", [40, 612, 382, 11, 4.1026]),
  round("Philips Gemini TF", [44, 644, 450.17, 8, 4]),
  round("PennPET", [200, 576, 382, 7, 3.9655], { bins: 512, width: 19.53, fwhm: 272.55 }),
];

/** @throws DataError `unknown-scanner` */
export function scannerNamed(name: string): PetScanner {
  const found = scanners.find((scanner) => scanner.name.toLowerCase() === name.trim().toLowerCase());
  if (found) return found;
  throw new DataError("unknown-scanner", `no scanner is called ${name}`, {
    expected: scanners.map((scanner) => scanner.name).join(", "),
    found: name,
  });
}
