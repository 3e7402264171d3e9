/** The recording thread: files stay open, pyramids and derived courses are kept, wishes are answered between its pieces. */
import { DataError, type Recording, sampleCount } from "@quintet/core";
import { type LazyRecording, openRecording } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { withoutPairs } from "@quintet/modalities/fnirs";
import { readCompanionMontage } from "../../recipes/five/companions.ts";
import { haemoglobin, opticalCourses } from "../../recipes/five/fnirs-courses.ts";
import { type BoundedMemory, boundedMemory } from "../bounded-memory.ts";
import type { RecordingHead, RecordingJob, RecordingSource, Treatment, WindowAnswer } from "./job.ts";
import { buildPyramid, type Pyramid } from "./pyramid.ts";
import { treatGroup } from "./treat.ts";
import { planWindow, readWindow } from "./window.ts";

type Samples = Pick<LazyRecording, "clock" | "groups" | "read">;

/** Bytes of pyramids kept, and open files. */
const pyramidBytes = 256 * 2 ** 20;
const mostOpen = 16;

export class RecordingRoom implements Disposable {
  readonly #open = new Map<string, Promise<LazyRecording>>();
  readonly #derived = new Map<string, Promise<Samples>>();
  readonly #pyramids: BoundedMemory<Pyramid> = boundedMemory(pyramidBytes, ({ bytes }) => bytes);

  async answer(job: RecordingJob): Promise<RecordingHead | WindowAnswer> {
    const open = await this.#opened(job.source);
    if (job.kind === "head") {
      const { clock, startedAt, groups, montage, problems, lazy, events } = open;
      return {
        clock,
        groups,
        problems,
        lazy,
        events,
        ...(startedAt === undefined ? {} : { startedAt }),
        ...(montage ? { montage } : {}),
      };
    }
    const { wish, source } = job;
    const samples = wish.derived === undefined ? open : await this.#courses(source, open, wish.derived);
    const group = treatGroup(samples, wish.group, wish, source.bad);
    const plan = planWindow(group, wish);
    const pyramid = plan.wantsPyramid ? await this.#pyramid(source, wish.group, wish, group) : undefined;
    return readWindow(group, wish.group, plan, pyramid);
  }

  #pyramid(
    source: RecordingSource,
    index: number,
    { derived, montage, low, high, notch }: Treatment,
    group: ReturnType<typeof treatGroup>,
  ): Promise<Pyramid> {
    const key = JSON.stringify([
      source.path,
      source.stamp,
      index,
      derived,
      montage,
      low,
      high,
      notch,
      montage && source.bad,
    ]);
    return this.#pyramids.get(key, () => buildPyramid(group, () => new Promise((done) => setImmediate(done))));
  }

  #opened({ path, stamp }: RecordingSource): Promise<LazyRecording> {
    const key = `${path} ${stamp}`;
    const known = this.#open.get(key);
    if (known) return known;
    for (const [old, opened] of this.#open) {
      if (!old.startsWith(`${path} `) && this.#open.size < mostOpen) continue;
      this.#open.delete(old);
      void opened.then(
        (one) => one[Symbol.dispose](),
        () => undefined,
      );
    }
    const opened = openRecording(path);
    this.#open.set(key, opened);
    opened.catch(() => this.#open.delete(key));
    return opened;
  }

  /** OD and haemoglobin of a whole fNIRS recording: it is small, and its filter knows no windows. */
  #courses(source: RecordingSource, open: LazyRecording, derived: "od" | "hb"): Promise<Samples> {
    const key = JSON.stringify([source.path, source.stamp, derived, source.participant, source.companions]);
    const known = this.#derived.get(key);
    if (known) return known;
    const made = courses(source, open, derived).then(inMemory);
    this.#derived.set(key, made);
    made.catch(() => this.#derived.delete(key));
    return made;
  }

  [Symbol.dispose](): void {
    for (const opened of this.#open.values())
      void opened.then(
        (one) => one[Symbol.dispose](),
        () => undefined,
      );
    this.#open.clear();
  }
}

/** @throws DataError `no-channels`, `no-positions` */
async function courses(
  { path, companions, participant }: RecordingSource,
  open: LazyRecording,
  derived: "od" | "hb",
): Promise<Recording> {
  await loadKernels();
  const recording: Recording = {
    clock: open.clock,
    groups: open.groups.map(({ rate, channels, segments }, g) => ({
      rate,
      channels,
      segments: segments.map(({ start, samples }, s) => ({ start, data: open.read(g, s, 0, samples) })),
    })),
  };
  const { od, loose } = opticalCourses(recording);
  if (derived === "od") return od;
  const montage = (await readCompanionMontage(path, companions, "optodes")) ?? open.montage;
  if (!montage)
    throw new DataError(
      "no-positions",
      "concentrations need source-detector distances; there are no optode positions",
      { file: path },
    );
  return haemoglobin(withoutPairs(od, loose), montage, participant);
}

function inMemory(recording: Recording): Samples {
  return {
    clock: recording.clock,
    groups: recording.groups.map((group) => ({
      rate: group.rate,
      channels: group.channels,
      segments: group.segments.map((segment) => ({ start: segment.start, samples: sampleCount(group, segment) })),
    })),
    read(g, s, first, end) {
      const { channels, segments } = recording.groups[g] as Recording["groups"][number];
      const { data } = segments[s] as (typeof segments)[number];
      const n = data.length / channels.length;
      const out = new Float64Array(channels.length * (end - first));
      for (let c = 0; c < channels.length; c++) out.set(data.subarray(c * n + first, c * n + end), c * (end - first));
      return out;
    },
  };
}
