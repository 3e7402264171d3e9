/** How an image is shown before its voxels are known: by what the run stored, else by its BIDS name. */
import { readdir } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import type { Metadata, Modality, StudyFile } from "@quintet/core";
import type { SceneVolume } from "@quintet/view";
import type { StoredRegistration, StoredSubject } from "./stored-subject.ts";

export interface VolumeDraft {
  /** Absolute path, and the one a reader sees. */
  readonly path: string;
  readonly source: string;
  readonly kind: "volume" | "labels";
  readonly metadata?: Metadata;
  readonly idName: string;
  /** Anatomy, layers as in the report, other images, labels, raw files. */
  readonly order: number;
  readonly shown: Pick<SceneVolume, "modality" | "name" | "role" | "colourMap" | "opacity" | "note"> &
    Partial<Pick<SceneVolume, "unit" | "scale" | "range" | "threshold">>;
  /** Stream it was measured by. */
  readonly stream?: string;
  /** Of raw files: the header's or the side file's frames are its times. */
  readonly timed: boolean;
  readonly registration?: StoredRegistration;
  /** World mm of the file -> world mm of the anatomy. */
  readonly toAnatomy?: readonly number[];
  readonly registrationError?: number;
  readonly insideBrain: boolean;
  /** Of PET: side file of the raw scan, which states dose and times. */
  readonly injected?: Metadata;
  /** What the voxels would say, where a run has stored it. */
  readonly known?: Pick<SceneVolume, "range"> & Partial<Pick<SceneVolume, "type" | "labels">>;
}

const modalityOf: Readonly<Record<string, Modality>> = {
  anat: "mri",
  func: "mri",
  pet: "pet",
  spect: "spect",
  eeg: "eeg",
  nirs: "fnirs",
};

/** @param derivatives folder that holds sub-<label> */
export async function derivativeDrafts(
  derivatives: string,
  subject: string,
  { scene, registrations }: StoredSubject,
  files: readonly StudyFile[],
): Promise<readonly VolumeDraft[]> {
  const folder = `sub-${subject}`;
  const entries = await readdir(join(derivatives, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries
    .filter(({ name }) => /^[^.].*\.nii(\.gz)?$/.test(name))
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(derivatives, sep).length).replaceAll(sep, "/"))
    .sort();
  return paths.map((source): VolumeDraft => {
    const datatype = source.split("/").at(-2) ?? "";
    const name = basename(source)
      .replace(/\.nii(\.gz)?$/, "")
      .replace(/^sub-[^_]+_/, "");
    const index = scene?.layers.findIndex(({ path }) => path === source) ?? -1;
    const layer = scene?.layers[index];
    const base = {
      path: join(derivatives, source),
      source,
      idName: basename(source),
      timed: false,
      insideBrain: false,
      ...(scene?.images[source] ? { known: scene.images[source] } : {}),
    } as const;
    if (layer) {
      const { unit, scale, range, threshold, colourMap, opacity = 0.7, note, registrationError, toAnatomy } = layer;
      const registration = registrations.find((one) => one.name === layer.registration);
      const raw = files.find(({ path }) => path === scene?.registered[layer.registration ?? ""]);
      return {
        ...base,
        kind: "volume",
        order: 100 + index,
        shown: {
          modality: layer.modality,
          name: layer.name,
          role: "layer",
          unit,
          scale,
          range,
          colourMap,
          opacity,
          note,
          ...(threshold === undefined ? {} : { threshold }),
        },
        stream: layer.stream,
        insideBrain: layer.insideBrain,
        ...(registration ? { registration } : {}),
        ...(raw?.modality === "pet" ? { injected: raw.metadata } : {}),
        ...(registrationError === undefined ? {} : { registrationError }),
        ...(toAnatomy ? { toAnatomy } : {}),
      };
    }
    const modality = modalityOf[datatype] ?? "mri";
    if (/_T1w$/.test(name)) {
      const shown = {
        modality,
        name: "T1",
        role: "anatomy",
        colourMap: "gray",
        opacity: 1,
        note: "T1-weighted MRI, corrected for uneven brightness",
      } as const;
      return { ...base, kind: "volume", order: 0, shown };
    }
    if (/_(dseg|mask)$/.test(name)) {
      const title = (/desc-([A-Za-z0-9]+)/.exec(name)?.[1] ?? name).replace(/^./, (c) => c.toUpperCase());
      const shown = {
        modality,
        name: title,
        role: "labels",
        colourMap: "cividis",
        opacity: 0.5,
        unit: "label",
        scale: 1,
        note: name.endsWith("mask") ? "1 inside" : "labels by number",
      } as const;
      return { ...base, kind: "labels", order: 300, shown };
    }
    // A map of a BOLD run stays on the run's own grid, unless its name says another space.
    const own =
      datatype === "func" && !/space-/.test(name) ? registrations.find((one) => one.name === "BOLD") : undefined;
    const unit = unitByName(name);
    return {
      ...base,
      kind: "volume",
      order: 200,
      shown: {
        modality,
        name: name.replaceAll("_", " "),
        role: "layer",
        colourMap: unit.signed ? "cool-warm" : "inferno",
        opacity: 0.7,
        note: source,
        ...(unit.unit === undefined ? {} : { unit: unit.unit, scale: 1 }),
      },
      ...(own
        ? { registration: own, toAnatomy: own.matrix, registrationError: own.expectedError, stream: "bold" }
        : {}),
    };
  });
}

