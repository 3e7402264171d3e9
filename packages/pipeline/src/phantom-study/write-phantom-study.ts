/**
 * Simulated people written as a BIDS data set that a pipeline can be run on. The truth is not in it: it goes to a folder
 * of its own, when one is named, so that nothing that reads the data set can see it.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { BidsWriter, writeFileAtomic } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import type { PhantomStudy, SimulateOptions, StudyTruth } from "@quintet/twin";
import { simulateStudy } from "@quintet/twin";
import { boldMetadata, eegMetadata, nirsMetadata, petMetadata, spectMetadata, t1wMetadata } from "./metadata.ts";

export interface PhantomPerson extends SimulateOptions {
  /** Label without "sub-"; "01" when not given. */
  readonly subject?: string;
  /** Which modalities to write; all five when not given. */
  readonly modalities?: readonly ("mri" | "pet" | "spect" | "fnirs" | "eeg")[];
}

export interface PhantomWriteOptions {
  /** Folder for sub-XX_truth.json, outside the data set. */
  readonly truth?: string;
  readonly name?: string;
}

export interface WrittenPhantom {
  readonly subject: string;
  readonly truth: StudyTruth;
  /** Relative paths of the data files. */
  readonly files: readonly string[];
}

const readme = `# Phantom study

Made by code: heads of signed distances, tracer uptake, electric and optical signals with known content.
No person was scanned. The truth (foci, poses, activations) is not in this data set.
`;

/** One simulated person as a data set at `root`. @throws DataError of the writers */
export async function writePhantomStudy(
  root: string,
  options: PhantomPerson & PhantomWriteOptions,
): Promise<WrittenPhantom> {
  const [written] = await writePhantomCohort(root, [options], options);
  return written as WrittenPhantom;
}

/** Several simulated people, written one after the other into one data set. */
export async function writePhantomCohort(
  root: string,
  people: readonly PhantomPerson[],
  { truth, name = "Phantom study" }: PhantomWriteOptions = {},
): Promise<readonly WrittenPhantom[]> {
  await loadKernels();
  const writer = await BidsWriter.open(root, { name, readme, description: { License: "CC0", Authors: ["Quintet"] } });
  const written: WrittenPhantom[] = [];
  const participants: { label: string; age: number; weight: number }[] = [];
  for (const person of people) {
    const subject = person.subject ?? "01";
    const study = simulateStudy(person);
    const files = await writePerson(writer, subject, study, new Set(person.modalities ?? allModalities));
    participants.push({ ...study.participant, label: subject });
    written.push({ subject, truth: study.truth, files });
    if (truth !== undefined) await writeTruth(truth, subject, study.truth);
  }
  await writer.writeParticipants(participants);
  return written;
}

const allModalities = ["mri", "pet", "spect", "fnirs", "eeg"] as const;

async function writePerson(
  writer: BidsWriter,
  subject: string,
  study: PhantomStudy,
  wanted: ReadonlySet<string>,
): Promise<readonly string[]> {
  const { times } = study;
  const files: string[] = [];
  if (wanted.has("mri")) {
    const part = { subject, datatype: "anat", suffix: "T1w", metadata: t1wMetadata(), acquiredAt: times.t1w };
    files.push(await writer.writeVolume({ ...part, volume: study.t1w }));
    files.push(...(await writeBold(writer, subject, study)));
  }
  if (wanted.has("pet")) {
    const part = { subject, datatype: "pet", suffix: "pet", entities: { trc: "FDG" }, acquiredAt: times.pet };
    files.push(await writer.writeVolume({ ...part, volume: study.pet.image, metadata: petMetadata(study) }));
  }
  if (wanted.has("spect")) {
    const { seizureOnset, injection } = study.truth.eeg;
    const delay = seizureOnset === undefined || injection === undefined ? undefined : injection - seizureOnset;
    for (const [state, acquiredAt] of [
      ["ictal", times.spectIctal],
      ["interictal", times.spectInterictal],
    ] as const) {
      const scan = study.spect[state];
      const metadata = spectMetadata(scan, state, acquiredAt, state === "ictal" ? delay : undefined);
      const part = { subject, datatype: "spect", suffix: "spect", entities: { trc: "HMPAO", acq: state }, acquiredAt };
      files.push(await writer.writeVolume({ ...part, volume: scan.image, metadata }));
    }
  }
  if (wanted.has("eeg")) {
    const { recording, events, montage } = study.eeg;
    const part = { subject, datatype: "eeg", entities: { task: "rest" }, acquiredAt: times.eeg } as const;
    files.push(await writer.writeRecording({ ...part, recording, events, montage, metadata: eegMetadata() }));
  }
  if (wanted.has("fnirs")) {
    const { recording, events, montage } = study.nirs;
    const part = { subject, datatype: "nirs", entities: { task: "fingertapping" }, acquiredAt: times.nirs } as const;
    files.push(await writer.writeRecording({ ...part, recording, events, montage, metadata: nirsMetadata() }));
  }
  return files;
}

async function writeBold(writer: BidsWriter, subject: string, study: PhantomStudy): Promise<readonly string[]> {
  const { image, events } = study.bold;
  const part = {
    subject,
    datatype: "func",
    suffix: "bold",
    entities: { task: "tapping" },
    acquiredAt: study.times.bold,
  };
  // Whole numbers, as a scanner stores them.
  const volume = { ...image, data: image.data.map(Math.round) };
  const nifti = { datatype: "int16" } as const;
  return [
    await writer.writeVolume({ ...part, volume, metadata: boldMetadata(study), nifti }),
    await writer.writeTable({
      ...{ subject, datatype: "func", suffix: "events", entities: { task: "tapping" } },
      columns: ["onset", "duration", "trial_type"],
      rows: events.list.map(({ onset, duration, type }) => [onset, duration, type]),
    }),
  ];
}

async function writeTruth(folder: string, subject: string, truth: StudyTruth): Promise<void> {
  await mkdir(folder, { recursive: true });
  const text = JSON.stringify(
    truth,
    (_, value) => (ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value),
    2,
  );
  await writeFileAtomic(join(folder, `sub-${subject}_truth.json`), new TextEncoder().encode(`${text}\n`));
}
