/** An XDF recording as a BIDS data set: every stream on one clock, EEG and fNIRS as recordings, marks as their events. */
import { rename, rm } from "node:fs/promises";
import { DataError, type Event, type Recording, type Seconds } from "@quintet/core";
import { duplicateFindings, instant, type SynchronisedStamps, synchroniseStamps } from "@quintet/fusion/clock";
import { streamRole, type XdfStream, xdfGroup, xdfMarks, xdfOptodes } from "@quintet/io";
import { BidsWriter, kindOfPath, readXdfFile } from "@quintet/io/node";

export interface XdfStudyOptions {
  readonly subject?: string;
  readonly task?: string;
}

export interface XdfStudy {
  readonly files: readonly string[];
  /** What became of each stream, and what was found on the way. */
  readonly notes: readonly string[];
}

interface Timed {
  readonly stream: XdfStream;
  readonly sync: SynchronisedStamps;
}

/**
 * @param root a folder that does not exist yet; it appears whole or not at all
 * @throws DataError `folder-exists`, `no-recording` (neither EEG nor fNIRS), those of the XDF reader
 */
export async function writeXdfStudy(
  path: string,
  root: string,
  { subject = "01", task = "recording" }: XdfStudyOptions = {},
): Promise<XdfStudy> {
  if ((await kindOfPath(root)) !== "missing")
    throw new DataError("folder-exists", "the data set is made new", {
      file: root,
      expected: "a folder that does not exist",
    });
  const xdf = await readXdfFile(path);
  const notes = [...xdf.problems];
  const timed = xdf.streams.map((stream): Timed => ({ stream, sync: synchroniseStamps(stream) }));
  for (const { stream, sync } of timed) notes.push(...sync.findings.map((text) => `${stream.name}: ${text}`));
  const kept = timed.filter(({ stream }) => ["eeg", "nirs"].includes(streamRole(stream)) && stream.stamps.length > 0);
  if (kept.length === 0)
    throw new DataError("no-recording", "none of the streams is a recording", {
      file: path,
      expected: "a stream of type EEG or NIRS",
      found: xdf.streams.map(({ name, type }) => `${name} (${type})`).join(", "),
    });
  const marks = timed
    .filter(({ stream }) => streamRole(stream) === "markers")
    .flatMap(({ stream, sync }) => xdfMarks(stream, sync.stamps))
    .toSorted((a, b) => a.onset - b.onset);
  notes.push(...duplicateFindings(marks).map(({ text }) => text));
  for (const { stream } of timed)
    if (streamRole(stream) === "other")
      notes.push(`${stream.name} (${stream.type || "no type"}) has no place in the data set and stays in the XDF file`);
  const begin = Math.min(...kept.map(({ sync }) => sync.stamps[0] as number));
  const draft = `${root}.part`;
  await rm(draft, { recursive: true, force: true });
  try {
    const writer = await BidsWriter.open(draft, { name: "Recorded streams" });
    const files: string[] = [];
    const seen = new Map<string, number>();
    for (const one of kept) {
      const role = streamRole(one.stream) as "eeg" | "nirs";
      const run = (seen.get(role) ?? 0) + 1;
      seen.set(role, run);
      const several = kept.filter(({ stream }) => streamRole(stream) === role).length > 1;
      const entities = several ? { task, run: String(run) } : { task };
      files.push(
        await writeStream(writer, one, {
          role,
          subject,
          entities,
          marks,
          notes,
          startedAt: startOf(xdf.startedAt, one, begin),
        }),
      );
    }
    await writer.writeParticipants([{ label: subject }]);
    await rename(draft, root);
    return { files, notes };
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw cause;
  }
}

interface Part {
  readonly role: "eeg" | "nirs";
  readonly subject: string;
  readonly entities: Readonly<Record<string, string>>;
  readonly marks: readonly Event[];
  readonly notes: string[];
  readonly startedAt: string | undefined;
}

/** One recording; its clock begins at its first sample, and the marks within it stand on that clock. */
async function writeStream(writer: BidsWriter, { stream, sync }: Timed, part: Part): Promise<string> {
  const first = sync.stamps[0] as number;
  const runs = sync.runs.length > 0 ? sync.runs : [{ first: 0, last: sync.stamps.length - 1, start: first }];
  const rate = sync.effectiveRate > 0 ? sync.effectiveRate : stream.rate;
  const { group, problems } = xdfGroup(
    stream,
    runs.map((run) => ({ ...run, start: run.start - first })),
    rounded(rate, stream.rate),
  );
  part.notes.push(...problems.map((text) => `${stream.name}: ${text}`));
  const end = (sync.stamps.at(-1) as number) - first;
  const list = part.marks
    .map((mark) => ({ ...mark, onset: mark.onset - first }))
    .filter(({ onset }) => onset >= 0 && onset <= end);
  if (list.length < part.marks.length)
    part.notes.push(`${part.marks.length - list.length} marks lie outside ${stream.name}`);
  const recording: Recording = {
    clock: "recording",
    ...(part.startedAt === undefined ? {} : { startedAt: part.startedAt }),
    groups: [group],
  };
  const montage = part.role === "nirs" ? xdfOptodes(stream) : undefined;
  const metadata =
    part.role === "eeg" ? { EEGReference: "n/a", PowerLineFrequency: "n/a", SoftwareFilters: "n/a" } : {};
  return writer.writeRecording({
    subject: part.subject,
    datatype: part.role,
    entities: part.entities,
    recording,
    events: { clock: "recording", list },
    ...(part.role === "eeg" ? { format: "brainvision" as const } : {}),
    ...(montage === undefined ? {} : { montage }),
    ...(part.startedAt === undefined ? {} : { acquiredAt: part.startedAt }),
    metadata,
  });
}

/** A rate that agrees with the stated one to a part in 10,000 is the stated one: the rest is the clocks' drift. */
const rounded = (effective: number, nominal: number): number =>
  Math.abs(effective - nominal) < 1e-4 * nominal ? nominal : effective;

/** Wall clock of a stream's first sample: the file's own start and how much later the stream began. */
function startOf(startedAt: string | undefined, { sync }: Timed, begin: Seconds): string | undefined {
  if (startedAt === undefined) return undefined;
  const later = (sync.stamps[0] as number) - begin;
  const local = startedAt.replace(/(Z|[+-]\d\d:?\d\d)$/, "");
  return new Date(instant(local) + 1000 * later).toISOString().slice(0, 23);
}
