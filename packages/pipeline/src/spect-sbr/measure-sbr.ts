/** Dopamine transporter SPECT with regions of the same head: binding ratios as a table, one page, one JSON. */
import { basename, join } from "node:path";
import {
  DataError,
  identityAffine,
  type LabelVolume,
  type Mask,
  type Measure,
  type Metadata,
  type Transform,
  type Volume,
} from "@quintet/core";
import { measuresTsv } from "@quintet/fusion/fuse";
import { registerRigid } from "@quintet/fusion/register";
import { numberCell, readTsv } from "@quintet/io";
import { readFileBounded, readLabels, readVolume } from "@quintet/io/node";
import { resampleLabels } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { brainMask } from "@quintet/modalities/mri";
import { meanOverWindow } from "@quintet/modalities/pet";
import {
  bindingErrors,
  type DatBindingOptions,
  datBinding,
  datRegions,
  type ErrorSource,
  referenceOf,
  type SbrCalibration,
  type SbrNorm,
  striatalVolumes,
} from "@quintet/modalities/spect";
import type { RegistrationCheck } from "@quintet/view";
import { imageCheck } from "../image-check.ts";
import { readStoredImage, researchUse, sourcesOf, writeAll } from "../pet-quantify/pet-image.ts";
import { maskOnto, ontoGrid, workGrid } from "../recipes/five/work-grid.ts";
import { readReplicates } from "../spect-recon/replicate-files.ts";
import { refuseDifferentPeople, refuseEmptyFrames } from "../spect-siscom/check-pair.ts";
import { version } from "../version.ts";
import { sbrPage } from "./sbr-page.ts";

