/** Whether two SPECT images may be subtracted: one person, counts in every frame, the states they are given as. */
import { basename } from "node:path";
import { DataError, type Mask, type Metadata, type Volume, voxelCount } from "@quintet/core";
import { parseBidsName } from "@quintet/io";
import { leastPairCorrelation, pairCorrelation } from "@quintet/modalities/spect";

/** Whom a file name tells of: its BIDS subject label. */
export function personOf(file: string): string | undefined {
  return parseBidsName(basename(file))?.entities.sub;
}

/** @throws DataError `different-people` where names of files, or an id in their side files, tell of more than one */
export function refuseDifferentPeople(files: readonly { readonly file: string; readonly metadata?: Metadata }[]): void {
  const told = (what: (one: (typeof files)[number]) => unknown): void => {
    const known = files.flatMap((one) => {
      const value = what(one);
      return value === undefined || value === null || value === "" ? [] : [{ file: one.file, value: String(value) }];
    });
    const [first] = known;
    const other = known.find(({ value }) => value !== first?.value);
    if (first === undefined || other === undefined) return;
    throw new DataError("different-people", "images of one person are compared", {
      file: other.file,
      expected: `${first.value}, as ${basename(first.file)}`,
      found: other.value,
    });
  };
  told(({ file }) => personOf(file));
  told(({ metadata }) => metadata?.PatientID ?? metadata?.SubjectID);
}

/** @throws DataError `zero-counts` naming the frame, `not-finite` is left to those who compute */
export function refuseEmptyFrames(volume: Volume, file: string): void {
  const n = voxelCount(volume);
  for (const [t] of volume.frames.entries()) {
    if (volume.data.subarray(t * n, (t + 1) * n).some((x) => x > 0)) continue;
    throw new DataError("zero-counts", "every frame of a SPECT image holds counts", {
      file,
      expected: "voxels above 0",
      found: `none in frame ${t + 1} of ${volume.frames.length}`,
    });
  }
}

/** @throws DataError `state-mismatch` where a side file says another state than the image was given as */
export function refuseOtherState(metadata: Metadata, wanted: "ictal" | "interictal", file: string): void {
  const said = metadata.SpectState ?? parseBidsName(basename(file))?.entities.acq;
  const contrary = wanted === "ictal" ? ["interictal", "baseline"] : ["ictal"];
  if (typeof said === "string" && contrary.includes(said))
    throw new DataError("state-mismatch", `this image was given as the ${wanted} one`, {
      file,
      expected: wanted,
      found: said,
    });
}

/** Below this share of the brain the two fields of view differ too much for the answer to be about the brain; chosen here. */
const leastSeen = 0.8;

/** @throws DataError `field-of-view` where an image misses a fifth of the brain or more */
export function refuseCutBrain(image: Volume, brain: Mask, file: string): number {
  let [seen, all] = [0, 0];
  for (let v = 0; v < brain.data.length; v++) {
    if (brain.data[v] === 0) continue;
    all++;
    if ((image.data[v] as number) > 0) seen++;
  }
  const share = seen / all;
  if (share >= leastSeen) return share;
  throw new DataError("field-of-view", "both images show the whole brain", {
    file,
    expected: `at least ${100 * leastSeen} % of the T1's brain`,
    found: `${(100 * share).toFixed(0)} %`,
  });
}

const otherKinds = /^(T[12]w|T[12]map|FLAIR|PDw|angio|inplaneT[12]|bold|sbref|dwi|asl|epi|pet|ct|probseg|dseg|mask)$/i;

/** @throws DataError `wrong-kind` where the BIDS name says what else the image is */
export function refuseOtherKind(file: string, wanted: "spect" | "T1w"): void {
  const suffix = parseBidsName(basename(file))?.suffix;
  if (suffix === undefined || suffix === wanted) return;
  if (wanted === "T1w" ? !otherKinds.test(suffix) && suffix !== "spect" : !otherKinds.test(suffix)) return;
  throw new DataError("wrong-kind", `this image was given as ${wanted === "T1w" ? "the T1" : "a SPECT scan"}`, {
    file,
    expected: `_${wanted}`,
    found: `_${suffix}`,
  });
}

/** @throws DataError `unlike-pair` where the two, registered, do not look alike inside the brain: not two scans of one brain */
export function refuseUnlikePair(
  ictal: Volume,
  interictal: Volume,
  brain: Mask,
  files: { readonly ictal: string; readonly interictal: string },
): void {
  const r = pairCorrelation(ictal, interictal, brain);
  if (r >= leastPairCorrelation) return;
  throw new DataError("unlike-pair", `this does not look like a scan of the brain that ${files.interictal} shows`, {
    file: files.ictal,
    expected: `two SPECT images of one tracer and head, correlated by ${leastPairCorrelation} or more inside the brain once registered`,
    found: r.toFixed(3),
  });
}
