/** EEG and fNIRS recordings of an import: read, cleaned and encoded anew, so that no header of the old file survives. */
import { basename, join } from "node:path";
import { type Channel, DataError, type Montage, type Recording } from "@quintet/core";
import { folderOf } from "../../bids/inherit.ts";
import { knownStart } from "../known-start.ts";
import { readRecording } from "../recordings.ts";
import { cleanMetadata } from "./allow-list.ts";
import { withTables } from "./beside-recording.ts";
import { cleanEvents } from "./identity.ts";
import type { ImportJob } from "./job.ts";
import { RunNumbers, stemOf } from "./placing.ts";
import type { LooseFile } from "./survey.ts";

const recordingKinds = ["EDF", "BDF", "BrainVision", "EEGLAB", "SNIRF", "Homer", "NIRx"];
const rawKinds = ["MRD", "Siemens twix"];

/** @throws DataError only for what the disk does; a file that cannot be read is told of */
export async function importRecordings(job: ImportJob): Promise<void> {
  const runs = new RunNumbers();
  const tables = new Set<string>();
  const files = job.survey.files.filter(({ kind }) => recordingKinds.includes(kind));
  for (const file of files) {
    job.progress(file.path);
    try {
      const neighbours = files.filter(({ path }) => folderOf(path) === folderOf(file.path));
      await importRecording(file, neighbours.length === 1, job, runs, tables);
    } catch (cause) {
      if (cause instanceof DataError && cause.code === "unwritable") throw cause;
      job.unrecognised.push({
        path: file.path,
        why: cause instanceof Error ? cause.message : String(cause),
        failed: true,
      });
    }
  }
  leftOver(job, tables);
}

async function importRecording(
  file: LooseFile,
  alone: boolean,
  job: ImportJob,
  runs: RunNumbers,
  tables: Set<string>,
): Promise<void> {
  const read = await readRecording(join(job.root, file.path));
  if (read.person) job.people.push(read.person);
  const optical = read.recording.groups.some((group) =>
    group.channels.some(({ kind }) => kind.startsWith("nirs") || /^hb[ort]$/.test(kind)),
  );
  const datatype = optical ? "nirs" : "eeg";
  const { recording: told, events, montage: positions, used } = withTables(file.path, read, alone, optical, job);
  for (const path of used) tables.add(path);
  const recording = cleanRecording(told, job);
  const names = new Set(recording.groups.flatMap((group) => group.channels.map(({ name }) => name)));
  const clean = cleanEvents(events, job.words, job.keepTexts, names);
  if (clean.replaced > 0) {
    job.problems.push(`${file.path}: ${clean.replaced} annotation texts outside the word list became text1, text2 ...`);
  }
  const entities = runs.place(job.subject, datatype, datatype, { task: taskOf(file.path) });
  const sidecar = job.survey.sidecars.get(`${stemOf(file.path)}.json`) ?? {};
  const {
    TaskName: _task,
    SamplingFrequency: _rate,
    ...metadata
  } = cleanMetadata(sidecar, job.words).metadata as Record<string, unknown>;
  const montage = positions && cleanMontage(positions, job);
  const to = await job.writer?.writeRecording({
    subject: job.subject,
    datatype,
    entities,
    recording,
    events: clean.events,
    ...(montage ? { montage } : {}),
    metadata,
    // Float samples keep what was read; several rates in one file need BDF, whose 24 bits lose nothing of 16.
    format: recording.groups.length === 1 ? "brainvision" : "bdf",
    pad: true,
    ...(recording.startedAt === undefined ? {} : { acquiredAt: recording.startedAt }),
  });
  if (recording.startedAt === undefined)
    job.problems.push(`${file.path}: no start time; it cannot be put on the common clock`);
  for (const problem of read.problems) if (!job.words.in(problem)) job.problems.push(`${file.path}: ${problem}`);
  job.recognised.push({
    from: file.path,
    to: to ?? `sub-${job.subject}/${datatype}`,
    why: `${file.kind} file with ${optical ? "optical" : "electrical"} channels${used.length === 0 ? "" : `, with ${used.map((path) => basename(path)).join(", ")}`}`,
  });
}

