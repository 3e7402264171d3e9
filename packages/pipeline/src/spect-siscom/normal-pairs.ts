/** Test-retest pairs of healthy people in a BIDS folder. */
import { join } from "node:path";
import { DataError, type Metadata, type StudyFile } from "@quintet/core";
import { readStudy } from "@quintet/io/node";
import { fewestPairs } from "@quintet/modalities/spect";

export interface NormalPair {
  readonly subject: string;
  readonly t1: string;
  /** The second scan and the first, absolute paths with their side files. */
  readonly scans: readonly [later: NormalScan, first: NormalScan];
}

export interface NormalScan {
  readonly file: string;
  readonly metadata: Metadata;
}

/**
 * People with two SPECT images and a T1w, in the order of their labels. Nobody is left out in silence: a person with another
 * number of images, an ictal image or no T1w is refused.
 *
 * @throws DataError `too-few-normals` (below 10), `not-a-pair`, `no-anatomy`, those of readStudy
 */
export async function readNormalPairs(folder: string): Promise<readonly NormalPair[]> {
  const study = await readStudy(folder);
  const pairs: NormalPair[] = [];
  for (const {
    participant: { label },
    files,
  } of study.subjects) {
    const scans = files.filter(({ datatype, suffix }) => datatype === "spect" && suffix === "spect");
    if (scans.length === 0) continue;
    const t1 = files.find(({ suffix }) => suffix === "T1w");
    const ictal = scans.find(({ metadata, entities }) => (metadata.SpectState ?? entities.acq) === "ictal");
    if (scans.length !== 2 || ictal)
      throw new DataError("not-a-pair", "a normal has two scans at rest", {
        file: join(folder, `sub-${label}`),
        expected: "2 SPECT images, neither of them ictal",
        found: ictal ? `${ictal.path} is ictal` : `${scans.length}`,
      });
    if (t1 === undefined)
      throw new DataError("no-anatomy", "normals are brought to the template by their T1w", {
        file: join(folder, `sub-${label}`),
        expected: "a T1w image",
        found: "none",
      });
    const [first, later] = [...scans].sort(byTime) as [StudyFile, StudyFile];
    const scan = ({ path, metadata }: StudyFile): NormalScan => ({ file: join(folder, path), metadata });
    pairs.push({ subject: label, t1: join(folder, t1.path), scans: [scan(later), scan(first)] });
  }
  if (pairs.length < fewestPairs)
    throw new DataError("too-few-normals", "test-retest pairs of healthy people", {
      file: folder,
      expected: `${fewestPairs} people or more, each with two SPECT images and a T1w`,
      found: `${pairs.length}`,
    });
  return pairs;
}

/** By when they were acquired, else by name. */
function byTime(a: StudyFile, b: StudyFile): number {
  const when = ({ acquiredAt, metadata }: StudyFile): string =>
    acquiredAt ?? (typeof metadata.AcquisitionDateTime === "string" ? metadata.AcquisitionDateTime : "");
  const [ta, tb] = [when(a), when(b)];
  if (ta !== "" && tb !== "" && ta !== tb) return ta < tb ? -1 : 1;
  return a.path < b.path ? -1 : 1;
}
