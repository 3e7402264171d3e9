/** Raw SPECT on disk, whatever its format. */
import { DataError, type KiloelectronVolts, type SpectProjections } from "@quintet/core";
import { readNuclearProjections } from "../dicom/nuclear-projections.ts";
import { looksLikeDicom, readDicomTags } from "../dicom/tags.ts";
import { readUnpacked } from "./files.ts";
import { readProjections } from "./interfile.ts";

export interface SpectScan {
  readonly projections: SpectProjections;
  /** What a reader must know. */
  readonly notes: readonly string[];
}

/**
 * Projections in one energy window: an Interfile header with its data file, or an NM image of DICOM. Of several windows in one NM
 * file it is the one that PATH#N names, counted from 1, else the only one that holds `energy`.
 *
 * @throws DataError `which-window` (several windows and none or more than one holds the energy), `no-such-window`, those of
 *   readProjections and readNuclearProjections
 */
export async function readSpectProjections(path: string, energy?: KiloelectronVolts): Promise<SpectScan> {
  const [, plain = path, number] = /^(.*)#(\d{1,3})$/.exec(path) ?? [];
  if (/\.hs$/i.test(plain)) {
    const { projections, about } = await readProjections(plain);
    return { projections, notes: about.notes };
  }
  const bytes = await readUnpacked(plain);
  if (!looksLikeDicom(bytes)) {
    const { projections, about } = await readProjections(plain);
    return { projections, notes: about.notes };
  }
  const { windows, notes, detectors, collimator } = readNuclearProjections(readDicomTags(bytes, { file: plain }));
  const said = [
    ...notes,
    `${detectors} detectors${collimator ? `, collimator ${collimator} as the file names it` : ""}`,
  ];
  const limits = windows.map(({ window }) => (window ? `${window.low} to ${window.high}` : "not stated")).join("; ");
  if (number !== undefined) {
    const chosen = windows[Number(number) - 1];
    if (chosen) return { projections: chosen, notes: said };
    throw new DataError("no-such-window", "energy windows are counted from 1", {
      file: plain,
      expected: limits,
      found: number,
    });
  }
  const holding = windows.filter(
    ({ window }) => window && energy !== undefined && window.low <= energy && energy <= window.high,
  );
  const [only] = windows.length === 1 ? windows : holding;
  if (only && (windows.length === 1 || holding.length === 1)) return { projections: only, notes: said };
  throw new DataError("which-window", "the file has several energy windows", {
    file: plain,
    expected: `${plain}#N, N from 1 to ${windows.length}`,
    found: `windows in keV: ${limits}`,
  });
}