function unitByName(name: string): { readonly unit?: string; readonly signed: boolean } {
  if (/stat-z/.test(name)) return { unit: "z", signed: true };
  if (/stat-t_/.test(name)) return { unit: "t", signed: true };
  if (/stat-effect/.test(name)) return { unit: "%", signed: true };
  if (/tsnr/.test(name)) return { unit: "ratio", signed: false };
  if (/desc-SUVR/.test(name)) return { unit: "SUVR", signed: false };
  if (/desc-SISCOM/.test(name)) return { unit: "z", signed: true };
  if (/sensitivity/.test(name)) return { unit: "sensitivity", signed: false };
  if (/probseg/.test(name)) return { unit: "probability", signed: false };
  return { signed: false };
}

/** Raw images of the study in the place that a run found for them; without one where their headers say. */
export function rawDrafts(
  root: string,
  files: readonly StudyFile[],
  stored: StoredSubject,
  streams: ReadonlyMap<string, string>,
  hasAnatomy: boolean,
): readonly VolumeDraft[] {
  const images = files.filter(
    ({ path, datatype, suffix }) =>
      /\.nii(\.gz)?$/.test(path) && /^(anat|func|pet|spect)$/.test(datatype) && !(hasAnatomy && suffix === "T1w"),
  );
  const first = hasAnatomy ? undefined : images.find(({ suffix }) => suffix === "T1w");
  return images.map((file): VolumeDraft => {
    const { path: source, modality, suffix, metadata, entities } = file;
    const name = Object.entries(stored.scene?.registered ?? {}).find(([, path]) => path === source)?.[0];
    const registration = stored.registrations.find((one) => one.name === name);
    const stream = streams.get(source);
    const range = stored.scene?.rawRanges[source];
    const isAnatomy = file === first;
    const title = name ?? String(metadata.TracerName ?? entities.trc ?? entities.task ?? suffix);
    const words = { pet: "PET as measured", spect: "SPECT as measured" }[modality as string] ?? `${suffix} as measured`;
    return {
      path: join(root, source),
      source,
      kind: "volume",
      metadata,
      idName: `raw-${basename(source)}`,
      order: isAnatomy ? 1 : 400,
      shown: {
        modality,
        name: isAnatomy ? suffix : `${title}, raw`,
        role: isAnatomy ? "anatomy" : "layer",
        colourMap: modality === "mri" ? "gray" : "hot-iron",
        opacity: isAnatomy ? 1 : 0.6,
        note: registration || isAnatomy ? words : `${words}; not registered: it lies where its header says`,
      },
      timed: true,
      insideBrain: false,
      ...(range ? { known: { range } } : {}),
      ...(stream === undefined ? {} : { stream }),
      ...(modality === "pet" ? { injected: metadata } : {}),
      ...(registration
        ? { registration, toAnatomy: registration.matrix, registrationError: registration.expectedError }
        : {}),
    };
  });
}
