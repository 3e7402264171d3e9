/** BOLD as a part of the MRI wing: maps on the T1, measures by region, what the report shows. */
import type { Affine, LabelVolume, Measure, Metadata, Modality } from "@quintet/core";
import { regionName } from "@quintet/fusion/fuse";
import { median, resampleLabels } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { type FieldmapFile, motionThreshold } from "@quintet/modalities/mri";
import type { BoldView, Layer, RegistrationCheck } from "@quintet/view";
import { analyseBold, type BoldResult, regionMeans } from "../../bold/analyse-bold.ts";
import { type BoldCluster, type BoldPlace, boldClusters, boldImages } from "../../bold/bold-files.ts";
import { placeFinding, placeOnT1 } from "../../bold/place-on-t1.ts";
import { readBold } from "../../bold/read-bold.ts";
import type { Absent, Step } from "../../engine/step.ts";
import { type Decision, decided } from "./decide-step.ts";
import type { Anatomy, HeadFrame, WingOutcome } from "./outcome.ts";

export interface BoldParams {
  readonly source: string;
  readonly task: string;
  readonly metadata: Metadata;
  readonly fieldmaps: readonly FieldmapFile[];
  /** What a reader decided about its place on the T1. */
  readonly decision?: Decision;
}

/** What the MRI wing adds to its own when there is a BOLD run. */
export interface BoldPart
  extends Pick<WingOutcome, "measures" | "qc" | "layers" | "registrations" | "images" | "warnings" | "note"> {
  readonly view: BoldView;
}

const modality: Modality = "mri";
/** Clusters that become rows of the table; the map shows all. */
const mostPeaks = 6;

export const boldStep: Step<{ file: string; anatomy: Anatomy; frame: HeadFrame | Absent }, BoldParams, BoldPart> = {
  name: "bold",
  version: 1,
  title: "MRI: BOLD",
  async run({ file, anatomy, frame }, { source, task, metadata, fieldmaps, decision }, { progress }) {
    await loadKernels();
    const { input } = await readBold(file, { metadata, fieldmaps });
    const result = analyseBold(input, { progress: (done, note) => progress(0.85 * done, note) });
    progress(0.86, "on the T1");
    const regions = "absent" in frame ? undefined : frame.regions;
    const { reference } = result.motion;
    const { place, check, rejected } = await onAnatomy(result, anatomy, regions, decision);
    const clusters = boldClusters(result, place);
    const labels = regions && resampleLabels(regions, reference, place.toT1.matrix);
    const n = result.times.length;
    return {
      note: `BOLD ${task}, ${n} volumes of ${result.geometry.repetitionTime} s${result.task ? "" : ", resting state"}`,
      measures: rejected === undefined ? measuresOf(result, clusters, labels, source) : [],
      qc: [...result.qc, placeFinding(place)],
      layers: layersOf(result, place),
      registrations: [check],
      images: boldImages(result)
        .filter(({ suffix }) => suffix !== "desc-preproc_bold")
        .map(({ suffix, volume }) => ({ datatype: "func", suffix: `task-${task}_${suffix}`, volume })),
      warnings: [...result.warnings.map((words) => `BOLD: ${words}`), ...(rejected === undefined ? [] : [rejected])],
      view: viewOf(result, clusters, task),
    };
  },
};

async function onAnatomy(
  { motion }: BoldResult,
  { t1, brain }: Anatomy,
  regions: LabelVolume | undefined,
  decision: Decision | undefined,
): Promise<{ readonly place: BoldPlace; readonly check: RegistrationCheck; readonly rejected?: string }> {
  const { place, found } = await placeOnT1(motion.reference, t1, brain, regions);
  const { verdict } = placeFinding(place);
  const check: RegistrationCheck = {
    modality,
    name: "BOLD",
    volume: motion.reference,
    toAnatomy: place.toT1.matrix,
    expectedError: place.expectedError,
    quality: found.quality.nmi,
    qualityName: "normalised mutual information",
    verdict,
    note: `${found.note || "repeated runs agree"}; EPI distortion is not corrected and not in the error`,
  };
  if (!decision) return { place, check };
  const { transform, ...judged } = decided(place.toT1, check, decision);
  return { place: { ...place, toT1: transform }, ...judged };
}

