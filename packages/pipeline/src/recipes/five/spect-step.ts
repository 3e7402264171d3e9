/** SPECT: perfusion per region, left against right, and ictal minus interictal. */
import { basename } from "node:path";
import type { Evidence, Measure, QcFinding, Volume } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import { asymmetryIndex, qc, relativePerfusion, siscom, siscomAlpha } from "@quintet/modalities/spect";
import type { SpectReconView } from "@quintet/view";
import type { Absent, Step } from "../../engine/step.ts";
import type { ReconRecord } from "../../spect-recon/recon-record.ts";
import { clusterEvidence } from "./cluster-evidence.ts";
import { withoutFindings } from "./decide-step.ts";
import { type Anatomy, finding, type HeadFrame, type KeptImage, type Placed, type WingOutcome } from "./outcome.ts";
import { regionsOn } from "./regions-on-grid.ts";
import { maskOnto, ontoGrid, workGrid } from "./work-grid.ts";

export interface SpectParams {
  readonly sources: readonly string[];
  readonly tracer: string;
  readonly resolution: number;
  /** Seconds from seizure onset to injection, when recorded. */
  readonly injectionDelay?: number;
  readonly claims: boolean;
}

export interface SpectInputs {
  /** Interictal or the only scan. */
  readonly baseline: Placed;
  readonly ictal: Placed | Absent;
  readonly anatomy: Anatomy;
  readonly frame: HeadFrame | Absent;
  /** Of the baseline, and of the ictal scan beside one. */
  readonly record: ReconRecord | Absent;
  readonly ictalRecord: ReconRecord | Absent;
}

export const spectStep: Step<SpectInputs, SpectParams, WingOutcome> = {
  name: "spect",
  version: 2,
  title: "SPECT: perfusion and SISCOM",
  async run(
    { baseline, ictal, anatomy, frame, record, ictalRecord },
    { sources, tracer, resolution, injectionDelay, claims },
    { progress },
  ) {
    await loadKernels();
    const grid = workGrid(anatomy.brain);
    const brain = maskOnto(anatomy.brain, grid);
    const rest = ontoGrid(baseline.volume, baseline.transform, grid);
    const head = "absent" in frame ? undefined : frame;
    const regions = head?.regions && regionsOn(head.regions, grid);
    const measures: Measure[] = [];
    const evidence: Evidence[] = [];
    const warnings: string[] = [];
    const images: KeptImage[] = [];
    let findings: QcFinding[] = [...baseline.qc];
    const options = { sources: [...sources], fwhm: resolution };
    const ratio = perMean(rest, brain.data);
    if (regions) {
      measures.push(...relativePerfusion(ratio, regions, options), ...asymmetryIndex(ratio, regions, options));
    } else warnings.push("No regional SPECT values: no template with an atlas was found");
    const layers: WingOutcome["layers"][number][] = [
      {
        kind: "image",
        id: "spect",
        modality: "spect",
        name: `${tracer} perfusion`,
        unit: "of brain mean",
        volume: ratio,
        range: [0, 2],
        colourMap: "hot-iron",
        note: `Counts relative to the brain's mean, ${"absent" in ictal ? "the only scan" : "interictal scan"}; about ${resolution} mm resolution.`,
        registrationError: baseline.expectedError,
      },
    ];
    images.push({ datatype: "spect", suffix: "space-T1w_desc-perfusion_spect", volume: ratio });
    progress(0.4, "ictal minus interictal");
    if ("absent" in ictal) {
      findings.push(...qc({ interictal: rest, brain }));
      warnings.push(`No SISCOM: ${ictal.absent}`);
    } else {
      const seizure = ontoGrid(ictal.volume, ictal.transform, grid);
      const found = siscom(seizure, rest, brain, { spread: "mad" });
      findings = [
        ...findings,
        ...ictal.qc,
        ...qc({
          ictal: seizure,
          interictal: rest,
          brain,
          siscom: found,
          ...(injectionDelay === undefined ? {} : { injectionDelay }),
        }),
        finding(
          "spect",
          "siscom-clusters",
          found.search.above.length,
          "ok",
          `hyperperfusion clusters above z = 2 before correction; those with p <= ${siscomAlpha} are evidence`,
          "{count}",
        ),
      ];
      evidence.push(
        ...found.search.above
          .filter(({ p }) => p <= siscomAlpha)
          .slice(0, 3)
          .map((cluster) =>
            clusterEvidence(cluster, {
              modality: "spect",
              kind: "siscom-hyperperfusion",
              position: cluster.centre,
              resolution: found.fwhm[0],
              registrationError: Math.min(found.residualMotion + 1, ictal.expectedError || 3),
              regions: head?.regions,
              note: `Ictal perfusion above interictal: peak z ${cluster.peak.toFixed(1)}, ${cluster.volume.toFixed(1)} mL above z = 2`,
            }),
          ),
      );
      images.push({ datatype: "spect", suffix: "space-T1w_desc-SISCOM_spect", volume: found.z });
      layers.push({
        kind: "image",
        id: "siscom",
        modality: "spect",
        name: "SISCOM",
        unit: "z",
        volume: found.z,
        range: [-6, 6],
        colourMap: "cool-warm",
        threshold: 2,
        note: `Ictal minus interictal over its robust SD inside the brain; |z| above 2 shown, most of it is noise unless listed as evidence.`,
        registrationError: ictal.expectedError,
      });
    }
    const spectRecon = [
      ...reconView(sources[0], record, baseline),
      ...("absent" in ictal ? [] : reconView(sources[1], ictalRecord, ictal)),
    ];
    findings.push(...spectRecon.flatMap((view) => view.findings));
    const scans = "absent" in ictal ? "one scan" : "ictal and interictal";
    const outcome: WingOutcome = {
      modality: "spect",
      note: `${tracer}, ${scans}`,
      localises: claims && !("absent" in ictal),
      measures,
      evidence: claims ? evidence : [],
      qc: findings,
      layers,
      registrations: "absent" in ictal ? [baseline.check] : [baseline.check, ictal.check],
      tracks: [],
      images,
      warnings,
      ...(spectRecon.length > 0 ? { spectRecon } : {}),
    };
    const rejected = [baseline, ...("absent" in ictal ? [] : [ictal])].flatMap((one) => one.rejected ?? []);
    return withoutFindings(outcome, rejected);
  },
};

function reconView(source: string | undefined, record: ReconRecord | Absent, { volume }: Placed): SpectReconView[] {
  return "absent" in record ? [] : [{ source: basename(source ?? "SPECT"), ...record, image: volume }];
}

function perMean(image: Volume, brain: Uint8Array): Volume<"1"> {
  let [sum, n] = [0, 0];
  for (let i = 0; i < brain.length; i++) {
    if (brain[i] === 0) continue;
    sum += image.data[i] as number;
    n++;
  }
  const mean = sum / n;
  return { ...image, unit: "1", data: image.data.map((v) => v / mean) };
}
