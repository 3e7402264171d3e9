/** Haemoglobin on the cortex: an fNIRS recording and a head to images, sensitivity and resolution. */
import { basename } from "node:path";
import type { Point, Volume } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import { type ExtinctionTableName, type TissueTableName, tissueTables } from "@quintet/modalities/fnirs";
import { type CortexMap, renderCortexMapsPage } from "@quintet/view";
import { ResultFiles, researchUse } from "../pet-quantify/pet-image.ts";
import { version } from "../version.ts";
import { brainSurface, onBrain } from "./brain-surface.ts";
import { cortexImage, factorsOf, medianOf, montageLight, sampledResolution, volumeOf } from "./cortex-image.ts";
import { diffusedFields, headForLight, walkedFields } from "./light-in-head.ts";
import { opticalResponses, type ResponseOptions } from "./read-responses.ts";

export interface ImageNirsOptions extends ResponseOptions {
  /** What leads the names that `quintet mri head` wrote; the built-in head without it. */
  readonly head?: string;
  readonly placed?: boolean;
  /** Photons of each optode and wavelength by Monte Carlo; by diffusion without it. */
  readonly photons?: number;
  readonly seed?: number;
  readonly tissue?: TissueTableName;
  /** Voxel edge, mm; default 3. */
  readonly spacing?: number;
  readonly lambda1?: number;
  readonly lambda2?: number;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface ImagedNirs {
  readonly head: string;
  readonly light: string;
  readonly pairs: number;
  readonly leftOut: readonly { readonly pair: string; readonly why: string }[];
  readonly short: string;
  readonly voxels: number;
  readonly conditions: readonly {
    readonly name: string;
    readonly events: number;
    /** Largest HbO, umol/L, and where, mm in the head's world. */
    readonly peak: { readonly hbo: number; readonly hbr: number; readonly place: Point };
  }[];
  /** Medians over the field of view, mm. */
  readonly resolution: { readonly localisation: number; readonly fwhm: number; readonly effective: number };
  readonly files: readonly string[];
  readonly note: string;
}

/**
 * Writes desc-CONDITION_hbo and _hbr (mol/L), desc-sensitivity_dot (mm of path, summed over pairs, mean of the wavelengths),
 * desc-localisation_dot and desc-fwhm_dot (mm), desc-dot_page.html and desc-dot.json with each pair's partial pathlength factors.
 *
 * @throws DataError those of opticalResponses, headForLight and the wing
 */
export async function imageNirsFile(path: string, out: string, options: ImageNirsOptions): Promise<ImagedNirs> {
  const {
    onProgress: progress = () => {},
    tissue = "eggebrecht",
    spacing = 3,
    lambda1 = 0.01,
    lambda2 = 0.1,
  } = options;
  await loadKernels();
  progress(0.02, "responses");
  const found = await opticalResponses(path, options);
  progress(0.2, "head");
  const placed = await headForLight(found.montage, options);
  const { photons, seed } = options;
  const lit = montageLight(placed.labels, placed.montage, found, {
    spacing,
    file: path,
    fields:
      photons === undefined
        ? diffusedFields(tissue)
        : (head, optodes, wavelength, onOptode) =>
            walkedFields(
              head,
              optodes,
              wavelength,
              { photons, table: tissue, ...(seed === undefined ? {} : { seed }) },
              onOptode,
            ),
    onProgress: (share, note) => progress(0.25 + 0.55 * share, note),
  });
  progress(0.82, "image");
  const { head, sensitivity, voxels, places } = lit;
  const table: ExtinctionTableName = options.table ?? "prahl";
  const settings = { table, lambda1, lambda2 };
  const files = new ResultFiles(
    out,
    basename(path)
      .replace(/\.(snirf|nirs)$/i, "")
      .replace(/_nirs$/, ""),
  );
  const about = { Head: placed.note, TissueOptics: tissueTables[tissue].citation, Lambda1: lambda1, Lambda2: lambda2 };
  const brain = brainSurface(placed.labels);
  const maps: CortexMap[] = [];
  const show = (name: string, unit: string, volume: Volume, scale: number, signed: boolean): void => {
    maps.push({ name, unit, values: onBrain(volume, brain, scale), signed });
  };
  const conditions: ImagedNirs["conditions"][number][] = [];
  for (const [c, { name, events }] of found.conditions.entries()) {
    const image = cortexImage(lit, found.rows, c, settings);
    for (const kind of ["hbo", "hbr"] as const) {
      await files.image(`desc-${label(name)}_${kind}`, image[kind], about);
      show(`${kind === "hbo" ? "HbO" : "HbR"}, ${name}`, "µmol/L", image[kind], 1e6, true);
    }
    conditions.push({ name, events, peak: image.peak });
  }
  await files.image("desc-sensitivity_dot", sensitivity, about);
  show("Sensitivity", "mm", sensitivity, 1, false);
  progress(0.9, "resolution");
  const spread = sampledResolution(lit, settings, 400);
  for (const [key, title] of [
    ["localisation", "Localisation error"],
    ["fwhm", "Full width at half maximum"],
  ] as const) {
    const nearest = places.map((p) =>
      spread.reduce((best, s) =>
        apart(places[s.voxel] as Point, p) < apart(places[best.voxel] as Point, p) ? s : best,
      ),
    );
    const volume = volumeOf(
      head,
      voxels,
      nearest.map((s) => s[key]),
      "mm",
    );
    await files.image(`desc-${key}_dot`, volume, { ...about, Sampled: spread.length });
    show(title, "mm", volume, 1, false);
  }
  const light =
    options.photons === undefined ? `diffusion in voxels of ${spacing} mm` : `${options.photons} photons an optode`;
  const told = {
    head: placed.note,
    light,
    pairs: found.rows.length / found.wavelengths.length,
    leftOut: found.leftOut,
    short: found.short,
    voxels: voxels.length,
    conditions,
    resolution: {
      localisation: medianOf(spread, "localisation"),
      fwhm: medianOf(spread, "fwhm"),
      effective: medianOf(spread, "effective"),
    },
  };
  await files.text(
    "desc-dot_page.html",
    renderCortexMapsPage(brain, maps, {
      title: "Haemoglobin on the cortex",
      source: basename(path),
      software: { name: "Quintet", version },
      generatedAt: new Date().toISOString().slice(0, 19),
      notes: [
        `${told.pairs} pairs at ${found.wavelengths.join(" and ")} nm; short channels: ${found.short}; ${placed.note}.`,
        `Light by ${light}, tissue by ${tissueTables[tissue].citation}. Tikhonov regularisation, lambda1 ${lambda1}, lambda2 ${lambda2}.`,
        `Amplitudes shrink with depth and spread: see the maps of localisation and width. Gray: outside the field of view.`,
      ],
    }),
  );
  await files.json("desc-dot", {
    ...told,
    ...about,
    table,
    partialPathlengthFactors: factorsOf(lit).map(({ factors, ...pair }) => ({ ...pair, ...factors })),
  });
  progress(1, "done");
  return { ...told, files: files.written, note: researchUse };
}

function apart(p: Point, q: Point): number {
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

/** BIDS labels are letters and digits. */
export function label(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, "") || "event";
}
