import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { DataError, type Frame, type Metadata, type Volume, type VoxelUnit } from "@quintet/core";
import { dicomIdentity } from "../dicom/identity.ts";
import { isNuclearVolume, readNuclearVolume } from "../dicom/nuclear.ts";
import { dicomRadiopharmaceutical, type Radiopharmaceutical } from "../dicom/radiopharmaceutical.ts";
import { type DicomFile, looksLikeDicom, readDicomTags } from "../dicom/tags.ts";
import { dicomNumber, dicomText } from "../dicom/values.ts";
import { readNifti } from "../nifti/read.ts";
import type { DicomWorkerJob, DicomWorkerResult } from "./dicom-worker.ts";
import { kindOfPath, readFileBounded } from "./files.ts";

/** One image that dcm2niix made of the files it was given. */
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
  /** Where the files carry identity: attribute names, never what they say. */
  readonly identity: readonly string[];
  /** What the converter warned of, in its own words. */
  readonly warnings: readonly string[];
}

export interface DicomOptions {
  /** Seconds until the conversion is given up; default 5 s and 1 s for each 10 MB. */
  readonly timeout?: number;
  /** Bytes the converter may grow to; default 256 MiB and four times the files. */
  readonly memory?: number;
  readonly clock?: string;
  readonly nonFinite?: "refuse" | "background" | "keep";
}

export interface DicomInput {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const MiB = 2 ** 20;
const mostFiles = 20_000;

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
  const files = await collect(input);
  const source = typeof input === "string" ? input : (files[0]?.name ?? "no file");
  if (files.length === 0) throw new DataError("no-images", "there is no DICOM file", { file: source });
  const nuclear: DicomSeries[] = [];
  const others: DicomInput[] = [];
  for (const file of files) {
    const tags = readDicomTags(file.bytes, { file: file.name });
    if (isNuclearVolume(tags)) nuclear.push(nuclearSeries(tags, options));
    else others.push(file);
  }
  const converted = others.length > 0 ? await convertOthers(others, source, options) : [];
  return [...nuclear, ...converted].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

/** dcm2niix does not heed which way the slices of an NM file are stacked (its issue 885), so these are read here. */
function nuclearSeries(tags: DicomFile, { clock }: DicomOptions): DicomSeries {
  const number = dicomNumber(tags, "SeriesNumber") ?? 0;
  const description = dicomText(tags, "SeriesDescription") ?? "NM";
  return {
    name: `${number}_${description}`,
    volume: readNuclearVolume(tags, clock),
    sidecar: { Modality: "NM", SeriesNumber: number, SeriesDescription: description },
    modality: "NM",
    radiopharmaceutical: dicomRadiopharmaceutical(tags),
    identity: dicomIdentity(tags),
    warnings: [],
  };
}

async function convertOthers(
  files: readonly DicomInput[],
  source: string,
  options: DicomOptions,
): Promise<readonly DicomSeries[]> {
  const size = files.reduce((total, file) => total + file.bytes.length, 0);
  const { timeout = 5 + size / (10 * MiB), memory = 256 * MiB + 4 * size } = options;
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
  return images.map(({ name, bytes }) => seriesOf(name, bytes, result, files, source, options));
}

function seriesOf(
  name: string,
  bytes: Uint8Array,
  result: DicomWorkerResult,
  files: readonly DicomInput[],
  source: string,
  options: DicomOptions,
): DicomSeries {
  const stem = name.replace(/\.nii$/, "");
  const json = result.files.find((file) => file.name === `${stem}.json`);
  const sidecar = json ? (JSON.parse(new TextDecoder().decode(json.bytes)) as Metadata) : {};
  const tags = tagsOf(sidecar.SeriesNumber, files);
  const modality = (tags && dicomText(tags, "Modality")) ?? String(sidecar.Modality ?? "OT");
  const wing = { MR: "mri", PT: "pet", NM: "spect" }[modality] ?? "image";
  const emission = modality === "PT" || modality === "NM";
  const radiopharmaceutical = emission && tags ? dicomRadiopharmaceutical(tags) : undefined;
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
    identity: tags ? dicomIdentity(tags) : [],
    warnings: result.lines.filter((line) => /^(warning|error)/i.test(line)),
  };
}

