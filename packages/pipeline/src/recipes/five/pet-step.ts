/** PET: uptake per region, left against right, and places lower than their homologues. */
import { basename } from "node:path";
import {
  DataError,
  type Evidence,
  type Measure,
  type Metadata,
  type Participant,
  type QcFinding,
  type Volume,
} from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import {
  asymmetryIndex,
  hypometabolicClusters,
  injectionFrom,
  qc,
  regionalMeans,
  suv,
  suvr,
} from "@quintet/modalities/pet";
import type { Layer } from "@quintet/view";
import type { Absent, Step } from "../../engine/step.ts";
import type { PetReconRecord } from "../../pet-recon/recon-record.ts";
import { clusterEvidence } from "./cluster-evidence.ts";
import { withoutFindings } from "./decide-step.ts";
import { type Anatomy, finding, type HeadFrame, type Placed, type WingOutcome } from "./outcome.ts";
import type { PetKinetics } from "./pet-kinetics-step.ts";
import { regionMask, regionsOn } from "./regions-on-grid.ts";
import { inTemplate, pointToSubject } from "./template-space.ts";
import { ontoGrid, workGrid } from "./work-grid.ts";

export interface PetParams {
  readonly source: string;
  readonly tracer: string;
  readonly metadata: Metadata;
  readonly participant: Participant;
  /** "1 frame of 600 s" */
  readonly frames: string;
  /** FWHM of the image in mm: for standard errors and positions. */
  readonly resolution: number;
  /** A group average or a composite of people: no finding is sought in it. */
  readonly claims: boolean;
}

/**
 * Family-wise chance above which a lower place is noise, and the least chance this evidence is given. Random field theory
 * knows the noise of the image, not how far healthy brains differ from their own mirror image (2 of 2 healthy phantoms
 * showed a place with p below 0.01, at the vertex): without controls FDG supports what another modality shows, and never
 * names a place alone.
 */
const evidenceAlpha = 0.05;

export const petStep: Step<
  {
    placed: Placed;
    anatomy: Anatomy;
    frame: HeadFrame | Absent;
    kinetics: PetKinetics | Absent;
    record: PetReconRecord | Absent;
  },
  PetParams,
  WingOutcome
