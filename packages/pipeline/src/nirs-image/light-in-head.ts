/** The head that light is led through, and the optodes on it. */
import { readFile } from "node:fs/promises";
import type { LabelVolume, Montage, Surface } from "@quintet/core";
import { fiducialsOf, headFiducials, placeMontage, scalpSurface } from "@quintet/fusion/head";
import { readGiftiSurface } from "@quintet/io";
import { readLabels } from "@quintet/io/node";
import {
  diffuseFields,
  type HeadOptics,
  type OpticalHead,
  type OptodeField,
  opticalTissues,
  optodeField,
  type PlacedOptode,
  type TissueTableName,
  tissueOptics,
} from "@quintet/modalities/fnirs";
import { phantomHead } from "@quintet/twin";
import { templateToHead } from "../eeg-sources/head-of-files.ts";
import type { MontageLightOptions } from "./cortex-image.ts";

export interface HeadForLight {
  readonly labels: LabelVolume;
  /** In the labels' space. */
  readonly montage: Montage;
  /** In words: whose head, how the optodes were placed. */
  readonly note: string;
}

/**
 * @param head what leads the names that `quintet mri head` wrote; without it the built-in head, which the optodes are fitted to by
 *   their fiducials with one factor of size
 * @param placed the optodes are already in the world of the head's image: no fit
 * @throws DataError those of the readers and of placeMontage
 */
export async function headForLight(
  montage: Montage,
  { head, placed = false }: { readonly head?: string; readonly placed?: boolean },
): Promise<HeadForLight> {
  if (head === undefined) {
    const canonical = phantomHead({ seed: 1, variation: 0, resolution: 2 });
    const { grid, tissue, fiducials } = canonical;
    const data = Float32Array.from(tissue.data, (label) => (label === 0 ? 0 : 1));
    const scalp = scalpSurface({ ...grid, unit: "1", frames: [{ start: 0, duration: 0 }], clock: "none", data });
    const fit = placeMontage(montage, scalp, fiducials, { scale: true });
    return {
      labels: tissue,
      montage: fit.montage,
      note: `built-in head; ${fitNote(fit.fittedBy, fit.residual)}, with size`,
    };
  }
  const file = `${head}_desc-head_dseg.nii.gz`;
  const scalpFile = `${head}_desc-scalp_surf.gii`;
  const scalp: Surface = readGiftiSurface(await readFile(scalpFile), { file: scalpFile });
  const labels: LabelVolume = { ...(await readLabels(file)), space: scalp.space };
  if (placed) return { labels, montage: { ...montage, space: scalp.space }, note: "own head; optodes as given" };
  const fit = placeMontage(montage, scalp, headFiducials(await templateToHead(head, scalp.space), scalp), {
    scale: fiducialsOf(montage).size < 3,
  });
  return { labels, montage: fit.montage, note: `own head; ${fitNote(fit.fittedBy, fit.residual)}` };
}

function fitNote(by: readonly string[], residual: number): string {
  return by.length === 0
    ? "optodes at their 10-05 names"
    : `optodes fitted by ${by.join(", ")} (${residual.toFixed(1)} mm)`;
}

/** Fields of every optode by diffusion; wavelengths at which the table has the same tissue share them. */
export function diffusedFields(table: TissueTableName): MontageLightOptions["fields"] {
  const made = new Map<string, readonly OptodeField[]>();
  return (head, optodes, wavelength, onOptode) => {
    const key = JSON.stringify(opticalTissues.map((tissue) => tissueOptics(tissue, wavelength, { table })));
    const fields = made.get(key) ?? diffuseFields(head, optodes, wavelength, { table, onOptode });
    made.set(key, fields);
    return fields.map((field) => ({ ...field, wavelength }));
  };
}

/** Fields of every optode by Monte Carlo, each its own stream of random numbers. */
export function walkedFields(
  head: OpticalHead,
  optodes: readonly PlacedOptode[],
  wavelength: number,
  { photons, seed = 1, ...optics }: HeadOptics & { readonly photons: number; readonly seed?: number },
  onOptode: (done: number) => void = () => {},
): OptodeField[] {
  return optodes.map((optode, i) => {
    const field = optodeField(head, optode, optodes, wavelength, { ...optics, photons, seed: 1000 * seed + i });
    onOptode(i + 1);
    return field;
  });
}
