/** NIfTI and DICOM images of an import: read, recognised, written anew under a name that tells no one. */
import { join } from "node:path";
import { DataError, type Metadata, type Volume } from "@quintet/core";
import { textField } from "../../bids/json.ts";
import { isInterfileProjections } from "../../interfile/projections.ts";
import { isInterfileSinogram } from "../../interfile/sinogram-layout.ts";
import { convertDicom } from "../dicom.ts";
import { openInterfile } from "../interfile.ts";
import type { FileKind } from "../sniff.ts";
import { readVolume } from "../volumes.ts";
import { cleanColumns, cleanMetadata } from "./allow-list.ts";
import type { DicomFacts, PersonFacts } from "./dicom-facts.ts";
import type { ImportJob } from "./job.ts";
import { type ImageGuess, recogniseImage } from "./modality-words.ts";
import { storedPet } from "./pet-counts.ts";
import { petImageFacts, suvMetadata } from "./pet-facts.ts";
import { labelOf, RunNumbers, stemOf } from "./placing.ts";

const spectProjections = "SPECT projections: reconstruct them with quintet spect recon";

const imageKinds: readonly FileKind[] = ["NIfTI", "ECAT", "Interfile"];

interface Image {
  readonly volume: Volume;
  /** Side file before cleaning. */
  readonly sidecar: Metadata;
  /** For the words of its name: a relative path, or a series description. */
  readonly name: string;
  readonly from: string;
  readonly acquiredAt?: string;
}

interface PlacedPet {
  readonly entities: Readonly<Record<string, string>>;
  /** InjectionStart as its side file has it. */
  readonly injection: unknown;
}

/** @throws DataError only for what the disk does; a file that cannot be read is told of */
export async function importImages(job: ImportJob): Promise<void> {
  const runs = new RunNumbers();
  const pets: PlacedPet[] = [];
  for (const file of job.survey.files.filter(({ kind }) => imageKinds.includes(kind))) {
    job.progress(file.path);
    await attempt(job, file.path, async () => {
      if (file.kind === "Interfile") {
        const header = await openInterfile(join(job.root, file.path));
        const pet = isInterfileSinogram(header);
        if (pet || isInterfileProjections(header)) {
          const why = pet ? "PET projections: reconstruct them with quintet pet recon" : spectProjections;
          job.unrecognised.push({ path: file.path, why });
          return;
        }
      }
      const facts = await petImageFacts(join(job.root, file.path), file.kind);
      const sidecar = { ...facts.metadata, ...sidecarOf(file.path, job) };
      const volume = await readVolume(join(job.root, file.path), { nonFinite: "background" });
      const acquiredAt = sidecarTime(sidecar) ?? facts.acquiredAt;
      job.people.push({ ...facts.person, ...personOf(sidecar) });
      await place(
        { volume, sidecar, name: stemOf(file.path), from: file.path, ...(acquiredAt ? { acquiredAt } : {}) },
        job,
        runs,
        pets,
      );
    });
  }
  for (const { path, projections } of job.survey.dicom) {
    if (!projections) continue;
    job.progress(path);
    job.unrecognised.push({ path, why: spectProjections });
  }
  for (const series of bySeries(job.survey.dicom.filter(({ projections }) => !projections))) {
    const [first] = series as [DicomFacts];
    for (const { path } of series) job.progress(path);
    const from = series.length === 1 ? first.path : `${first.path} and ${series.length - 1} more of its series`;
    await attempt(job, from, async () => {
      const { acquiredAt } = first;
      for (const made of await convertDicom(series.map(({ path }) => join(job.root, path)))) {
        const stored = storedPet(made);
        const sidecar = {
          ...made.sidecar,
          Modality: first.modality,
          ...first.metadata,
          ...(made.modality === "PT" ? { ...framesOf(made.volume), ...suvMetadata(made.suv, acquiredAt) } : {}),
          ...stored.metadata,
        };
        for (const note of stored.notes) job.problems.push(`${from}: ${note}`);
        const image = {
          volume: stored.volume,
          sidecar,
          name: first.description,
          from,
          ...(acquiredAt ? { acquiredAt } : {}),
        };
        await place(image, job, runs, pets);
      }
    });
  }
  await importBlood(job, pets);
}

/** The frames' own times, for those that dcm2niix left out or took from another clock. */
function framesOf({ frames }: Volume): Metadata {
  return { FrameTimesStart: frames.map(({ start }) => start), FrameDuration: frames.map(({ duration }) => duration) };
}

async function attempt(job: ImportJob, path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    if (cause instanceof DataError && cause.code === "unwritable") throw cause;
    job.unrecognised.push({ path, why: cause instanceof Error ? cause.message : String(cause), failed: true });
  }
}

