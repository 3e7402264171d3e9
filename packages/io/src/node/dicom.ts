import { DataError, type Frame, type Metadata, type Volume, type VoxelUnit } from "@quintet/core";
import type { CountScale } from "../dicom/count-scale.ts";
import { dicomIdentity } from "../dicom/identity.ts";
import { isNuclearVolume, readNuclearVolume } from "../dicom/nuclear.ts";
import { dicomRadiopharmaceutical, type Radiopharmaceutical } from "../dicom/radiopharmaceutical.ts";
import type { DicomSuv } from "../dicom/suv-facts.ts";
import { type DicomFile, readDicomTags } from "../dicom/tags.ts";
import { dicomNumber, dicomText } from "../dicom/values.ts";
import { readNifti } from "../nifti/read.ts";
import { runWorker } from "./dicom-converter.ts";
import { type DicomInput, dicomSources, loaded } from "./dicom-input.ts";
import { petSeriesFacts } from "./dicom-suv.ts";
import type { DicomWorkerResult } from "./dicom-worker.ts";

/** One image of a series; a series of several echoes or parts gives several. */
export interface DicomSeries {
  /** Series number and description, e.g. "3_EPI PE=AP". */
  readonly name: string;
  readonly volume: Volume;
  /** The BIDS sidecar as dcm2niix wrote it, but for the injected dose, whose unit is set right. */
  readonly sidecar: Metadata;
  /** MR, PT, NM ... from the files' own tags. */
  readonly modality: string;
  /** Tracer, dose and decay from the files' own tags; present for PT and NM. */
  readonly radiopharmaceutical?: Radiopharmaceutical;
  /** Of a PET series: what makes its values SUV ... */
  readonly suv?: DicomSuv;
  /** ... or what is missing or disagrees. */
  readonly suvRefused?: string;
  /** Of a PET series of counts: the scanner's factor, not applied here. */
  readonly counts?: CountScale;
  /** Where the files carry identity: attribute names, never what they say. */
  readonly identity: readonly string[];
  /** What the converter warned of, in its own words. */
  readonly warnings: readonly string[];
}

export interface DicomOptions {
  /** Seconds of the converter's own work until a series is given up; default 4 s and 1 s for each 10 MB. */
  readonly timeout?: number;
  /** Bytes the converter may grow to; default 256 MiB and four times the files. */
  readonly memory?: number;
  readonly clock?: string;
  readonly nonFinite?: "refuse" | "background" | "keep";
}

const MiB = 2 ** 20;

/**
 * Converts DICOM to volumes with dcm2niix (WebAssembly) in a worker thread: one entry per series.
 *
 * @param input a folder (searched with its subfolders; files that are no DICOM are passed over), paths, or bytes
 * @throws DataError `no-images` (no DICOM file among them), `conversion-failed`, `conversion-timeout`, and those of
 *   readFileBounded and readNifti
 */
