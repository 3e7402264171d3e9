/** Haemoglobin on the cortex: an fNIRS recording and a head to images, sensitivity and resolution. */
import { basename } from "node:path";
import { DataError, type Point, toWorld, type Volume } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import {
  diffuseFields,
  type ExtinctionTableName,
  imageResolution,
  type OpticalHead,
  opticalHead,
  opticalTissues,
  type PairSensitivity,
  pairSensitivity,
  partialPaths,
  placeOptodes,
  sensitivityVolume,
  sourceDetectorDistance,
  type TissueTableName,
  tissueTables,
  tomography,
} from "@quintet/modalities/fnirs";
import { type CortexMap, renderCortexMapsPage } from "@quintet/view";
import { ResultFiles, researchUse } from "../pet-quantify/pet-image.ts";
import { version } from "../version.ts";
import { brainSurface, onBrain } from "./brain-surface.ts";
import { headForLight, walkedFields } from "./light-in-head.ts";
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

/** A voxel belongs to the field of view when its sensitivity is at least this share of the largest. */
const seen = 0.01;

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
  const names = [...new Set(found.rows.flatMap(({ source, detector }) => [source, detector]))];
  const near = names.map((name) => {
    const position = placed.montage.sensors.find((sensor) => sensor.name === name)?.position;
    if (position) return position;
    throw new DataError("no-positions", `optode ${name} has no place on the head`, { file: path });
  });
  const head = opticalHead(placed.labels, { spacing, near });
  const optodes = placeOptodes(head, placed.montage, names);
  const whole: PairSensitivity[] = [];
  for (const [w, wavelength] of found.wavelengths.entries()) {
    const told = (done: number): void =>
      progress(0.25 + (0.55 * (w + done / names.length)) / found.wavelengths.length, `light of ${wavelength} nm`);
    const { photons, seed } = options;
    const fields = new Map(
      (photons === undefined
        ? diffuseFields(head, optodes, wavelength, { table: tissue, onOptode: told })
        : walkedFields(
            head,
            optodes,
            wavelength,
            { photons, table: tissue, ...(seed === undefined ? {} : { seed }) },
            told,
          )
      ).map((field) => [field.optode, field]),
    );
    for (const { source, detector, wavelength: own } of found.rows) {
      const [from, to] = [fields.get(source), fields.get(detector)];
      if (own === wavelength && from && to) whole.push(pairSensitivity(head, from, to));
    }
  }
  progress(0.82, "image");
  const sensitivity = sensitivityVolume(head, whole);
  sensitivity.data.forEach((v, i) => {
    sensitivity.data[i] = v / found.wavelengths.length;
  });
  const grey = 1 + opticalTissues.indexOf("grey");
  const top = sensitivity.data.reduce((most, v, i) => (head.labels[i] === grey ? Math.max(most, v) : most), 0);
  const voxels = Uint32Array.from(
    [...head.labels.keys()].filter((v) => head.labels[v] === grey && (sensitivity.data[v] as number) >= seen * top),
  );
  const rows = whole.map(({ wavelength, paths }) => ({
    wavelength,
    paths: Float32Array.from(voxels, (v) => paths[v] as number),
  }));
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
  const places = Array.from(voxels, (v) => placeOf(head, v));
  for (const [c, { name, events }] of found.conditions.entries()) {
    const noise = found.rows.map(({ errors }) => errors[c] as number);
    const image = tomography(rows, { ...settings, noise }).image(found.rows.map(({ values }) => values[c] as number));
    for (const kind of ["hbo", "hbr"] as const) {
      const volume = volumeOf(head, voxels, image[kind], "mol/L");
      await files.image(`desc-${label(name)}_${kind}`, volume, about);
      show(`${kind === "hbo" ? "HbO" : "HbR"}, ${name}`, "µmol/L", volume, 1e6, true);
    }
    let peak = 0;
    for (let v = 1; v < voxels.length; v++) if ((image.hbo[v] as number) > (image.hbo[peak] as number)) peak = v;
    conditions.push({
      name,
      events,
      peak: {
        hbo: 1e6 * (image.hbo[peak] as number),
        hbr: 1e6 * (image.hbr[peak] as number),
        place: places[peak] as Point,
      },
    });
  }
  await files.image("desc-sensitivity_dot", sensitivity, about);
  show("Sensitivity", "mm", sensitivity, 1, false);
  progress(0.9, "resolution");
  const step = Math.max(1, Math.ceil(voxels.length / 400));
  const spread = imageResolution(
    tomography(rows, settings),
    places,
    [...places.keys()].filter((v) => v % step === 0),
  );
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
  const median = (key: "localisation" | "fwhm" | "effective"): number =>
    Number((spread.map((s) => s[key]).sort((a, b) => a - b)[spread.length >> 1] as number).toFixed(1));
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
    resolution: { localisation: median("localisation"), fwhm: median("fwhm"), effective: median("effective") },
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
    partialPathlengthFactors: factorsOf(head, whole, placed.montage),
  });
  progress(1, "done");
  return { ...told, files: files.written, note: researchUse };
}

function factorsOf(
  head: OpticalHead,
  rows: readonly PairSensitivity[],
  montage: Parameters<typeof sourceDetectorDistance>[0],
) {
  return rows.map((row) => {
    const distance = sourceDetectorDistance(montage, row.source, row.detector);
    const paths = Object.entries(partialPaths(head, row));
    return {
      pair: `${row.source}-${row.detector}`,
      wavelength: row.wavelength,
      distance: Number(distance.toFixed(1)),
      ...Object.fromEntries(paths.map(([tissue, mm]) => [tissue, Number((mm / distance).toFixed(4))])),
    };
  });
}

function volumeOf<U extends "mol/L" | "mm">(
  head: OpticalHead,
  voxels: Uint32Array,
  values: ArrayLike<number>,
  unit: U,
): Volume<U> {
  const data = new Float32Array(head.labels.length);
  for (const [i, v] of voxels.entries()) data[v] = values[i] as number;
  return { ...head.grid, unit, frames: [{ start: 0, duration: 0 }], clock: "none", data };
}

function placeOf({ grid }: OpticalHead, v: number): Point {
  const [nx, ny] = grid.shape;
  return toWorld(grid, [v % nx, Math.floor(v / nx) % ny, Math.floor(v / (nx * ny))]);
}

function apart(p: Point, q: Point): number {
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

/** BIDS labels are letters and digits. */
function label(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, "") || "event";
}