function measuresOf(
  result: BoldResult,
  clusters: readonly BoldCluster[],
  labels: LabelVolume | undefined,
  source: string,
): readonly Measure[] {
  const { tsnr, mask, displacement, task, rest } = result;
  const row = (measure: string, value: number, unit: string, method: string, more: Partial<Measure> = {}): Measure => ({
    region: "brain",
    modality,
    measure,
    value,
    unit,
    method,
    sources: [source],
    ...more,
  });
  const inside = tsnr.data.filter((_, i) => mask.data[i] !== 0);
  const moved = displacement.subarray(1);
  const rows = [
    row("bold-tsnr", median(inside), "1", "mean over SD without drifts, median of the brain", { n: inside.length }),
    row(
      "framewise-displacement",
      moved.reduce((sum, fd) => sum + fd, 0) / moved.length,
      "mm",
      "Power 2012, mean over the run",
      { n: moved.length },
    ),
  ];
  const regional = (name: string, map: BoldResult["tsnr"] | { data: Float32Array }, unit: string, method: string) =>
    labels
      ? regionMeans({ ...tsnr, ...map, unit: "1" }, mask, labels).map(({ name: region, mean, n }) =>
          row(name, mean, unit, method, { ...regionName(region), n }),
        )
      : [];
  for (const map of task?.found.maps ?? []) {
    const volume = map.clusters.reduce((sum, one) => sum + one.volume, 0);
    const name = map.name.replaceAll(" ", "");
    rows.push(row(`bold-activated-volume:${name}`, volume, "mL", "clusters at a false discovery rate of 5 %"));
    if (task?.design.conditions.some((condition) => condition.name === map.name))
      rows.push(
        ...regional(`bold-change:${name}`, map.effect, "%", "canonical response, mean over the region's voxels"),
      );
  }
  for (const one of clusters.filter(({ region }) => region !== undefined).slice(0, mostPeaks))
    rows.push(
      row(
        `bold-peak-change:${one.contrast.replaceAll(" ", "")}`,
        one.peakPercent,
        "%",
        `at the peak, z ${one.peakZ.toFixed(1)}`,
        {
          ...regionName(one.region as string),
        },
      ),
    );
  if (rest?.alff) rows.push(...regional("bold-alff", rest.alff.alff, "%", `amplitude, ${rest.band.join(" to ")} Hz`));
  return rows;
}

function layersOf({ task, rest, tsnr, fwhm }: BoldResult, place: BoldPlace): readonly Layer[] {
  const toAnatomy: Affine = place.toT1.matrix;
  const common = {
    kind: "image",
    modality,
    toAnatomy,
    insideBrain: true,
    registrationError: place.expectedError,
  } as const;
  const found = task?.found;
  const maps = (found?.maps ?? []).filter(({ threshold }) => threshold !== undefined).slice(0, 3);
  const active = maps.map((map, k): Layer => {
    // The layer's own peak: a significant voxel in no listed cluster must not run off the colours either.
    const top = map.z.data.reduce((most, z, i) => (found?.mask.data[i] === 0 ? most : Math.max(most, Math.abs(z))), 0);
    return {
      ...common,
      id: `bold-z-${k + 1}`,
      name: `BOLD ${map.name}`,
      unit: "z",
      volume: map.z,
      range: [-Math.ceil(top), Math.ceil(top)],
      colourMap: "cool-warm",
      threshold: map.threshold as number,
      note: `General linear model, smoothed by ${fwhm} mm; |z| above ${(map.threshold as number).toFixed(2)} shown: significant at a false discovery rate of 5 %.`,
    };
  });
  const slow: readonly Layer[] = rest?.alff
    ? [
        {
          ...common,
          id: "bold-falff",
          name: "BOLD fALFF",
          unit: "1",
          volume: rest.alff.falff,
          range: [0, 1],
          colourMap: "inferno",
          note: `Share of the amplitude between ${rest.band.join(" and ")} Hz; resting state, not smoothed.`,
        },
      ]
    : [];
  const good = [...tsnr.data].filter((v) => v > 0).sort((a, b) => a - b);
  const high = Math.ceil((good[Math.floor(0.98 * good.length)] ?? 100) / 10) * 10;
  return [
    ...active,
    ...slow,
    {
      ...common,
      id: "bold-tsnr",
      name: "BOLD tSNR",
      unit: "1",
      volume: tsnr,
      range: [0, high],
      colourMap: "cividis",
      note: "Mean over SD of each voxel's course without slow drifts: where a change can be seen at all.",
    },
  ];
}

function viewOf(result: BoldResult, clusters: readonly BoldCluster[], task: string): BoldView {
  const { motion, times, displacement, dvars, censored, task: modelled, geometry, distortion, fwhm } = result;
  const peak = modelled?.peak;
  // Clusters of one contrast stand in the order of their peaks.
  const top = clusters.find(({ contrast }) => contrast === peak?.contrast);
  const phase = geometry.phaseEncoding ? `, phase encoding ${geometry.phaseEncoding.world}` : "";
  return {
    note: `${task}: ${times.length} volumes of ${geometry.repetitionTime} s${phase}; slice times ${geometry.sliceTimes ? "corrected" : "not known"}, motion taken out${modelled ? `, smoothed by ${fwhm} mm` : ""}. ${distortion.note}`,
    times,
    shift: motion.shift,
    degrees: motion.degrees,
    displacement,
    displacementLimit: motionThreshold,
    dvars: dvars.standardised,
    censored,
    ...(modelled
      ? { design: { names: modelled.design.names, rows: modelled.design.rows }, events: modelled.events }
      : {}),
    contrasts: (modelled?.found.maps ?? []).map(({ name, threshold, significantVoxels }) => ({
      name,
      ...(threshold === undefined ? {} : { threshold }),
      significantVoxels,
    })),
    clusters: clusters.slice(0, 12).map((one) => ({
      contrast: one.contrast,
      z: one.peakZ,
      percent: one.peakPercent,
      millilitres: one.volumeMl,
      position: one.peakT1 ?? one.peak,
      ...(one.region === undefined ? {} : { region: one.region }),
    })),
    ...(peak && top
      ? {
          course: {
            name: `${peak.contrast}, ${top.region ?? "strongest peak"}`,
            measured: peak.measured,
            fitted: peak.fitted,
          },
        }
      : {}),
  };
}
