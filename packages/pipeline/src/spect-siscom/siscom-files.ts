/** Writes what SISCOM found: images, tables, one page, one JSON. All contents are made before the first file is written. */
import { join } from "node:path";
import { writeNifti, writeTsv } from "@quintet/io";
import { siscomAlpha } from "@quintet/modalities/spect";
import { type ImageLayer, renderSiscomPage, type SiscomTable } from "@quintet/view";
import { imageCheck } from "../image-check.ts";
import { researchUse, writeAll } from "../pet-quantify/pet-image.ts";
import { version } from "../version.ts";
import type { FoundCluster } from "./found-clusters.ts";
import type { SiscomOutcome } from "./subtract-ictal.ts";

const columns = [
  "statistic",
  "sign",
  "peak_z",
  "volume_mL",
  "region",
  "t1_x_mm",
  "t1_y_mm",
  "t1_z_mm",
  "template_x_mm",
  "template_y_mm",
  "template_z_mm",
  "p_peak",
  "p_extent",
  "agreement",
];

/** @returns paths, as written */
export async function writeSiscomFiles(out: string, outcome: SiscomOutcome): Promise<readonly string[]> {
  const { result, found, share, normalZ, placed } = outcome;
  const name = (outcome.sources[0] ?? "siscom").replace(/(_spect)?\.(nii(\.gz)?|mg[hz]|h?v)$/i, "");
  const path = (suffix: string): string => join(out, `${name}_${suffix}`);
  const rows = [
    ...rowsOf("siscom", result.clusters),
    ...rowsOf("siscom-published", result.plain ?? []),
    ...rowsOf("against-normals", result.againstNormals?.clusters ?? []),
  ];
  const told = {
    ...result,
    sources: outcome.sources,
    GeneratedBy: [{ Name: "quintet", Version: version }],
    note: researchUse,
  };
  const files: (readonly [string, string | Uint8Array])[] = [
    [path("space-T1w_desc-SISCOM_z.nii.gz"), writeNifti(found.z, { gzip: true })],
    [path("space-T1w_desc-SISCOM_difference.nii.gz"), writeNifti(found.difference, { gzip: true })],
    [path("space-T1w_desc-agreement_share.nii.gz"), writeNifti(share, { gzip: true })],
    [path("space-T1w_desc-ictal_spect.nii.gz"), writeNifti(placed.ictal, { gzip: true })],
    [path("space-T1w_desc-interictal_spect.nii.gz"), writeNifti(placed.interictal, { gzip: true })],
    ...(normalZ ? [[path("space-T1w_desc-normals_z.nii.gz"), writeNifti(normalZ, { gzip: true })] as const] : []),
    [path("desc-SISCOM_clusters.tsv"), writeTsv(columns, rows)],
    [path("desc-SISCOM_report.html"), pageOf(outcome)],
    [path("desc-SISCOM.json"), `${JSON.stringify(told, null, 1)}\n`],
  ];
  await writeAll(files);
  return files.map(([file]) => file);
}

function rowsOf(statistic: string, clusters: readonly FoundCluster[]): (string | number)[][] {
  return clusters.map((c) => [
    statistic,
    c.sign,
    c.peakZ,
    c.volumeMl,
    c.region ?? "n/a",
    ...c.t1,
    ...c.template,
    c.p,
    c.extentP,
    c.agreement ?? "n/a",
  ]);
}

function pageOf({ result, found, placed, head, share, normalZ, sources }: SiscomOutcome): string {
  const { clusters, againstNormals, threshold, template } = result;
  const first = clusters.find(({ sign }) => sign > 0);
  const layer = (id: string, name: string, volume: ImageLayer["volume"], rest: Partial<ImageLayer>): ImageLayer => ({
    kind: "image",
    id,
    modality: "spect",
    name,
    unit: "z",
    volume,
    range: [-6, 6],
    colourMap: "cool-warm",
    threshold,
    note: "",
    ...rest,
  });
  const layers = [
    layer("siscom", "SISCOM", found.z, {
      note: `Ictal minus interictal. ${result.method}. Most of what is shown is noise unless its peak's p is small.`,
    }),
    ...(normalZ && againstNormals
      ? [
          layer("normals", "Against normals", normalZ, {
            note: `The same difference against ${againstNormals.n} test-retest pairs, ${againstNormals.smoothingMm} mm smoothing, t of ${againstNormals.degrees.toFixed(0)} degrees of freedom as z (${againstNormals.priorDegrees.toFixed(0)} from a voxel's neighbourhood).`,
            threshold: againstNormals.threshold,
          }),
        ]
      : []),
    layer("agreement", "Agreement", share, {
      unit: "share of settings",
      range: [0, 1],
      colourMap: "cividis",
      threshold: 0.25,
      note: `How many of ${result.agreement.settings.length} settings call a voxel hyperperfused. It says how far a finding hangs on them; noise is shown by many of them too.`,
    }),
  ];
  const tables: SiscomTable[] = [
    {
      title: "Clusters",
      note: `${result.method}; |z| above ${threshold}. p is the chance that noise alone peaks as high anywhere in the brain; a peak at ${siscomAlpha} or below is called a finding.`,
      clusters,
    },
    ...(againstNormals
      ? [
          {
            title: "Clusters against normals",
            note: `Noise-normalised statistic; |z| above ${againstNormals.threshold}.`,
            clusters: againstNormals.clusters,
          },
        ]
      : []),
    ...(result.plain
      ? [
          {
            title: "Clusters as published",
            note: "The paper's D over its SD, nothing taken out.",
            clusters: result.plain,
          },
        ]
      : []),
  ];
  const { checks } = placed;
  return renderSiscomPage(
    {
      source: sources[0] ?? "",
      answer: answerOf(first),
      anatomy: { t1: head.t1, brain: head.brain },
      ...(first ? { crosshair: { position: first.t1, label: "The strongest rise of flow" } } : {}),
      layers,
      tables,
      templateName: template.space,
      settings: result.agreement.settings,
      concordant: result.agreement.concordant,
      finding: result.agreement.finding,
      alpha: siscomAlpha,
      reachMm: result.agreement.reachMm,
      timing: result.timing,
      registrations: [
        imageCheck(
          "spect",
          "interictal SPECT",
          checks.interictal,
          checks.interictalToT1.transform.matrix,
          checks.interictalToT1,
        ),
        imageCheck(
          "spect",
          "ictal SPECT, by way of the interictal one",
          checks.ictal,
          checks.ictalToT1.matrix,
          checks.ictalToInterictal,
        ),
      ],
      qc: result.qc,
      normals: againstNormals?.subjects ?? [],
    },
    { software: { name: "Quintet", version }, generatedAt: new Date().toISOString().slice(0, 19) },
  );
}

function answerOf(first: FoundCluster | undefined): string {
  if (first === undefined) return "No rise of flow above the threshold.";
  const place = `${first.region ?? "outside the named regions"}, peak z ${first.peakZ.toFixed(1)}, ${first.volumeMl.toFixed(1)} mL`;
  return first.p <= siscomAlpha
    ? `A rise of flow in ${place}: chance alone peaks as high in fewer than 1 of 1000 brains.`
    : `No finding: the strongest rise (${place}) is what noise alone also makes (p ${first.p.toFixed(2)}).`;
}
