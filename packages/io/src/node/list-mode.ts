/** PETSIRD on disk as list mode. */
import type { ListMode } from "@quintet/core";
import { type PairEfficiency, petsirdEfficiency } from "../petsird/efficiencies.ts";
import { fitPetsirdScanner } from "../petsird/fit-scanner.ts";
import { joinListModes, petsirdListMode } from "../petsird/list-mode.ts";
import type { PetsirdTimeBlock } from "../petsird/model.ts";
import { readPetsird } from "../petsird/petsird.ts";
import { openFileSource } from "./file-source.ts";

export interface ListModeFile {
  readonly events: ListMode;
  /** n of two detectors, where the file says something of it. */
  readonly efficiency?: PairEfficiency;
  /** Energies accepted, keV, and the resolution at 511 keV (full width at half maximum as a share of it). */
  readonly energy: { readonly low: number; readonly high: number; readonly resolution: number };
  /** Share of time in which detectors were live, where the file says it: mean over detectors and time, and the lowest. */
  readonly alive?: { readonly mean: number; readonly lowest: number };
  /** What a reader must know. */
  readonly notes: readonly string[];
}

/**
 * All coincidences of a file in memory at once, with what the file says of its scanner; of a file too large for that, walk
 * `petsirdListMode` block by block.
 *
 * @throws DataError those of readPetsird, petsirdListMode and petsirdEfficiency; `no-events`
 */
export function readListMode(path: string, { clock = "pet" }: { readonly clock?: string } = {}): ListModeFile {
  using source = openFileSource(path);
  const { header, blocks } = readPetsird(source, { file: path });
  const found = { dead: 0, moves: 0, alive: 0, fractions: 0, lowest: 1 };
  const events = joinListModes(petsirdListMode({ header, blocks: told(blocks, found) }, { file: path, clock }));
  const efficiency = petsirdEfficiency(header, fitPetsirdScanner(header, path), path);
  const edges = header.scanner.eventEnergyBinEdges[0]?.edges ?? new Float32Array(0);
  return {
    events,
    ...(efficiency ? { efficiency } : {}),
    energy: {
      low: edges[0] ?? Number.NaN,
      high: edges.at(-1) ?? Number.NaN,
      resolution: header.scanner.energyResolutionAt511[0] ?? Number.NaN,
    },
    ...(found.fractions > 0 ? { alive: { mean: found.alive / found.fractions, lowest: found.lowest } } : {}),
    notes: [
      ...(found.dead > 0 ? [`${found.dead} blocks of alive-time fractions in the file are not applied`] : []),
      ...(found.moves > 0 ? [`${found.moves} blocks of bed or gantry movement in the file are not applied`] : []),
    ],
  };
}

/** The same blocks, those counted that say what is not used here. */
function* told(
  blocks: Iterable<PetsirdTimeBlock>,
  found: { dead: number; moves: number; alive: number; fractions: number; lowest: number },
): Generator<PetsirdTimeBlock> {
  for (const block of blocks) {
    if (block[0] === "DeadTimeTimeBlock") {
      found.dead++;
      for (const share of block[1].aliveTimeFractions.singlesAliveTimeFractions.flatMap((of) => [...of])) {
        found.alive += share;
        found.fractions++;
        found.lowest = Math.min(found.lowest, share);
      }
    }
    if (block[0] === "BedMovementTimeBlock" || block[0] === "GantryMovementTimeBlock") found.moves++;
    yield block;
  }
}