export async function convertDicom(
  input: string | readonly string[] | readonly DicomInput[],
  options: DicomOptions = {},
): Promise<readonly DicomSeries[]> {
  const source = typeof input === "string" ? input : nameOf(input[0]);
  const found: DicomSeries[] = [];
  for (const series of await dicomSources(input)) {
    const files: DicomInput[] = [];
    for (const entry of series) files.push(await loaded(entry));
    const [first] = files as [DicomInput];
    const tags = readDicomTags(first.bytes, { file: first.name });
    if (isNuclearVolume(tags)) found.push(...files.map((file) => nuclearSeries(file, options)));
    else found.push(...(await convertSeries(files, tags, series.length === 1 ? first.name : source, options)));
  }
  if (found.length === 0) throw new DataError("no-images", "there is no DICOM file", { file: source });
  return found.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

function nameOf(entry: string | DicomInput | undefined): string {
  return typeof entry === "string" ? entry : (entry?.name ?? "no file");
}

/** dcm2niix does not heed which way the slices of an NM file are stacked (its issue 885), so these are read here. */
function nuclearSeries({ name, bytes }: DicomInput, { clock }: DicomOptions): DicomSeries {
  const tags = readDicomTags(bytes, { file: name });
  const number = dicomNumber(tags, "SeriesNumber") ?? 0;
  const description = dicomText(tags, "SeriesDescription") ?? "NM";
  const radiopharmaceutical = dicomRadiopharmaceutical(tags);
  const { dose, halfLife } = radiopharmaceutical;
  return {
    name: `${number}_${description}`,
    volume: readNuclearVolume(tags, clock),
    sidecar: {
      Modality: "NM",
      SeriesNumber: number,
      SeriesDescription: description,
      ...(dose ? { InjectedRadioactivity: dose.value / 1e6, InjectedRadioactivityUnits: "MBq" } : {}),
      ...(halfLife === undefined ? {} : { RadionuclideHalfLife: halfLife }),
    },
    modality: "NM",
    radiopharmaceutical,
    identity: dicomIdentity(tags),
    warnings: [],
  };
}

async function convertSeries(
  files: readonly DicomInput[],
  tags: DicomFile,
  source: string,
  options: DicomOptions,
): Promise<readonly DicomSeries[]> {
  const size = files.reduce((total, file) => total + file.bytes.length, 0);
  const { timeout = 4 + size / (10 * MiB), memory = 256 * MiB + 4 * size } = options;
  const named = files.map(({ bytes }, i) => ({ name: `${String(i).padStart(5, "0")}.dcm`, bytes }));
  const result = await runWorker(named, { timeout, memory: Math.min(memory, 2047 * MiB) }, source);
  const images = result.files.filter(({ name }) => name.endsWith(".nii"));
  if (images.length === 0) {
    const said = result.lines.filter((line) => /error|warn|unable|unsupported|no valid/i.test(line)).slice(0, 3);
    throw new DataError("conversion-failed", "no image could be made of these files", {
      file: source,
      found: said.join("; ") || `dcm2niix ended with code ${result.code}`,
    });
  }
  return images.map(({ name, bytes }) => {
    const series = seriesOf(name, bytes, result, tags, source, options);
    if (series.modality !== "PT") return series;
    const { frames = series.volume.frames, ...facts } = petSeriesFacts(files, series.volume.frames.length);
    return { ...series, ...facts, volume: { ...series.volume, frames } };
  });
}

function seriesOf(
  name: string,
  bytes: Uint8Array,
  result: DicomWorkerResult,
  tags: DicomFile,
  source: string,
  options: DicomOptions,
): DicomSeries {
  const stem = name.replace(/\.nii$/, "");
  const sidecar = sidecarOf(stem, result, source);
  const modality = dicomText(tags, "Modality") ?? "OT";
  const wing = { MR: "mri", PT: "pet", NM: "spect" }[modality] ?? "image";
  const emission = modality === "PT" || modality === "NM";
  const radiopharmaceutical = emission ? dicomRadiopharmaceutical(tags) : undefined;
  const volume = readNifti(bytes, {
    file: `${source} (${stem})`,
    space: `scanner:${wing}`,
    unit: unitOf(sidecar.Units),
    clock: options.clock ?? wing,
    ...(options.nonFinite ? { nonFinite: options.nonFinite } : {}),
  });
  return {
    name: stem,
    volume: { ...volume, frames: framesOf(volume.frames, sidecar) },
    sidecar: withDose(sidecar, radiopharmaceutical),
    modality,
    ...(radiopharmaceutical ? { radiopharmaceutical } : {}),
    identity: dicomIdentity(tags),
    warnings: result.lines.filter((line) => /^(warning|error)/i.test(line)),
  };
}

function sidecarOf(stem: string, result: DicomWorkerResult, source: string): Metadata {
  const json = result.files.find((file) => file.name === `${stem}.json`);
  if (!json) return {};
  try {
    // The converter lets tabs, escape codes of Asian character sets and lone backslashes through, which JSON forbids;
    // as blanks they harm nobody.
    const printable = json.bytes.map((byte) => Math.max(byte, 0x20));
    const text = new TextDecoder()
      .decode(printable)
      .replace(/\\(.)/g, (pair, after: string) => ('"\\/bfnrtu'.includes(after) ? pair : ` ${after}`));
    return JSON.parse(text) as Metadata;
  } catch (cause) {
    throw new DataError("conversion-failed", "the converter wrote a side file that is no JSON", {
      file: source,
      cause,
    });
  }
}

/** DICOM states the dose in Bq (PS3.3 C.8.9.2); dcm2niix copies the number and calls it MBq, a million times too much. */
function withDose(sidecar: Metadata, radiopharmaceutical: Radiopharmaceutical | undefined): Metadata {
  if (radiopharmaceutical?.dose === undefined || sidecar.InjectedRadioactivity === undefined) return sidecar;
  return {
    ...sidecar,
    InjectedRadioactivity: radiopharmaceutical.dose.value / 1e6,
    InjectedRadioactivityUnits: "MBq",
  };
}

function unitOf(text: unknown): VoxelUnit {
  const known: Readonly<Record<string, VoxelUnit>> = {
    BQML: "Bq/mL",
    "Bq/mL": "Bq/mL",
    CNTS: "{count}",
    GML: "g/mL",
    "g/mL": "g/mL",
  };
  return known[String(text)] ?? "{arbitrary}";
}

/** A PET sidecar knows every frame's start and duration; NIfTI holds a regular step only. */
function framesOf(fallback: readonly Frame[], sidecar: Metadata): readonly Frame[] {
  const numbers = (value: unknown): number[] =>
    (Array.isArray(value) ? value : [value]).filter((entry): entry is number => typeof entry === "number");
  const starts = numbers(sidecar.FrameTimesStart);
  const durations = numbers(sidecar.FrameDuration);
  if (starts.length !== fallback.length || durations.length !== fallback.length) return fallback;
  return starts.map((start, i) => ({ start, duration: durations[i] as number }));
}
