/** What is wrong with a data set: required fields, side tables that cannot be read, images that contradict their side file. */
import type { Metadata, StudyFile } from "@quintet/core";
import { readBloodTsv } from "../../bids/blood.ts";
import { type DescribedChannel, readChannelsTsv } from "../../bids/channels.ts";
import { readEventsTsv } from "../../bids/events.ts";
import { numberField, numbersField } from "../../bids/json.ts";
import { readElectrodesTsv, readOptodesTsv } from "../../bids/positions.ts";
import type { BidsProblem } from "../../bids/problem.ts";
import { coordsystemProblems, sidecarProblems } from "../../bids/rules.ts";
import { asProblem, maxTsvBytes, SideFiles } from "./side-files.ts";
import { type BidsStudy, readStudy } from "./study.ts";

/** Tells how many frames an image has, from its header alone. */
export type FrameCount = (path: string) => Promise<number>;

export interface ValidateOptions {
  /** Looks into image headers; without it images are not opened. */
  readonly frameCount?: FrameCount;
}

/**
 * Every problem of a BIDS data set, with file, rule, what was expected and what was found. Never throws for what is in the
 * data set.
 *
 * @throws DataError `no-such-folder`
 */
export async function validateStudy(root: string, options: ValidateOptions = {}): Promise<readonly BidsProblem[]> {
  return studyProblems(await readStudy(root), options);
}

/** The same for a study that was read already. */
export async function studyProblems(
  study: BidsStudy,
  { frameCount }: ValidateOptions = {},
): Promise<readonly BidsProblem[]> {
  const problems: BidsProblem[] = [...study.problems];
  const source = new SideFiles(study.root, problems);
  const seen = new Set<string>();
  for (const file of study.subjects.flatMap((subject) => subject.files)) {
    problems.push(...sidecarProblems(file.path, file.suffix, file.entities, file.metadata));
    await companionProblems(file, source, seen, problems);
    if (frameCount) await frameProblems(file, frameCount, problems);
  }
  return problems;
}

async function companionProblems(
  file: StudyFile,
  source: SideFiles,
  seen: Set<string>,
  problems: BidsProblem[],
): Promise<void> {
  const { events, channels, electrodes, optodes, coordsystem } = file.companions;
  const first = (path: string | undefined): path is string =>
    path !== undefined && !seen.has(path) && seen.add(path) !== undefined;
  if (first(events))
    await source.read(events, maxTsvBytes, (text) => readEventsTsv(text, { file: events, clock: "file" }));
  const prefix = file.datatype === "nirs" ? "NIRS" : "EEG";
  const frame = coordsystem === undefined ? undefined : await source.json(coordsystem);
  if (first(coordsystem) && frame) problems.push(...coordsystemProblems(coordsystem, prefix, frame));
  const positions = electrodes ?? optodes;
  if (first(positions)) {
    const read = electrodes === undefined ? readOptodesTsv : readElectrodesTsv;
    const options = {
      file: positions,
      ...(frame && coordsystem ? { coordsystem: frame, coordsystemFile: coordsystem } : {}),
    };
    const montage = await source.read(positions, maxTsvBytes, (text) => read(text, options));
    if (montage?.space === "head:Other") {
      problems.push({
        file: coordsystem ?? positions,
        rule: "axes-unknown",
        severity: "warning",
        expected: "a coordinate system whose axes are defined",
        found: "Other: side and place cannot be told from these positions",
      });
    }
  }
  if (channels !== undefined) {
    const rows = await source.read(channels, maxTsvBytes, (text) => readChannelsTsv(text, { file: channels }));
    if (rows && first(channels)) problems.push(...channelProblems(file, channels, rows));
    if (file.datatype === "nirs" && optodes === undefined) {
      problems.push({
        file: channels,
        rule: "missing-file",
        severity: "error",
        expected: "optodes.tsv beside channels.tsv",
        found: "nothing",
      });
    }
  }
  for (const [role, path] of Object.entries(file.companions)) {
    if (!role.startsWith("blood") || !first(path)) continue;
    const metadata = await source.json(path.replace(/\.tsv$/, ".json"));
    if (metadata === undefined) continue;
    problems.push(...sidecarProblems(path, "blood", {}, metadata));
    await source.read(path, maxTsvBytes, (text) => readBloodTsv(text, { file: path, clock: "pet", metadata }));
  }
}

function channelProblems(file: StudyFile, path: string, rows: readonly DescribedChannel[]): readonly BidsProblem[] {
  const problems: BidsProblem[] = [];
  const wrong = (rule: string, expected: string, found: string, severity: "error" | "warning" = "error"): void => {
    problems.push({ file: path, rule, severity, expected, found });
  };
  for (const row of rows) {
    if (row.factor === undefined && ["eeg", "eog", "ecg", "emg"].includes(row.kind)) {
      wrong("channel-unit", "V with a prefix", `"${row.unitInFile}" for ${row.name}`);
    }
    if (row.kind.startsWith("nirs") && (row.sensors.length !== 2 || row.wavelength === undefined)) {
      wrong("optical-channel", "source, detector and wavelength_nominal", row.name);
    }
  }
  const repeated = rows.find(
    (row, i) =>
      rows.findIndex((r) => r.name === row.name && r.wavelength === row.wavelength && r.kind === row.kind) < i,
  );
  if (repeated) wrong("duplicate-channel", "each channel once", repeated.name, "warning");
  const counts: readonly [string, (row: DescribedChannel) => boolean][] =
    file.datatype === "nirs"
      ? [["NIRSChannelCount", (row) => row.type.toUpperCase().startsWith("NIRSCW")]]
      : [["EEGChannelCount", (row) => row.kind === "eeg"]];
  for (const [field, counted] of counts) {
    const said = numberField(file.metadata, field);
    const there = rows.filter(counted).length;
    if (said !== undefined && said !== there) wrong("channel-count", `${field} ${said} rows`, `${there}`);
  }
  return problems;
}

async function frameProblems(file: StudyFile, frameCount: FrameCount, problems: BidsProblem[]): Promise<void> {
  if (!/\.nii(\.gz)?$/.test(file.path)) return;
  try {
    const frames = await frameCount(file.path);
    const starts = numbersField(file.metadata, "FrameTimesStart");
    if (starts !== undefined && starts.length !== frames) {
      problems.push({
        file: file.path,
        rule: "frame-count",
        severity: "error",
        expected: `${starts.length} frames as FrameTimesStart says`,
        found: `${frames}`,
      });
    }
    problems.push(...timingProblems(file.path, file.metadata, frames));
  } catch (cause) {
    problems.push(asProblem(file.path, cause));
  }
}

function timingProblems(path: string, metadata: Metadata, frames: number): readonly BidsProblem[] {
  const timing = numbersField(metadata, "VolumeTiming");
  return timing === undefined || timing.length === frames
    ? []
    : [
        {
          file: path,
          rule: "frame-count",
          severity: "error",
          expected: `${timing.length} volumes as VolumeTiming says`,
          found: `${frames}`,
        },
      ];
}
