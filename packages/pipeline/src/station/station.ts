/** The workstation's view of a study: its scene, and the bytes behind every id the scene names. */
import { lstat, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { DataError, mapTime, type Point } from "@quintet/core";
import { type BidsStudy, readFileBounded, readStudy } from "@quintet/io/node";
import type {
  EventsTable,
  HandRegion,
  Scene,
  SceneDecision,
  SceneVolume,
  StationCurve,
  StationPlots,
} from "@quintet/view";
import { pointCurve, regionCurve, type ShownImage, sphereCurve } from "./curves.ts";
import { decide } from "./decide.ts";
import { Desk } from "./desk.ts";
import { drawUpScene, type SceneInTwo } from "./draw-up-scene.ts";
import { type EventsPlace, readEvents, saveEvents, stepEvents } from "./events-file.ts";
import { fingerprint } from "./fingerprint.ts";
import type { DecodedImage, DecodedSurface } from "./job.ts";
import { readLayout, saveLayout } from "./layout-file.ts";
import { type LooseFiles, looseFiles } from "./loose-files.ts";
import { findPlaces, insideOf, type Places } from "./places.ts";
import type { WindowAnswer, WindowWish } from "./recording/job.ts";
import { noResults, reportOf, templateOf } from "./results.ts";
import { readStoredSubject } from "./stored-subject.ts";

export interface StationOptions {
  /** Derivatives, where they are neither in the study nor beside it. */
  readonly out?: string;
  /** Labels without "sub-"; all people without it. */
  readonly participants?: readonly string[];
  /** Runs can be started, live streams recorded. */
  readonly canRun?: boolean;
  readonly canRecord?: boolean;
}

/** A voxel, a region of the atlas, or what was drawn by hand. */
export type CurvePlace = { readonly position: Point } | { readonly region: string } | { readonly drawn: HandRegion };

export interface Station extends AsyncDisposable {
  readonly places: Places;
  readonly subjects: readonly string[];
  /**
   * @param part "first": images are enough; recordings and surfaces may be missing, and the scene is then `pending`
   * @throws DataError `no-such-participant`
   */
  scene(subject?: string, part?: "first" | "whole"): Promise<Scene>;
  /** @throws DataError `unknown-id`, `gone`, `outside-study`, those of the readers */
  volume(id: string): Promise<DecodedImage>;
  surface(id: string): Promise<DecodedSurface>;
  /** A window of a recording. @throws DataError `unknown-id`, `gone`, those of the reader and of the treatment */
  window(id: string, wish: WindowWish): Promise<WindowAnswer>;
  /** Events of a recording. @throws DataError `unknown-id`, `gone`, those of readEvents */
  events(id: string): Promise<EventsTable>;
  /** @throws DataError `no-table` for a file without a study, those of saveEvents */
  saveEvents(id: string, version: unknown, events: unknown): Promise<EventsTable>;
  /** Takes the last save back, or does it again. @throws DataError as saveEvents, those of stepEvents */
  stepEvents(id: string, version: unknown, back: boolean): Promise<EventsTable>;
  /** An image's course at a point or over a region. @throws DataError `bad-request`, `unknown-id`, those of curves.ts */
  curve(id: string, where: CurvePlace): Promise<StationCurve>;
  /** What the run found over time and frequency, and every region's values side by side. */
  plots(subject: string): Promise<StationPlots>;
  /** Keeps a decision for the next run. @throws DataError `no-results`, those of decide */
  decide(subject: string, id: string, asked: Readonly<Record<string, unknown>>): Promise<SceneDecision | null>;
  /** Words of `quintet run` for a person as it was run before: study, results, template. @throws DataError `cannot-run` */
  runWords(subject?: string): Promise<readonly string[]>;
  /** How the page was last arranged for this study; null when it never was. */
  layout(): Promise<unknown>;
  /** @throws DataError `no-results`, `too-large`, `unwritable` */
  saveLayout(layout: Readonly<Record<string, unknown>>): Promise<void>;
  /** The report's HTML. @throws DataError `no-such-participant`, `gone`, `outside-study` */
  report(subject: string): Promise<Uint8Array>;
  /** Keeps a dropped file until the station is closed, and tells what all dropped files are. @throws DataError `bad-name` */
  drop(name: string, bytes: Uint8Array): Promise<LooseFiles>;
}

/** @throws DataError those of findPlaces; `no-subject`, `no-such-participant` */
export async function openStation(given: string, options: StationOptions = {}): Promise<Station> {
  const places = await findPlaces(given, options.out);
  const study = places.study === undefined ? undefined : await readStudy(places.study);
  const subjects = await subjectsOf(places, study);
  const wanted = options.participants ?? [];
  const unknown = wanted.find((label) => !subjects.includes(label));
  if (unknown !== undefined)
    throw new DataError("no-such-participant", `there is no sub-${unknown}`, {
      file: given,
      found: subjects.map((label) => `sub-${label}`).join(", "),
    });
  return new OpenStation(places, wanted.length > 0 ? wanted : subjects, options);
}

async function subjectsOf({ file, derivatives }: Places, study: BidsStudy | undefined): Promise<readonly string[]> {
  if (file !== undefined) return [basename(file)];
  const folders = derivatives === undefined ? [] : await readdir(derivatives).catch(() => []);
  const labels = new Set([
    ...(study?.subjects ?? []).map(({ participant }) => participant.label),
    ...folders.flatMap((name) => /^sub-([A-Za-z0-9+]+)$/.exec(name)?.[1] ?? []),
  ]);
  if (labels.size === 0)
    throw new DataError("no-subject", "this folder holds no BIDS subject", { file: derivatives ?? "" });
  return [...labels].sort();
}

class OpenStation implements Station {
  readonly places: Places;
  readonly subjects: readonly string[];
  readonly #options: StationOptions;
  readonly #desk: Desk;
  #drop: string | undefined;
  readonly #dropped = new Set<string>();
  /** Images of the scenes told so far: where they lie, as shown. */
  readonly #volumes = new Map<string, SceneVolume>();
  readonly #underWay = new Map<string, { readonly edition: number; readonly scene: SceneInTwo }>();
  /** Changes with what was decided or dropped here. */
  #edition = 0;

  constructor(places: Places, subjects: readonly string[], options: StationOptions) {
    this.places = places;
    this.subjects = subjects;
    this.#options = options;
    const { study, derivatives, file } = places;
    // Beside a single file lie its partners: the .eeg of a .vhdr, the table of a label image.
    this.#desk = new Desk(
      [study, derivatives, file === undefined ? undefined : join(file, "..")].filter((root) => root !== undefined),
    );
  }

  async scene(asked: string = this.subjects[0] as string, part: "first" | "whole" = "whole"): Promise<Scene> {
    const subject = this.#known(asked);
    const { first, whole } = this.#drawnUp(subject);
    const scene = await (part === "first" ? first : whole);
    for (const volume of scene.volumes) this.#volumes.set(volume.id, volume);
    return scene;
  }

  /** One who asks while the scene is being drawn up waits for that one, unless something was changed here since. */
  #drawnUp(subject: string): SceneInTwo {
    const under = this.#underWay.get(subject);
    if (under?.edition === this.#edition) return under.scene;
    const { canRun = false, canRecord = false } = this.#options;
    const scene = drawUpScene({
      places: this.places,
      subjects: this.subjects,
      subject,
      desk: this.#desk,
      dropped: [...this.#dropped],
      can: { run: canRun, record: canRecord },
    });
    const entry = { edition: this.#edition, scene };
    this.#underWay.set(subject, entry);
    const done = (): void => {
      if (this.#underWay.get(subject) === entry) this.#underWay.delete(subject);
    };
    scene.whole.then(done, done);
    return scene;
  }

  async volume(id: string): Promise<DecodedImage> {
    const { job } = this.#desk.entry(id, ["volume", "labels"]);
    return this.#desk.image(job);
  }

  async surface(id: string): Promise<DecodedSurface> {
    return this.#desk.surface(this.#desk.entry(id, ["surface"]).job.path);
  }

  async window(id: string, wish: WindowWish): Promise<WindowAnswer> {
    return this.#desk.window(this.#desk.entry(id, ["recording"]).job, wish);
  }

  async events(id: string): Promise<EventsTable> {
    const { place, isTable } = await this.#eventsOf(id);
    return isTable ? readEvents(place) : { version: "none", events: place.own, undo: 0, redo: 0 };
  }

  async saveEvents(id: string, version: unknown, events: unknown): Promise<EventsTable> {
    return saveEvents(await this.#tableOf(id), version, events);
  }

  async stepEvents(id: string, version: unknown, back: boolean): Promise<EventsTable> {
    return stepEvents(await this.#tableOf(id), version, back);
  }

  async #tableOf(id: string): Promise<EventsPlace> {
    const { place, isTable } = await this.#eventsOf(id);
    if (isTable) return place;
    throw new DataError(
      "no-table",
      "events are saved in a study; this is a file alone: quintet import makes a study of it",
    );
  }

  async #eventsOf(id: string): Promise<{ readonly place: EventsPlace; readonly isTable: boolean }> {
    const { job } = this.#desk.entry(id, ["recording"]);
    const { groups, events } = await this.#desk.recording(job);
    const ends = groups.flatMap(({ rate, segments }) =>
      segments.map(({ start, samples }) => [start, start + samples / rate]),
    );
    const path =
      job.events === undefined
        ? undefined
        : join(await insideOf(this.#desk.roots, dirname(job.events)), basename(job.events));
    // A table that is a link out of the study is no table of it.
    if (path !== undefined && (await lstat(path).catch(() => undefined))) await insideOf(this.#desk.roots, path);
    const place = {
      path: path ?? "",
      start: Math.min(...ends.map(([start = 0]) => start)),
      end: Math.max(...ends.map(([, end = 0]) => end)),
      channels: new Set(groups.flatMap(({ channels }) => channels.map(({ name }) => name))),
      own: events.list,
    };
    return { place, isTable: path !== undefined };
  }

  async curve(id: string, where: CurvePlace): Promise<StationCurve> {
    const shown = await this.#shown(id);
    if ("position" in where) return pointCurve(shown, where.position);
    if ("drawn" in where) return sphereCurve(shown, where.drawn);
    const atlas = [...this.#volumes.values()].find(
      ({ role, labels }) => role === "labels" && Object.values(labels ?? {}).includes(where.region),
    );
    if (!atlas) throw new DataError("no-such-region", "the atlas has no such region", { found: where.region });
    const curve = regionCurve(shown, await this.#shown(atlas.id), where.region);
    const { curves } = await this.plots(this.#desk.entry(id, ["volume"]).subject);
    const fitted = curves.find(
      ({ region, modality, values }) =>
        region === where.region && modality === shown.volume.modality && values.length === curve.values.length,
    );
    return fitted?.fit ? { ...curve, fit: fitted.fit } : curve;
  }

  async #shown(id: string): Promise<ShownImage> {
    const volume = this.#volumes.get(id);
    if (!volume)
      throw new DataError("unknown-id", "nothing in the scene is called so", {
        found: JSON.stringify(id.slice(0, 80)),
      });
    return { volume, image: await this.volume(id) };
  }

  async plots(asked: string): Promise<StationPlots> {
    const subject = this.#known(asked);
    const { derivatives } = this.places;
    const stored = derivatives === undefined ? noResults : await readStoredSubject(derivatives, subject, []);
    const { responses = [], topographies = [], curves = [], spectra } = stored.scene?.plots ?? {};
    return {
      responses,
      topographies,
      ...(spectra ? { spectra } : {}),
      curves: curves.map((curve) => {
        const map = stored.clock?.maps[curve.stream];
        return map ? { ...curve, times: curve.times.map((time) => mapTime(map, time)) } : curve;
      }),
      fingerprint: fingerprint(stored.measures),
    };
  }

  async decide(asked: string, id: string, wish: Readonly<Record<string, unknown>>): Promise<SceneDecision | null> {
    const { derivatives } = this.places;
    const subject = this.#known(asked);
    if (derivatives === undefined) throw new DataError("no-results", "there is no registration: the study was not run");
    const { registrations } = await readStoredSubject(derivatives, subject, []);
    const decision = await decide(derivatives, subject, registrations, id, wish);
    this.#edition++;
    return decision;
  }

  async runWords(asked?: string): Promise<readonly string[]> {
    const { study, derivatives } = this.places;
    if (study === undefined || derivatives === undefined)
      throw new DataError("cannot-run", "there is no study to run here");
    const subjects = asked === undefined ? this.subjects : [this.#known(asked)];
    const before = await templateOf(derivatives, subjects[0] as string);
    return [study, "--out", derivatives, ...before, ...subjects.flatMap((label) => ["--participant-label", label])];
  }

  async layout(): Promise<unknown> {
    const { derivatives } = this.places;
    return derivatives === undefined ? null : readLayout(derivatives);
  }

  async saveLayout(layout: Readonly<Record<string, unknown>>): Promise<void> {
    const { derivatives } = this.places;
    if (derivatives === undefined)
      throw new DataError("no-results", "a layout is kept with the study's results; there are none");
    await saveLayout(derivatives, layout);
  }

  async report(asked: string): Promise<Uint8Array> {
    const { derivatives } = this.places;
    const subject = this.#known(asked);
    if (derivatives === undefined) throw new DataError("gone", "there is no report: the study was not run");
    return readFileBounded(await insideOf([derivatives], reportOf(derivatives, subject)), largestReport);
  }

  async drop(name: string, bytes: Uint8Array): Promise<LooseFiles> {
    if (!/^[^/\\:*?"<>|\p{Cc}]{1,200}$/u.test(name) || name.startsWith("."))
      throw new DataError("bad-name", "a file's name holds no path", { found: JSON.stringify(name.slice(0, 80)) });
    if (this.#drop === undefined) {
      this.#drop = await mkdtemp(join(tmpdir(), "quintet-view-"));
      this.#desk.roots.push(this.#drop);
    }
    const path = join(this.#drop, name);
    await writeFile(path, bytes, { mode: 0o600 });
    this.#dropped.add(path);
    this.#edition++;
    return looseFiles([...this.#dropped], this.#desk, this.subjects[0] as string);
  }

  #known(subject: string): string {
    if (this.subjects.includes(subject)) return subject;
    throw new DataError("no-such-participant", "this study has no such person", {
      found: JSON.stringify(subject.slice(0, 80)),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#desk[Symbol.asyncDispose]();
    if (this.#drop !== undefined) await rm(this.#drop, { recursive: true, force: true });
  }
}

const largestReport = 512 * 2 ** 20;
