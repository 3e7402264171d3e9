/** What a BOLD analysis leaves behind, as BIDS derivatives: images, confounds, clusters, quality. */
import { apply, type LabelVolume, type Point, type QcFinding, type Transform, type Volume } from "@quintet/core";
import { regionAt } from "@quintet/fusion/fuse";
import { writeNifti, writeTsv } from "@quintet/io";
import { type ActivationMap, motionRegressors, motionThreshold } from "@quintet/modalities/mri";
import { version } from "../version.ts";
import type { BoldResult } from "./analyse-bold.ts";

export interface BoldPlace {
  /** Series' world -> T1's world. */
  readonly toT1: Transform;
  /** mm. */
  readonly expectedError: number;
  /** In the T1's space. */
  readonly regions?: LabelVolume;
}

export interface BoldCluster {
  readonly contrast: string;
  readonly sign: 1 | -1;
  readonly peakZ: number;
  readonly peakPercent: number;
  readonly meanPercent: number;
  readonly volumeMl: number;
  /** mm of the series' space. */
  readonly peak: Point;
  /** mm of the T1, where one was given. */
  readonly peakT1?: Point;
  readonly region?: string;
}

/** Clusters of all contrasts with their peaks in the series' and the T1's mm, strongest first in each. */
export function boldClusters({ task }: BoldResult, place?: BoldPlace): readonly BoldCluster[] {
  return (task?.found.maps ?? []).flatMap((map) =>
    map.clusters.map((cluster): BoldCluster => {
      const peakT1 = place && apply(place.toT1.matrix, cluster.peakPosition);
      const region = peakT1 && place.regions && regionAt(peakT1, Math.max(2, place.expectedError), place.regions);
      return {
        contrast: map.name,
        sign: cluster.sign,
        peakZ: cluster.peak,
        peakPercent: cluster.peakEffect,
        meanPercent: cluster.meanEffect,
        volumeMl: cluster.volume,
        peak: cluster.peakPosition,
        ...(peakT1 ? { peakT1 } : {}),
        ...(region === undefined ? {} : { region }),
      };
    }),
  );
}

export interface BoldImage {
  /** "desc-preproc_bold" */
  readonly suffix: string;
  readonly volume: Volume;
  readonly note: string;
}

/** The maps to keep, each with its unit and what it is. */
export function boldImages({ preprocessed, motion, tsnr, task, rest }: BoldResult): readonly BoldImage[] {
  const images: BoldImage[] = [
    { suffix: "desc-preproc_bold", volume: preprocessed, note: "slice timing and motion corrected, not smoothed" },
    { suffix: "boldref", volume: motion.reference, note: "mean of the aligned volumes" },
    { suffix: "stat-tsnr_boldmap", volume: tsnr, note: "mean over SD without drifts slower than 128 s" },
  ];
  for (const map of task?.found.maps ?? []) {
    const name = `contrast-${label(map.name)}`;
    images.push(
      { suffix: `${name}_stat-effect_statmap`, volume: map.effect, note: `${map.name}: signal change` },
      { suffix: `${name}_stat-z_statmap`, volume: map.z, note: zNote(map) },
      { suffix: `${name}_stat-${map.kind.toLowerCase()}_statmap`, volume: map.statistic, note: dofNote(map) },
    );
  }
  if (rest?.alff)
    images.push(
      { suffix: "stat-alff_boldmap", volume: rest.alff.alff, note: `amplitude, ${rest.band.join(" to ")} Hz` },
      { suffix: "stat-falff_boldmap", volume: rest.alff.falff, note: "the band's share of the amplitude" },
    );
  if (rest?.reho)
    images.push({ suffix: "stat-reho_boldmap", volume: rest.reho, note: "Kendall's W of 27 voxels in the band" });
  if (rest?.seed)
    images.push(
      { suffix: "seed-sphere_stat-r_statmap", volume: rest.seed.r, note: "correlation with the seed's mean course" },
      { suffix: "seed-sphere_stat-z_statmap", volume: rest.seed.z, note: "atanh(r) sqrt(dof - 2)" },
    );
  return images;
}

function zNote(map: ActivationMap): string {
  const limit =
    map.threshold === undefined
      ? "no voxel is significant at a false discovery rate of 5 %"
      : `significant from |z| = ${map.threshold.toFixed(2)} on (false discovery rate 5 %)`;
  return `${map.name}: ${limit}`;
}

function dofNote({ name, kind, dof }: ActivationMap): string {
  return kind === "t" ? `${name}: t with ${dof[1]} degrees of freedom` : `${name}: F with ${dof.join(" and ")}`;
}

/** BIDS labels hold letters and digits: "a - b" is written aMinusB. */
function label(name: string): string {
  return name.replaceAll(" - ", " Minus ").replace(/[^A-Za-z0-9]/g, "") || "contrast";
}

