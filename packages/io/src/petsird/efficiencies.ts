/** What a PETSIRD file says of the sensitivity of pairs of detectors. */
import { DataError } from "@quintet/core";
import type { PetsirdScannerFit } from "./fit-scanner.ts";
import type { PetsirdHeader } from "./model.ts";

/** n of two detectors of the fitted scanner, by their numbers in the whole scanner. */
export type PairEfficiency = (a: number, b: number) => number;

/**
 * n_ab = epsilon_a epsilon_b g_ab as the format defines it: the efficiencies of both detection bins times that of their places
 * in the pair of modules, which is known once for each symmetry group; a part that the file leaves out is 1, a pair of modules
 * with a negative group is never in coincidence. Over bins of energy it is summed, because events are not told apart by them.
 * The absolute calibration factor is not in it.
 *
 * @returns undefined when the file holds none of the parts
 * @throws DataError `bad-petsird` (sizes that do not fit the scanner, negative or non-finite efficiencies)
 */
export function petsirdEfficiency(
  { scanner }: PetsirdHeader,
  { detectorOf, energyBins }: PetsirdScannerFit,
  file: string,
): PairEfficiency | undefined {
  const { detectionBinEfficiencies, modulePairSGIDLUT, modulePairEfficienciesVectors } = scanner.detectionEfficiencies;
  if (!detectionBinEfficiencies && !modulePairSGIDLUT && !modulePairEfficienciesVectors) return undefined;
  const [modules] = scanner.scannerGeometry.replicatedModules;
  const elements = modules?.object.detectingElements.transforms.length ?? 1;
  const moduleCount = modules?.transforms.length ?? 0;
  const wrong = (what: string, expected: string, found: string): DataError =>
    new DataError("bad-petsird", what, { file, expected, found });
  const single = detectionBinEfficiencies?.[0];
  if (detectionBinEfficiencies && single?.length !== detectorOf.length * energyBins) {
    throw wrong("detectionBinEfficiencies", `${detectorOf.length * energyBins} values`, `${single?.length ?? 0}`);
  }
  const group = modulePairSGIDLUT?.[0]?.[0];
  if (modulePairSGIDLUT && group?.data.length !== moduleCount ** 2) {
    throw wrong("modulePairSGIDLUT", `${moduleCount} x ${moduleCount} values`, `${group?.data.length ?? 0}`);
  }
  const own = elements * energyBins;
  const vectors = modulePairEfficienciesVectors?.[0]?.[0];
  for (const { values, sgid } of vectors ?? []) {
    if (values.data.length !== own ** 2)
      throw wrong(`the efficiencies of group ${sgid}`, `${own} x ${own} values`, `${values.data.length}`);
  }
  for (const values of [single, ...(vectors ?? []).map(({ values: v }) => v.data)]) {
    const bad = values?.find((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
    if (bad !== undefined) throw wrong("efficiencies", "finite values of 0 and more", `${bad}`);
  }
  const bySgid = new Map((vectors ?? []).map(({ values, sgid }) => [sgid, values.data]));
  // Element (in its module, over all modules) of each detector.
  const elementOf = new Uint32Array(detectorOf.length);
  for (const [element, detector] of detectorOf.entries()) elementOf[detector] = element;
  return (a, b) => {
    const [ea, eb] = [elementOf[a] as number, elementOf[b] as number];
    let factors: Float32Array | undefined;
    if (group) {
      const sgid = group.data[Math.floor(ea / elements) * moduleCount + Math.floor(eb / elements)] as number;
      if (sgid < 0) return 0;
      factors = bySgid.get(sgid);
    } else factors = bySgid.get(0);
    let sum = 0;
    for (let i = 0; i < energyBins; i++) {
      for (let j = 0; j < energyBins; j++) {
        const [binA, binB] = [ea * energyBins + i, eb * energyBins + j];
        const pair = factors ? (factors[(binA % own) * own + (binB % own)] as number) : 1;
        sum += pair * (single ? (single[binA] as number) * (single[binB] as number) : 1);
      }
    }
    return sum;
  };
}