> = {
  name: "pet",
  version: 4,
  title: "PET: uptake and asymmetry",
  async run({ placed, anatomy, frame, kinetics, record }, params, { progress }) {
    await loadKernels();
    const { source, tracer, metadata, participant, resolution } = params;
    const grid = workGrid(anatomy.brain);
    const activity = ontoGrid(placed.volume, placed.transform, grid) as Volume<"Bq/mL">;
    const measures: Measure[] = [];
    const findings: QcFinding[] = [...placed.qc, ...qc(activity, { tracer })];
    const warnings: string[] = [];
    const evidence: Evidence[] = [];
    const head = "absent" in frame ? undefined : frame;
    const regions = head?.regions && regionsOn(head.regions, grid);

    const standard = standardUptake(activity, asPlaced(metadata, placed), participant, source);
    if ("absent" in standard) warnings.push(`No SUV: ${standard.absent}`);
    const options = { sources: [source], fwhm: resolution };
    let ratio: Volume<"1"> | undefined;
    if (regions) {
      const reference = regionMask(regions, /cerebellum$/);
      ratio = suvr(activity, reference, { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY });
      measures.push(...regionalMeans(ratio, regions, options), ...asymmetryIndex(ratio, regions, options));
      if (!("absent" in standard)) measures.push(...regionalMeans(standard, regions, options));
    } else warnings.push("No regional PET values: no template with an atlas was found");
    progress(0.5, "left against right");
    if (head && params.claims && /fdg|fluorodeoxyglucose/i.test(tracer)) {
      const compared = inTemplate(head, anatomy, placed.volume as Volume<"Bq/mL">, placed.transform);
      const { clusters, search } = hypometabolicClusters(compared, head.templateBrain);
      evidence.push(
        ...clusters
          .filter(({ p }) => p <= evidenceAlpha)
          .slice(0, 3)
          .map((cluster) =>
            clusterEvidence(
              { ...cluster, p: evidenceAlpha },
              {
                modality: "pet",
                kind: "fdg-hypometabolism",
                position: pointToSubject(head, cluster.centre),
                resolution: search.fwhm[0],
                registrationError: Math.hypot(placed.expectedError || 0, head.expectedError),
                regions: head.regions,
                note: `FDG uptake ${cluster.mean.toFixed(1)} SD below the other side over ${cluster.volume.toFixed(1)} mL; one brain against itself, no controls`,
              },
            ),
          ),
      );
      findings.push(
        finding(
          "pet",
          "asymmetry-clusters",
          clusters.length,
          "ok",
          "clusters below z = -2 before correction; those with p <= 0.05 are evidence",
          "{count}",
        ),
      );
    }
    const petRecon = "absent" in record ? [] : [{ source: basename(source), ...record, image: placed.volume }];
    findings.push(...petRecon.flatMap((view) => view.findings));
    const modelled = "absent" in kinetics ? undefined : kinetics;
    warnings.push(...(modelled?.warnings ?? []));
    measures.push(...(modelled?.measures ?? []));
    const binding = modelled?.map && ontoGrid(modelled.map, placed.transform, grid);
    const shown = ratio ?? activity;
    const scale = !ratio && activity.unit === "Bq/mL" ? 1e-3 : 1;
    const outcome: WingOutcome = {
      modality: "pet",
      note: `${tracer}, ${params.frames}`,
      localises: params.claims && head !== undefined,
      measures,
      evidence,
      qc: findings,
      layers: [
        {
          kind: "image",
          id: "pet",
          modality: "pet",
          name: ratio ? `${tracer} SUVR` : `${tracer} uptake`,
          unit: ratio ? "SUVR" : activity.unit === "Bq/mL" ? "kBq/mL" : "no unit stated",
          scale,
          volume: shown,
          range: [0, niceTop(shown, scale)],
          colourMap: "hot-iron",
          note: ratio
            ? "Reference region: cerebellum. Resolution as reconstructed; no partial-volume correction."
            : "Activity concentration; no reference region without an atlas.",
          registrationError: placed.expectedError,
          insideBrain: false,
        },
        ...(binding ? [bindingLayer(binding, tracer, placed.expectedError)] : []),
      ],
      registrations: [placed.check],
      tracks: [],
      images: [
        ratio
          ? { datatype: "pet", suffix: "space-T1w_desc-SUVR_pet", volume: ratio }
          : { datatype: "pet", suffix: "space-T1w_desc-activity_pet", volume: activity },
        ...(binding ? [{ datatype: "pet", suffix: "space-T1w_desc-BPND_pet", volume: binding }] : []),
      ],
      warnings,
      ...(modelled?.view ? { kinetics: modelled.view } : {}),
      ...(petRecon.length > 0 ? { petRecon } : {}),
    };
    return withoutFindings(outcome, placed.rejected === undefined ? [] : [placed.rejected]);
  },
};

function bindingLayer(binding: Volume<"1">, tracer: string, registrationError: number): Layer {
  return {
    kind: "image",
    id: "pet-binding",
    modality: "pet",
    name: `${tracer} BPND`,
    unit: "BPND",
    volume: binding,
    range: [0, niceTop(binding, 1)],
    colourMap: "inferno",
    note: "Binding potential by the simplified reference tissue model in every voxel; cerebellum as reference. Empty where the data determine none.",
    registrationError,
    insideBrain: true,
  };
}

/** The side file of the image as it was placed. */
function asPlaced(metadata: Metadata, { decayReference: time }: Placed): Metadata {
  return time === undefined ? metadata : { ...metadata, ImageDecayCorrected: true, ImageDecayCorrectionTime: time };
}

/** SUV where everything it needs is stated; otherwise why not. */
function standardUptake(
  activity: Volume<"Bq/mL">,
  metadata: Metadata,
  participant: Participant,
  source: string,
): Volume<"g/mL"> | Absent {
  try {
    return suv(activity, injectionFrom(metadata, participant, source));
  } catch (error) {
    if (error instanceof DataError) return { absent: error.message };
    throw error;
  }
}

/** 99.5th percentile of the positive voxels, rounded up to two figures. */
function niceTop(volume: Volume, scale: number): number {
  const positive = volume.data.filter((v) => v > 0).sort();
  const top = (positive[Math.floor(0.995 * (positive.length - 1))] ?? 1) * scale;
  const step = 10 ** (Math.floor(Math.log10(top)) - 1);
  return Math.ceil(top / step) * step;
}