/** A row a volume: FD, DVARS, the six motions, outliers. */
export function confoundsTsv({ displacement, displacementRms, dvars, motion, censored }: BoldResult): string {
  const six = motionRegressors(motion, 6);
  const outliers = censored.map((volume, k) => ({ name: `motion_outlier${String(k).padStart(2, "0")}`, volume }));
  const columns = [
    ...["framewise_displacement", "rmsd", "dvars", "std_dvars"],
    ...six.map(({ name }) => name),
    ...outliers.map(({ name }) => name),
  ];
  // The first volume has none before it.
  const rest = (t: number, value: number | undefined): number | undefined => (t === 0 ? undefined : value);
  const rows = Array.from(displacement, (fd, t) => [
    rest(t, fd),
    rest(t, displacementRms[t]),
    rest(t, dvars.percent[t]),
    rest(t, dvars.standardised[t]),
    ...six.map(({ values }) => values[t]),
    ...outliers.map(({ volume }) => (volume === t ? 1 : 0)),
  ]);
  return writeTsv(columns, rows);
}

const confoundsWords = {
  framewise_displacement: { Description: "Power 2012: sum of changes, turns on a sphere of 50 mm", Units: "mm" },
  rmsd: { Description: "Jenkinson 2002: root mean square displacement over a sphere of 80 mm", Units: "mm" },
  dvars: { Description: "Root mean square change from the volume before over the brain's median", Units: "%" },
  std_dvars: { Description: "The same over what the noise of each voxel explains", Units: "1" },
  "trans_x, trans_y, trans_z": { Description: "Shift from the reference, RAS axes of the scanner", Units: "mm" },
  "rot_x, rot_y, rot_z": { Description: "Turn about the centre of the head", Units: "rad" },
  motion_outlier: { Description: `framewise_displacement above ${motionThreshold} mm: left out of models` },
};

export function clustersTsv(clusters: readonly BoldCluster[]): string {
  const mm = (p: Point | undefined): (number | undefined)[] =>
    [0, 1, 2].map((k) => (p === undefined ? undefined : Number((p[k] as number).toFixed(1))));
  return writeTsv(
    [
      ...["contrast", "sign", "peak_z", "peak_change", "mean_change", "volume", "x", "y", "z"],
      ...["t1_x", "t1_y", "t1_z", "region"],
    ],
    clusters.map((one) => [
      one.contrast,
      one.sign > 0 ? "+" : "-",
      Number(one.peakZ.toFixed(3)),
      Number(one.peakPercent.toFixed(4)),
      Number(one.meanPercent.toFixed(4)),
      Number(one.volumeMl.toFixed(3)),
      ...mm(one.peak),
      ...mm(one.peakT1),
      one.region,
    ]),
  );
}

const clustersWords = {
  sign: { Description: "+ signal above, - below the baseline" },
  peak_z: { Description: "z of the strongest voxel", Units: "1" },
  peak_change: { Description: "Signal change there", Units: "%" },
  mean_change: { Description: "Mean signal change of the cluster", Units: "%" },
  volume: { Description: "Size at a false discovery rate of 5 %", Units: "mL" },
  "x, y, z": { Description: "Place of the peak in the world of the BOLD images (RAS)", Units: "mm" },
  "t1_x, t1_y, t1_z": { Description: "The same place in the T1's world (RAS)", Units: "mm" },
  region: { Description: "Most likely label there, of the atlas given" },
};

export interface BoldFile {
  /** Ends the name: "desc-confounds_timeseries.tsv". */
  readonly name: string;
  content(): Uint8Array | string;
}

/** All files of an analysis: what follows the stem of their name, and what is in them. */
export function boldFiles(
  result: BoldResult,
  facts: Readonly<Record<string, unknown>>,
  place: BoldPlace | undefined,
  qc: readonly QcFinding[],
): readonly BoldFile[] {
  const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;
  const { geometry, distortion, task, mask } = result;
  const files: BoldFile[] = [];
  for (const { suffix, volume, note } of boldImages(result)) {
    const side = {
      Description: note,
      Units: volume.unit,
      ...(suffix === "desc-preproc_bold"
        ? { RepetitionTime: geometry.repetitionTime, StartTime: result.times[0], SkullStripped: false }
        : {}),
    };
    files.push({ name: `${suffix}.nii.gz`, content: () => writeNifti(volume, { gzip: true }) });
    files.push({ name: `${suffix}.json`, content: () => json(side) });
  }
  files.push({ name: "desc-brain_mask.nii.gz", content: () => writeNifti(mask, { gzip: true }) });
  files.push({ name: "desc-confounds_timeseries.tsv", content: () => confoundsTsv(result) });
  files.push({ name: "desc-confounds_timeseries.json", content: () => json(confoundsWords) });
  if (task) {
    files.push({ name: "desc-clusters_peaks.tsv", content: () => clustersTsv(boldClusters(result, place)) });
    files.push({ name: "desc-clusters_peaks.json", content: () => json(clustersWords) });
    const rows = task.design.rows.map((row) => [...row]);
    files.push({ name: "desc-model_design.tsv", content: () => writeTsv(task.design.names, rows) });
  }
  const quality = { research_use_only: true, findings: qc, warnings: result.warnings, distortion, geometry };
  files.push({ name: "desc-qc_bold.json", content: () => json(quality) });
  files.push({
    name: "desc-provenance_bold.json",
    content: () => json({ software: { name: "quintet", version }, node: process.version, ...facts }),
  });
  return files;
}