export interface MeasureSbrOptions {
  /** Regions in the world of the T1, or of the SPECT image where there is no T1. */
  readonly labels: string;
  /** The image is registered to it; without it regions lie where the image's header says. */
  readonly t1?: string;
  readonly reference?: "occipital" | "whole-brain";
  /** mm. */
  readonly fwhm?: number;
  /** Replicates of the scan (reconstructSpectFile): standard errors are their spread. */
  readonly replicates?: string;
  /** Take spill-over between regions and surroundings back; needs `fwhm`. */
  readonly spillOver?: boolean;
  /** mL of one striatum for total counts: a number, or the person's own from the regions. */
  readonly striatum?: number | "own";
  /** Table of what the camera makes of a striatal phantom: region, measure, slope, offset. */
  readonly calibration?: string;
  /** Table of healthy people of this camera: region, measure, at0, per_year, sd. */
  readonly norms?: string;
  readonly age?: number;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface MeasuredSbr {
  readonly reference: "occipital" | "whole-brain";
  readonly measures: readonly Measure[];
  readonly striatumMl: { readonly left: number; readonly right: number };
  readonly registration?: { readonly expectedErrorMm: number; readonly note: string };
  /** Why there is no z; absent where there is one. */
  readonly withoutNorms?: string;
  /** Where standard errors are from, and what they hold. */
  readonly standardErrors: { readonly from: ErrorSource; readonly replicates?: number; readonly note: string };
  /** Why upper bounds of standard errors may still be too small; absent where the resolution is known or of no use. */
  readonly withoutResolution?: string;
  readonly note: string;
  readonly files: readonly string[];
}

/** Tracers of blood flow, which bind to nothing: a ratio of theirs is no binding ratio. */
const ofPerfusion = /hmpao|exametazime|ceretec|bicisate|neurolite|\becd\b|iofetamine|\bimp\b/i;

function refusePerfusion({ TracerName: tracer }: Metadata, file: string): void {
  if (typeof tracer !== "string" || !ofPerfusion.test(tracer)) return;
  throw new DataError("not-binding", "binding ratios are of a tracer that binds in the striata", {
    file,
    expected: "a tracer of transporters or receptors, such as ioflupane",
    found: `${tracer}, a tracer of blood flow`,
  });
}

/**
 * Analysed in 2-mm voxels round the brain of the T1, or round the regions in the SPECT image's world.
 *
 * @throws DataError those of readReplicates and bindingErrors, `different-people`, `zero-counts`, `not-binding` (a tracer of blood flow), `no-brain` (whole-brain reference without a T1), `missing-column`, those of
 *   datRegions, datBinding and the readers
 */
export async function measureSbr(path: string, out: string, options: MeasureSbrOptions): Promise<MeasuredSbr> {
  await loadKernels();
  const { labels: file, t1, reference = "occipital", onProgress } = options;
  refuseDifferentPeople([path, file, ...(t1 === undefined ? [] : [t1])].map((one) => ({ file: one })));
  onProgress?.(0, "reading");
  const { volume, metadata } = await readStoredImage(path, "scanner:spect");
  refuseEmptyFrames(volume, path);
  refusePerfusion(metadata, path);
  const still = meanOverWindow(volume);
  const norms = options.norms === undefined ? undefined : await readSbrNorms(options.norms);
  const calibration = options.calibration === undefined ? undefined : await readCalibration(options.calibration);
  const replicates =
    options.replicates === undefined ? undefined : await readReplicates(options.replicates, path, still);
  const { place, labels, brain, head, check } = await placed(still, file, t1, onProgress);
  const image = place(still);
  if (reference === "whole-brain" && !brain)
    throw new DataError("no-brain", "the whole-brain reference is cut out of a T1's brain", {
      file: path,
      expected: "a T1 (--t1)",
      found: "none",
    });
  onProgress?.(0.9, "regions");
  const regions = datRegions(labels, brain);
  const own = striatalVolumes(regions);
  const errors = bindingErrors(image, regions, {
    reference: referenceOf(regions, reference),
    ...(options.fwhm === undefined ? {} : { fwhm: options.fwhm }),
    ...(replicates ? { replicates: placedOneByOne(replicates, place) } : {}),
  });
  const settings: DatBindingOptions = {
    reference,
    sources: [basename(path)],
    errors,
    ...(options.fwhm === undefined ? {} : { fwhm: options.fwhm }),
    ...(options.spillOver === undefined ? {} : { spillOver: options.spillOver }),
    ...(options.striatum === undefined ? {} : { striatum: options.striatum === "own" ? own : options.striatum }),
    ...(calibration ? { calibration } : {}),
    ...(norms ? { norms } : {}),
    ...(options.age === undefined ? {} : { age: options.age }),
  };
  const measures = datBinding(image, regions, settings);
  const name = basename(path).replace(/(_spect)?\.(nii(\.gz)?|mg[hz]|h?v)$/i, "");
  const result = {
    reference,
    measures,
    striatumMl: own,
    ...(check ? { registration: { expectedErrorMm: check.expectedError, note: check.note } } : {}),
    ...(norms
      ? {}
      : {
          withoutNorms:
            "no z: norms hold for one camera, its corrections and these regions; none was given (--norms), and published ones are of other programs",
        }),
    standardErrors: {
      from: errors.from,
      ...(errors.replicates === undefined ? {} : { replicates: errors.replicates }),
      note: errors.note,
    },
    ...(errors.from === "upper-bound" && options.fwhm === undefined
      ? {
          withoutResolution:
            "standard errors may be lower bounds after all: neighbouring voxels count as independent where the image's resolution is not given (--fwhm)",
        }
      : {}),
    note: researchUse,
  };
  const sources = await sourcesOf([path, file, t1, options.norms, options.calibration, options.replicates]);
  const page = sbrPage({
    source: basename(path),
    image,
    regions,
    ...(head ? { head } : {}),
    reference,
    measures,
    errors,
    striatumMl: own,
    ...(check ? { check } : {}),
    missing: [result.withoutNorms, result.withoutResolution].flatMap((why) => (why ? [`${sentence(why)}.`] : [])),
  });
  const files: (readonly [string, string])[] = [
    [join(out, `${name}_desc-SBR_measures.tsv`), measuresTsv(measures)],
    [join(out, `${name}_desc-SBR_report.html`), page],
    [
      join(out, `${name}_desc-SBR.json`),
      `${JSON.stringify({ ...result, TracerName: metadata.TracerName, sources, GeneratedBy: [{ Name: "quintet", Version: version }] }, null, 1)}\n`,
    ],
  ];
  onProgress?.(0.95, "writing");
  await writeAll(files);
  return { ...result, files: files.map(([written]) => written) };
}

function* placedOneByOne(images: Iterable<Volume>, place: (image: Volume) => Volume): Generator<Volume> {
  for (const image of images) yield place(image);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface PlacedDat {
  /** An image that lies as the scan does, on the grid of the regions. */
  place(image: Volume): Volume;
  readonly labels: LabelVolume;
  /** On the image's grid. */
  readonly brain?: Mask;
  readonly head?: { readonly t1: Volume; readonly brain: Mask };
  readonly check?: RegistrationCheck;
}

async function placed(
  still: Volume,
  labelFile: string,
  t1File: string | undefined,
  tell: MeasureSbrOptions["onProgress"],
): Promise<PlacedDat> {
  if (t1File === undefined) {
    const labels = { ...(await readLabels(labelFile)), space: still.space };
    const grid = workGrid({ ...labels, data: Uint8Array.from(labels.data, (label) => (label === 0 ? 0 : 1)) });
    const here: Transform = { from: still.space, to: still.space, matrix: identityAffine() };
    return {
      place: (image) => ontoGrid(image, here, grid),
      labels: resampleLabels(labels, grid, identityAffine()),
    };
  }
  const t1 = await readVolume(t1File, { space: "subject:T1w", clock: "mri" });
  tell?.(0.1, "brain");
  const brain = brainMask(t1);
  tell?.(0.3, "SPECT to T1");
  const found = await registerRigid(t1, still);
  const grid = workGrid(brain);
  const labels = resampleLabels({ ...(await readLabels(labelFile)), space: t1.space }, grid, identityAffine());
  return {
    place: (image) => ontoGrid(image, found.transform, grid),
    labels,
    brain: maskOnto(brain, grid),
    head: { t1, brain },
    check: imageCheck("spect", "SPECT image", still, found.transform.matrix, found),
  };
}

/** @throws DataError `missing-column`, `bad-norms`, those of readTsv */
async function readSbrNorms(file: string): Promise<readonly SbrNorm[]> {
  const rows = await rowsOf(file, ["at0", "per_year", "sd"]);
  return rows.map(({ region, measure, numbers: [at0, perYear, sd] }, k) => {
    if (sd > 0) return { region, measure, at0, perYear, sd };
    throw new DataError("bad-norms", `line ${k + 2} of the norms`, { file, expected: "an sd above 0", found: `${sd}` });
  });
}

/** @throws DataError `missing-column`, `bad-norms`, those of readTsv */
async function readCalibration(file: string): Promise<readonly SbrCalibration[]> {
  const rows = await rowsOf(file, ["slope", "offset", "offset"]);
  return rows.map(({ region, measure, numbers: [slope, offset] }) => ({ region, measure, slope, offset }));
}

type Three = readonly [string, string, string];

async function rowsOf(
  file: string,
  columns: Three,
): Promise<
  readonly { readonly region: string; readonly measure: string; readonly numbers: readonly [number, number, number] }[]
> {
  const table = readTsv(new TextDecoder().decode(await readFileBounded(file, 2 ** 20)), file);
  const needed = ["region", "measure", ...new Set(columns)];
  for (const name of needed) {
    if (table.columns.includes(name)) continue;
    throw new DataError("missing-column", "a table by region and measure", {
      file,
      expected: needed.join(", "),
      found: table.columns.join(", "),
    });
  }
  return table.rows.map((row, k) => {
    const text = (name: string): string => row[table.columns.indexOf(name)] ?? "";
    const numbers = columns.map((name) => numberCell(table, k, name) ?? Number.NaN) as [number, number, number];
    if (numbers.every(Number.isFinite)) return { region: text("region"), measure: text("measure"), numbers };
    throw new DataError("bad-norms", `line ${k + 2} of the table`, {
      file,
      expected: "numbers",
      found: row.join(", "),
    });
  });
}