/** Tags of the series' first file. */
function tagsOf(seriesNumber: unknown, files: readonly DicomInput[]): DicomFile | undefined {
  for (const { name, bytes } of files) {
    const tags = readDicomTags(bytes, { file: name });
    if (dicomNumber(tags, "SeriesNumber") === seriesNumber) return tags;
  }
  return undefined;
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

async function collect(input: string | readonly string[] | readonly DicomInput[]): Promise<DicomInput[]> {
  if (typeof input !== "string" && input.every((entry): entry is DicomInput => typeof entry !== "string")) {
    for (const { name, bytes } of input) {
      if (!looksLikeDicom(bytes)) throw new DataError("not-dicom", "the file lacks DICOM's mark", { file: name });
    }
    return [...input];
  }
  const paths = typeof input === "string" ? await pathsIn(input) : (input as readonly string[]);
  if (paths.length > mostFiles) {
    throw new DataError("too-large", "a series has fewer files", {
      file: dirname(paths[0] as string),
      expected: `at most ${mostFiles}`,
      found: `${paths.length}`,
    });
  }
  const files: DicomInput[] = [];
  for (const path of paths) {
    const bytes = await readFileBounded(path, 2047 * MiB);
    if (looksLikeDicom(bytes)) files.push({ name: path, bytes });
  }
  return files;
}

async function pathsIn(path: string): Promise<string[]> {
  const kind = await kindOfPath(path);
  if (kind === "missing") throw new DataError("not-found", "there is no such file or folder", { file: path });
  return kind === "file" ? [path] : dicomFilesIn(path, true);
}

/** Files that may be DICOM: all but hidden ones and the index DICOMDIR. */
export async function dicomFilesIn(folder: string, recursive: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".") || entry.name === "DICOMDIR") continue;
    if (entry.isFile()) found.push(path);
    else if (recursive && entry.isDirectory()) found.push(...(await dicomFilesIn(path, true)));
  }
  return found.sort();
}

async function runWorker(
  files: readonly DicomInput[],
  limits: { timeout: number; memory: number },
  source: string,
): Promise<DicomWorkerResult> {
  const wasm = await readFile(findPart("dcm2niix.jpeg.wasm"));
  const script = pathToFileURL(findPart("dcm2niix.jpeg.js")).href;
  const workerData: DicomWorkerJob = { script, wasm, files, memory: limits.memory };
  // The worker stays a file of its own: as source beside this one, and built to .js beside a bundle.
  const entry = import.meta.url.endsWith(".ts") ? "./dicom-worker.ts" : "./dicom-worker.js";
  const worker = new Worker(new URL(entry, import.meta.url), {
    workerData,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  const failed = (code: string, message: string, found?: string): DataError =>
    new DataError(code, message, { file: source, ...(found === undefined ? {} : { found }) });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<DicomWorkerResult>((resolve, reject) => {
      timer = setTimeout(
        () => reject(failed("conversion-timeout", `the conversion took longer than ${limits.timeout.toFixed(0)} s`)),
        limits.timeout * 1000,
      );
      worker.once("message", (answer: { result?: DicomWorkerResult; fault?: string }) =>
        answer.result
          ? resolve(answer.result)
          : reject(failed("conversion-failed", "the files cannot be converted", answer.fault ?? "no answer")),
      );
      worker.once("error", (cause) => reject(failed("conversion-failed", "the converter broke off", String(cause))));
      worker.once("exit", (code) => reject(failed("conversion-failed", "the converter ended early", `code ${code}`)));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

/** dcm2niix's two parts: beside the bundle when packed, else in node_modules. @throws DataError `not-installed` */
export function findPart(name: "dcm2niix.jpeg.js" | "dcm2niix.jpeg.wasm"): string {
  const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
  if (existsSync(beside)) return beside;
  // The package's export map hides its parts, so the folders are asked themselves.
  const folders = createRequire(import.meta.url).resolve.paths("@niivue/dcm2niix") ?? [];
  const found = folders
    .map((folder) => join(folder, "@niivue", "dcm2niix", "dist", name))
    .find((path) => existsSync(path));
  if (!found) throw new DataError("not-installed", "a part of the DICOM converter is missing", { expected: name });
  return found;
}
