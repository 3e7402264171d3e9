/** Writes a BIDS data set part by part; every file appears whole or not at all. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  DataError,
  duration,
  type Events,
  type LabelVolume,
  type Metadata,
  type Montage,
  type Participant,
  type Recording,
  type Volume,
} from "@quintet/core";
import { writeChannelsTsv } from "../../bids/channels.ts";
import { eventsSidecar, writeEventsTsv } from "../../bids/events.ts";
import { writeJson } from "../../bids/json.ts";
import { bidsName } from "../../bids/name.ts";
import { ageCap, isoTime, participantsSidecar } from "../../bids/people.ts";
import { coordsystemOf, writeElectrodesTsv, writeOptodesTsv } from "../../bids/positions.ts";
import { recordingSidecar, volumeSidecar } from "../../bids/sidecar.ts";
import { type Cell, writeTsv } from "../../bids/tsv.ts";
import { writeFileAtomic } from "../files.ts";
import { knownStart } from "../known-start.ts";
import { encodeRecording, encodeVolume, type RecordingFormat } from "./encode.ts";

export interface DatasetOptions {
  readonly name: string;
  readonly readme?: string;
  /** Further fields of dataset_description.json: License, Authors ... */
  readonly description?: Metadata;
  /** Makes it a derivative data set: which program made it, from which data sets. */
  readonly derivative?: {
    readonly generatedBy: readonly Metadata[];
    readonly sourceDatasets?: readonly Metadata[];
  };
}

/** Whose and which: the labels without "sub-" and "ses-". */
export interface PartName {
  readonly subject: string;
  readonly session?: string;
  /** task, acq, trc, rec, run, space, desc ... */
  readonly entities?: Readonly<Record<string, string>>;
}

export interface VolumePart extends PartName {
  /** anat, func, pet, spect. */
  readonly datatype: string;
  readonly suffix: string;
  readonly volume: Volume | LabelVolume;
  readonly metadata?: Metadata;
  /** Wall-clock start, ISO 8601 without zone: goes to scans.tsv. */
  readonly acquiredAt?: string;
  /** Which file format header rules to follow, handed to `writeNifti`. */
  readonly nifti?: NonNullable<Parameters<typeof encodeVolume>[1]>;
}

export interface RecordingPart extends PartName {
  readonly datatype: "eeg" | "nirs";
  readonly recording: Recording;
  readonly events?: Events;
  readonly montage?: Montage;
  readonly metadata?: Metadata;
  /** EEG: "edf" (16 bit) unless said otherwise; NIRS is always SNIRF. */
  readonly format?: RecordingFormat;
  /** EDF and BDF hold whole records: fill the last one, marked by an annotation, instead of refusing. */
  readonly pad?: boolean;
  readonly acquiredAt?: string;
}

/** Rows of blood.tsv as they will stand there. */
export interface TablePart extends PartName {
  readonly datatype: string;
  readonly suffix: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  readonly metadata?: Metadata;
}

const bidsVersion = "1.10.0";

export class BidsWriter {
  readonly root: string;
  readonly #scans = new Map<string, Map<string, string | undefined>>();

  readonly #montages = new Map<string, { readonly table: string; readonly coordsystem: string }>();

  private constructor(root: string) {
    this.root = root;
  }