async function place(image: Image, job: ImportJob, runs: RunNumbers, pets: PlacedPet[]): Promise<void> {
  const guess = recogniseImage({ name: image.name, sidecar: image.sidecar, frames: image.volume.frames.length });
  if (typeof guess === "string") {
    job.unrecognised.push({ path: image.from, why: guess });
    return;
  }
  const entities = runs.place(job.subject, guess.datatype, guess.suffix, entitiesOf(guess, job));
  const { metadata, dropped } = cleanMetadata(image.sidecar, job.words);
  const weight = image.sidecar.PatientWeight;
  const telling = dropped.filter((key) => /tracer|radio|inject|frame|units|scan|attenuation|recon/i.test(key));
  if (telling.length > 0)
    job.problems.push(`${image.from}: left behind, because the text could name someone: ${telling.join(", ")}`);
  const acquiredAt = image.acquiredAt === undefined ? undefined : job.shift.shift(image.acquiredAt);
  const to = await job.writer?.writeVolume({
    subject: job.subject,
    datatype: guess.datatype,
    suffix: guess.suffix,
    entities,
    volume: image.volume,
    metadata: {
      ...metadata,
      // Of PET alone: the weight that this scan was made with, to be held against that of participants.tsv.
      ...(guess.datatype === "pet" && typeof weight === "number" && weight > 0 ? { PatientWeight: weight } : {}),
      ...(guess.state === undefined ? {} : { SpectState: guess.state }),
    },
    ...(acquiredAt === undefined ? {} : { acquiredAt }),
  });
  if (guess.datatype === "pet") pets.push({ entities, injection: image.sidecar.InjectionStart });
  if (acquiredAt === undefined)
    job.problems.push(`${image.from}: no acquisition date and time; it cannot be put on the common clock`);
  job.recognised.push({ from: image.from, to: to ?? `sub-${job.subject}/${guess.datatype}`, why: guess.why });
}

function entitiesOf(guess: ImageGuess, job: ImportJob): Readonly<Record<string, string>> {
  const tracer = labelOf(guess.tracer);
  const safe = tracer !== undefined && !job.words.in(tracer) ? tracer : undefined;
  return {
    ...(guess.task === undefined ? {} : { task: guess.task }),
    ...(guess.state === undefined || guess.datatype !== "spect" ? {} : { acq: guess.state }),
    ...(safe === undefined ? {} : { trc: safe }),
  };
}

function sidecarOf(path: string, job: ImportJob): Metadata {
  return job.survey.sidecars.get(`${stemOf(path)}.json`) ?? {};
}

/** AcquisitionDateTime of dcm2niix, or its date and time apart. */
function sidecarTime(sidecar: Metadata): string | undefined {
  const whole = textField(sidecar, "AcquisitionDateTime")?.match(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)/)?.[1];
  if (whole !== undefined) return whole;
  const date = textField(sidecar, "AcquisitionDate")?.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");
  const time = textField(sidecar, "AcquisitionTime")
    ?.match(/^(\d{1,2}:\d\d:\d\d(?:\.\d+)?)/)?.[1]
    ?.padStart(8, "0");
  return date !== undefined && time !== undefined && /^\d{4}-\d\d-\d\d$/.test(date) ? `${date}T${time}` : undefined;
}

function personOf(sidecar: Metadata): PersonFacts {
  const age = Number(textField(sidecar, "PatientAge")?.match(/^(\d{1,3})Y?$/)?.[1] ?? sidecar.PatientAge ?? Number.NaN);
  const sex = textField(sidecar, "PatientSex");
  const [weight, height] = [Number(sidecar.PatientWeight ?? Number.NaN), Number(sidecar.PatientSize ?? Number.NaN)];
  return {
    ...(age >= 0 && age <= 130 ? { age } : {}),
    ...(sex === "F" || sex === "M" || sex === "O" ? { sex } : {}),
    ...(weight > 0 && weight < 1000 ? { weight } : {}),
    ...(height > 0 && height < 3 ? { height } : {}),
  };
}

function bySeries(files: readonly DicomFacts[]): readonly (readonly DicomFacts[])[] {
  const series = new Map<string, DicomFacts[]>();
  for (const facts of files) {
    const list = series.get(facts.series);
    if (list) list.push(facts);
    else series.set(facts.series, [facts]);
  }
  // The earliest file first: its time is the scan's start, from which the injection is counted.
  return [...series.values()].map((list) =>
    list.toSorted((a, b) => ((a.acquiredAt ?? "9") < (b.acquiredAt ?? "9") ? -1 : 1)),
  );
}

const bloodColumns = [
  "time",
  "plasma_radioactivity",
  "whole_blood_radioactivity",
  "metabolite_parent_fraction",
  "metabolite_polar_fraction",
  "metabolite_lipophilic_fraction",
];

/** Blood samples go with the one PET image there is; with none or several nobody can tell whose they are. */
async function importBlood(job: ImportJob, pets: readonly PlacedPet[]): Promise<void> {
  for (const [path, table] of job.survey.tables) {
    if (!table.columns.some((column) => column.endsWith("_radioactivity"))) continue;
    job.progress(path);
    const [pet, second] = pets;
    if (pet === undefined || second !== undefined) {
      job.unrecognised.push({ path, why: `blood samples, but ${pets.length} PET images they could belong to` });
      continue;
    }
    const { entities, injection } = pet;
    if (typeof injection === "number" && injection !== 0) {
      job.problems.push(
        `${path}: its times are taken to count from the scan's start as the image's do, ${-injection} s after the injection`,
      );
    }
    const columns = bloodColumns.filter((column) => table.columns.includes(column));
    const at = columns.map((column) => table.columns.indexOf(column));
    const recording = /auto/i.test(path) ? "autosampler" : "manual";
    const { metadata } = cleanColumns(job.survey.sidecars.get(`${stemOf(path)}.json`) ?? {}, columns, job.words);
    const rows = table.rows.map((row) =>
      at.map((index) => (/^[-+\d.eE]+$|^n\/a$/.test(row[index] ?? "") ? row[index] : "n/a")),
    );
    await attempt(job, path, async () => {
      const part = {
        subject: job.subject,
        datatype: "pet",
        suffix: "blood",
        entities: { ...entities, recording },
        columns,
        rows,
        metadata,
      };
      const to = await job.writer?.writeTable(part);
      job.recognised.push({
        from: path,
        to: to ?? `sub-${job.subject}/pet`,
        why: "a table of blood radioactivity, with the one PET image",
      });
    });
  }
}