/** The task of a name that says task-<label> in listed words; anything else is unknown. */
function taskOf(path: string): string {
  const said =
    basename(path)
      .toLowerCase()
      .match(/task-([a-z0-9]+)/)?.[1] ?? (/rest/i.test(basename(path)) ? "rest" : "");
  const known = [
    "rest",
    "restingstate",
    "fingertapping",
    "tapping",
    "oddball",
    "nback",
    "motor",
    "visual",
    "auditory",
    "language",
    "sleep",
    "seizure",
  ];
  return known.includes(said) ? said : "unknown";
}

/** Names without words of the person, dates shifted, free notes gone. */
function cleanRecording(recording: Recording, job: ImportJob): Recording {
  const { startedAt: stamp, notes: _notes, ...kept } = recording;
  const startedAt = knownStart(stamp);
  let count = 0;
  const groups = recording.groups.map((group) => ({
    ...group,
    channels: group.channels.map((channel): Channel => {
      const index = ++count;
      return {
        ...channel,
        name: cleanName(channel.name, `CH${index}`, job),
        sensors: channel.sensors.map((name, i) => cleanName(name, `CH${index}${i > 0 ? `b${i}` : ""}`, job)),
      };
    }),
  }));
  return { ...kept, groups, ...(startedAt === undefined ? {} : { startedAt: job.shift.shift(startedAt) }) };
}

function cleanMontage(montage: Montage, job: ImportJob): Montage {
  const sensors = montage.sensors.map((sensor, i) => ({ ...sensor, name: cleanName(sensor.name, `P${i + 1}`, job) }));
  return { space: montage.space, sensors };
}

function cleanName(name: string, otherwise: string, job: ImportJob): string {
  return job.words.in(name) || name.length > 40 || /\d{6}|[@^]/.test(name) ? otherwise : name;
}

/** Every file that nothing was made of, with the reason. */
function leftOver(job: ImportJob, tables: ReadonlySet<string>): void {
  const told = new Set([...job.unrecognised.map(({ path }) => path), ...job.recognised.map(({ from }) => from)]);
  const stems = new Set(
    job.survey.files
      .filter(({ kind }) => !["JSON", "TSV", "partner", "note", "unknown", ...rawKinds].includes(kind))
      .map(({ path }) => stemOf(path)),
  );
  for (const { path, kind } of job.survey.files) {
    if (told.has(path) || tables.has(path)) continue;
    const partnered =
      stems.has(stemOf(path)) || [...job.survey.tables.keys()].some((table) => stemOf(table) === stemOf(path));
    if (rawKinds.includes(kind))
      job.unrecognised.push({ path, why: "raw MRI: quintet mri recon makes an image of it, which can be imported" });
    else if (kind === "unknown") job.unrecognised.push({ path, why: "a format that is not read here" });
    else if (kind === "MGH" || kind === "GIFTI" || kind === "FreeSurfer")
      job.unrecognised.push({ path, why: "made from an image by another program, so it is not raw data" });
    else if (kind === "PETSIRD")
      job.unrecognised.push({ path, why: "PET list mode: reconstruct it with quintet pet recon" });
    else if (kind === "PMOD" || kind === "DFT")
      job.unrecognised.push({ path, why: "curves of regions or blood: analyse them with quintet pet model" });
    else if (kind === "note") job.unrecognised.push({ path, why: "a note: it may name people, so it is not copied" });
    else if (kind === "TSV")
      job.unrecognised.push({ path, why: "a table that belongs to no recording or image found here" });
    else if ((kind === "JSON" || kind === "partner") && !partnered)
      job.unrecognised.push({ path, why: "its data file was not found beside it" });
  }
}