  /** Starts a data set: dataset_description.json, README and .bidsignore for what is ours alone. */
  static async open(root: string, options: DatasetOptions): Promise<BidsWriter> {
    const writer = new BidsWriter(root);
    const { derivative } = options;
    await writer.writeText(
      "dataset_description.json",
      writeJson({
        Name: options.name,
        BIDSVersion: bidsVersion,
        DatasetType: derivative ? "derivative" : "raw",
        ...(derivative ? { GeneratedBy: derivative.generatedBy } : {}),
        ...(derivative?.sourceDatasets ? { SourceDatasets: derivative.sourceDatasets } : {}),
        ...options.description,
      }),
    );
    await writer.writeText("README", `${(options.readme ?? `# ${options.name}`).trimEnd()}\n`);
    await writer.writeText(
      ".bidsignore",
      "*/spect/\n*/*/spect/\n*_spect.*\n*_task-*_coordsystem.json\n*_task-*_optodes.tsv\n*_task-*_electrodes.tsv\n",
    );
    return writer;
  }

  /** participants.tsv and .json; ages above 89 are written as 89. */
  async writeParticipants(people: readonly Participant[]): Promise<void> {
    const columns = (["age", "sex", "weight", "height", "handedness"] as const).filter((column) =>
      people.some((person) => person[column] !== undefined),
    );
    const rows = people.map((person) => [
      `sub-${person.label}`,
      ...columns.map((column) =>
        column === "age" && person.age !== undefined ? Math.min(person.age, ageCap) : person[column],
      ),
    ]);
    await this.writeText("participants.tsv", writeTsv(["participant_id", ...columns], rows));
    const described = columns.map((column) => [column, participantsSidecar[column]]);
    await this.writeText("participants.json", writeJson(Object.fromEntries(described)));
  }

  /** A NIfTI image with its JSON side file; frames, task and unit are filled in. @returns its relative path */
  async writeVolume(part: VolumePart): Promise<string> {
    const path = this.#path(part, part.datatype, part.suffix, ".nii.gz");
    await this.writeBytes(path, encodeVolume(part.volume, part.nifti));
    const metadata = volumeSidecar(part.volume, part.suffix, part.entities ?? {}, part.metadata ?? {});
    // BIDS validators pass over spect/ and miss its files when scans.tsv lists them: their time stands beside them.
    const beside = part.datatype === "spect" && part.acquiredAt !== undefined;
    checkTime(path, part.acquiredAt);
    await this.#sidecar(path, ".nii.gz", beside ? { AcquisitionDateTime: part.acquiredAt, ...metadata } : metadata);
    if (part.datatype !== "spect") await this.#scanned(part, path, part.acquiredAt);
    return path;
  }

  /**
   * A recording with channels.tsv, events.tsv, positions and their side files.
   *
   * @throws DataError `no-task` when entities have no task
   */
  async writeRecording(part: RecordingPart): Promise<string> {
    const { datatype, recording, montage, events } = part;
    if (part.entities?.task === undefined)
      throw new DataError("no-task", "a recording's name needs a task", { expected: "entities.task" });
    const format: RecordingFormat | "snirf" = datatype === "nirs" ? "snirf" : (part.format ?? "edf");
    const extension = format === "brainvision" ? ".vhdr" : `.${format}`;
    const path = this.#path(part, datatype, datatype, extension);
    const startedAt = part.acquiredAt ?? knownStart(recording.startedAt);
    const stamped = startedAt === undefined ? recording : { ...recording, startedAt };
    const name = path.slice(path.lastIndexOf("/") + 1, -extension.length);
    const parts = {
      format,
      name,
      ...(events ? { events } : {}),
      ...(montage ? { montage } : {}),
      pad: part.pad ?? false,
    };
    for (const file of await encodeRecording({ recording: stamped, ...parts })) {
      await this.writeBytes(`${dirname(path)}/${file.name}`, file.bytes);
    }
    await this.#sidecar(
      path,
      extension,
      recordingSidecar(recording, datatype, part.entities, part.metadata ?? {}, duration(recording)),
    );
    await this.writeText(this.#path(part, datatype, "channels", ".tsv"), writeChannelsTsv(recording, datatype));
    if (events) {
      await this.writeText(this.#path(part, datatype, "events", ".tsv"), writeEventsTsv(events));
      await this.writeText(this.#path(part, datatype, "events", ".json"), writeJson(eventsSidecar(events)));
    }
    if (montage) await this.#positions(part, montage);
    await this.#scanned(part, path, startedAt);
    return path;
  }

  /** A table with its JSON side file: blood.tsv, a derivative's measures. */
  async writeTable(part: TablePart): Promise<string> {
    const path = this.#path(part, part.datatype, part.suffix, ".tsv");
    await this.writeText(path, writeTsv(part.columns, part.rows));
    if (part.metadata) await this.#sidecar(path, ".tsv", part.metadata);
    return path;
  }

  /** scans.tsv of every person and session written so far; each part already keeps it current. */
  async writeScans(): Promise<void> {
    for (const folder of this.#scans.keys()) await this.#scansOf(folder);
  }

  async writeText(path: string, text: string): Promise<void> {
    await this.writeBytes(path, new TextEncoder().encode(text));
  }

  /** Any file of the data set, by relative path. @throws DataError `path-outside` */
  async writeBytes(path: string, bytes: Uint8Array): Promise<void> {
    if (path.startsWith("/") || path.split("/").includes("..")) {
      throw new DataError("path-outside", "a data set's file lies inside it", { file: path });
    }
    const target = join(this.root, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFileAtomic(target, bytes);
  }

  #path({ subject, session, entities = {} }: PartName, datatype: string, suffix: string, extension: string): string {
    const kept = Object.entries(entities).filter(([key]) => key !== "sub" && key !== "ses");
    const name = bidsName({ sub: subject, ses: session, ...Object.fromEntries(kept) }, suffix, extension);
    return `${folderOfPerson(subject, session)}/${datatype}/${name}`;
  }

  async #sidecar(path: string, extension: string, metadata: Metadata): Promise<void> {
    await this.writeText(`${path.slice(0, -extension.length)}.json`, writeJson(metadata));
  }

  /**
   * Positions hold for all recordings of a session; a recording whose sensors lie elsewhere gets tables of its own name,
   * which stand nearer to it.
   */
  async #positions(part: RecordingPart, montage: Montage): Promise<void> {
    const { entities = {}, ...who } = part;
    const { task: _task, run: _run, ...general } = entities;
    const eeg = part.datatype === "eeg";
    const table = eeg ? writeElectrodesTsv(montage) : writeOptodesTsv(montage);
    const coordsystem = writeJson(coordsystemOf(montage, eeg ? "EEG" : "NIRS"));
    const suffix = eeg ? "electrodes" : "optodes";
    const shared = this.#path({ ...who, entities: general }, part.datatype, suffix, ".tsv");
    const known = this.#montages.get(shared);
    if (known === undefined) this.#montages.set(shared, { table, coordsystem });
    const place = known === undefined ? { ...who, entities: general } : part;
    if (known?.table === table && known.coordsystem === coordsystem) return;
    await this.writeText(this.#path(place, part.datatype, suffix, ".tsv"), table);
    // BIDS knows no such file of one task (.bidsignore): it is written only where the frame itself differs.
    if (known?.coordsystem === coordsystem) return;
    await this.writeText(this.#path(place, part.datatype, "coordsystem", ".json"), coordsystem);
  }

  /** Adds a file to the scans.tsv of its person and session. @throws DataError `bad-time` */
  async #scanned({ subject, session }: PartName, path: string, acquiredAt: string | undefined): Promise<void> {
    checkTime(path, acquiredAt);
    const folder = folderOfPerson(subject, session);
    const rows = this.#scans.get(folder) ?? new Map<string, string | undefined>();
    this.#scans.set(folder, rows.set(path.slice(folder.length + 1), acquiredAt));
    await this.#scansOf(folder);
  }

  async #scansOf(folder: string): Promise<void> {
    const name = `${folder.replaceAll("/", "_")}_scans.tsv`;
    await this.writeText(`${folder}/${name}`, writeTsv(["filename", "acq_time"], [...(this.#scans.get(folder) ?? [])]));
  }
}

function folderOfPerson(subject: string, session: string | undefined): string {
  return session === undefined ? `sub-${subject}` : `sub-${subject}/ses-${session}`;
}

function checkTime(path: string, acquiredAt: string | undefined): void {
  if (acquiredAt === undefined || isoTime.test(acquiredAt)) return;
  throw new DataError("bad-time", "acquisition time", {
    file: path,
    expected: "2009-06-15T13:45:30",
    found: acquiredAt,
  });
}
