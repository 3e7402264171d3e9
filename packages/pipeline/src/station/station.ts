/** The workstation's view of a study: its scene, and the bytes behind every id the scene names. */
import { lstat, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { DataError, toWorld } from "@quintet/core";
import { type BidsStudy, readFileBounded, readStudy } from "@quintet/io/node";
import type { EventsTable, Scene, SceneVolume } from "@quintet/view";
import { fiveRecipe } from "../recipes/five/recipe.ts";
import { Desk } from "./desk.ts";
import { type EventsPlace, readEvents, saveEvents, stepEvents } from "./events-file.ts";
import type { DecodedImage, DecodedSurface } from "./job.ts";
import { type LooseFiles, looseFiles, sceneSurface } from "./loose-files.ts";
import { findPlaces, insideOf, type Places } from "./places.ts";
import type { WindowAnswer, WindowWish } from "./recording/job.ts";
import { clockOfFiles, sceneClock, spansOf } from "./scene-clock.ts";
import { measuredSensors, recordingDrafts, sceneRecordings } from "./scene-recordings.ts";
import { registrationId, sceneVolumes } from "./scene-volumes.ts";
import { type Problem, problemOf, readStoredSubject, type StoredSubject } from "./stored-subject.ts";
import { derivativeDrafts, rawDrafts } from "./volume-drafts.ts";

export interface StationOptions {
  /** Derivatives, where they are neither in the study nor beside it. */
  readonly out?: string;
  /** Labels without "sub-"; all people without it. */
  readonly participants?: readonly string[];
  /** Runs can be started, live streams recorded. */
  readonly canRun?: boolean;
  readonly canRecord?: boolean;
}

export interface Station extends AsyncDisposable {
  readonly places: Places;
  readonly subjects: readonly string[];
  /** @throws DataError `no-such-participant` */
  scene(subject?: string): Promise<Scene>;
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

  async scene(asked: string = this.subjects[0] as string): Promise<Scene> {
    const subject = this.#known(asked);
    const { name, file } = this.places;
    const loose = await looseFiles([...(file === undefined ? [] : [file]), ...this.#dropped], this.#desk, subject);
    const problems: Problem[] = [...loose.problems];
    const own = file === undefined ? await this.#person(subject, problems) : undefined;
    const volumes = oneAnatomy([...(own?.volumes ?? []), ...loose.volumes]);
    const recordings = [...(own?.recordings ?? []), ...loose.recordings];
    const { stored } = own ?? {};
    const clock = sceneClock({
      ...(own?.visit ? { visit: own.visit } : {}),
      stored: stored?.scene?.tracks ?? [],
      volumes,
      recordings,
      streams: own?.streams ?? new Map(),
    });
    const [anatomy] = volumes;
    const marked = clock.tracks
      .flatMap(({ instants }) => instants)
      .find(({ label }) => /seizure|injection/i.test(label));
    return {
      study: name,
      subjects: this.subjects,
      subject,
      space: stored?.scene || !anatomy ? "subject:T1w" : `of ${anatomy.name}`,
      volumes: withVisible(volumes, stored),
      surfaces: [...(own?.surfaces ?? []), ...loose.surfaces],
      sensors: [...(own?.sensors ?? []), ...loose.sensors],
      recordings,
      clock,
      registrations: registrationsOf(stored, volumes),
      measures: stored?.measures ?? [],
      evidence: stored?.findings?.evidence ?? [],
      findings: stored?.findings?.named ? stored.findings.ranked : [],
      qc: stored?.scene?.qc ?? [],
      availability: stored?.findings?.availability ?? [],
      can: {
        run: this.places.study !== undefined && (this.#options.canRun ?? false),
        edit: this.places.study !== undefined,
        decide: (stored?.registrations.length ?? 0) > 0,
        record: this.#options.canRecord ?? false,
      },
      start: {
        position: [...(stored?.scene?.start ?? (anatomy ? middleOf(anatomy) : [0, 0, 0]))] as [number, number, number],
        time: marked?.time ?? clock.tracks.find(({ blocks }) => blocks.length > 0)?.blocks[0]?.start ?? 0,
      },
      problems,
      ...(own?.hasReport ? { report: `api/report/${subject}` } : {}),
    };
  }

  async #person(subject: string, problems: Problem[]) {
    const { study: root, derivatives } = this.places;
    const desk = this.#desk;
    const study = root === undefined ? undefined : await readStudy(root);
    const person = study?.subjects.find(({ participant }) => participant.label === subject);
    const files = person?.files ?? [];
    problems.push(
      ...(study?.problems ?? [])
        .filter(
          ({ severity, file }) =>
            severity === "error" && (!file.startsWith("sub-") || file.startsWith(`sub-${subject}/`)),
        )
        .map(({ file, rule, expected, found }) => ({
          path: file,
          code: rule,
          message: `expected ${expected}, found ${found}`,
        })),
    );
    const used =
      study && person
        ? fiveRecipe(study, person, { template: { option: "phantom", places: [] }, registration: "rigid" }).used
        : {};
    const streams = new Map(Object.entries(used).map(([id, { path }]) => [path, id] as const));
    const stored = derivatives === undefined ? noResults : await readStoredSubject(derivatives, subject, problems);
    const visit = stored.clock ?? (root === undefined ? undefined : await clockOfFiles(root, used, problems));
    const maps = visit?.maps ?? {};
    const made = derivatives === undefined ? [] : await derivativeDrafts(derivatives, subject, stored);
    const raw =
      root === undefined
        ? []
        : rawDrafts(
            root,
            files,
            stored,
            streams,
            made.some(({ shown }) => shown.role === "anatomy"),
          );
    const spans = spansOf(stored.scene?.tracks ?? []);
    const volumes = await sceneVolumes([...made, ...raw], { desk, subject, maps, spans, problems });
    const sensors = stored.scene?.sensors ?? (root === undefined ? [] : await measuredSensors(root, files, problems));
    const drafts = root === undefined ? [] : recordingDrafts(root, files, streams, maps, person?.participant ?? {});
    const recordings = await sceneRecordings(drafts, {
      desk,
      subject,
      sensors,
      problems,
      ...(stored.scene ? { scene: stored.scene } : {}),
    });
    const surfaces = [];
    for (const { path, name, colour } of stored.scene?.surfaces ?? []) {
      try {
        surfaces.push(await sceneSurface(desk, join(derivatives as string, path), name, colour, subject));
      } catch (error) {
        problems.push(problemOf(path, error));
      }
    }
    const hasReport = derivatives !== undefined && (await isFile(reportOf(derivatives, subject)));
    return { stored, visit, streams, volumes, sensors, recordings, surfaces, hasReport };
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

const noResults: StoredSubject = { measures: [], registrations: [] };
const largestReport = 512 * 2 ** 20;
const reportOf = (derivatives: string, subject: string): string => join(derivatives, `sub-${subject}`, "report.html");

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

/** A study's anatomy stays the anatomy; a dropped image is a layer over it. */
function oneAnatomy(volumes: readonly SceneVolume[]): readonly SceneVolume[] {
  const first = volumes.findIndex(({ role }) => role === "anatomy");
  return volumes.map(
    (volume, k): SceneVolume =>
      volume.role === "anatomy" && k !== first ? { ...volume, role: "layer", opacity: 0.7, visible: true } : volume,
  );
}

/** At most two layers are shown at first: what the named finding rests on, else the first of each of PET and SPECT. */
function withVisible(volumes: readonly SceneVolume[], stored: StoredSubject | undefined): readonly SceneVolume[] {
  const layers = volumes.filter(
    ({ role, registration, source }) => role === "layer" && registration !== undefined && source.includes("space-T1w"),
  );
  const named = new Set((stored?.findings?.named?.evidence ?? []).map(({ modality }) => modality as string));
  const chosen = named.size > 0 ? layers.filter(({ modality }) => named.has(modality)) : layers;
  const last = new Map(chosen.map((volume) => [volume.modality, volume.id]));
  const shown = new Set([...last.values()].slice(0, 2));
  return volumes.map((volume) => (shown.has(volume.id) ? { ...volume, visible: true } : volume));
}

function middleOf({ shape, affine }: SceneVolume): readonly [number, number, number] {
  const grid = { shape, affine: Float64Array.from(affine), space: "" };
  return toWorld(grid, [(shape[0] - 1) / 2, (shape[1] - 1) / 2, (shape[2] - 1) / 2]);
}

function registrationsOf(stored: StoredSubject | undefined, volumes: readonly SceneVolume[]): Scene["registrations"] {
  return (stored?.registrations ?? []).map(({ name, modality, expectedError, verdict, note }) => {
    const id = registrationId(name);
    const source = stored?.scene?.registered[name];
    const volume = volumes.find((one) => one.source === source && one.registration === id);
    return { id, modality, name, expectedError, verdict, note, ...(volume ? { volume: volume.id } : {}) };
  });
}
