/**
 * The scene of one person, in two parts: what the first picture needs, and all of it. Recordings and surfaces are slower to
 * open than images are to place; a page that has the images shows them meanwhile.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Scene } from "@quintet/view";
import type { Desk } from "./desk.ts";
import { openFacts } from "./facts-file.ts";
import { looseFiles } from "./loose-files.ts";
import { type PersonRest, personOf, type ScenePerson } from "./person.ts";
import type { Places } from "./places.ts";
import { sceneClock } from "./scene-clock.ts";
import { middleOf, oneAnatomy, registrationsOf, withVisible } from "./scene-parts.ts";
import type { Problem } from "./stored-subject.ts";

export interface SceneInTwo {
  /** `pending` while recordings and surfaces are still being opened; else it is the whole. */
  readonly first: Promise<Scene>;
  readonly whole: Promise<Scene>;
}

export interface SceneWish {
  readonly places: Places;
  readonly subjects: readonly string[];
  readonly subject: string;
  readonly desk: Desk;
  /** Absolute paths of files that were dropped on the page. */
  readonly dropped: readonly string[];
  readonly can: Pick<Scene["can"], "run" | "record">;
}

/** For the rest to come out of what is known of the files already, ms. */
const patience = 20;

export function drawUpScene(wish: SceneWish): SceneInTwo {
  const { places, subject, desk, dropped } = wish;
  const { file, derivatives } = places;
  const problems: Problem[] = [];
  const begun = (async () => {
    const facts = await openFacts(derivatives, subject);
    const loose = await looseFiles([...(file === undefined ? [] : [file]), ...dropped], desk, subject);
    problems.push(...loose.problems);
    const own = file === undefined ? await personOf(places, { desk, facts }, subject, problems) : undefined;
    return { facts, loose, own };
  })();
  const whole = begun.then(async ({ facts, loose, own }) => {
    const rest = await own?.rest;
    await facts.save();
    return sceneOf(wish, loose, own, rest, problems);
  });
  const first = begun.then(async ({ loose, own }) => {
    // Before the first run the cursors start where the recordings say.
    if (!own?.stored.scene) return whole;
    const rest = await Promise.race([own.rest, pause(patience)]);
    return rest ? whole : { ...sceneOf(wish, loose, own, undefined, problems), pending: true };
  });
  // Whoever asked for one of them is told; the other must not end the process.
  for (const one of [first, whole]) one.catch(() => undefined);
  return { first, whole };
}

type Loose = Awaited<ReturnType<typeof looseFiles>>;

function sceneOf(
  { places, subjects, subject, can }: SceneWish,
  loose: Loose,
  own: ScenePerson | undefined,
  rest: PersonRest | undefined,
  problems: readonly Problem[],
): Scene {
  const volumes = oneAnatomy([...(own?.volumes ?? []), ...loose.volumes]);
  const recordings = [...(rest?.recordings ?? []), ...loose.recordings];
  const { stored } = own ?? {};
  const clock = sceneClock({
    ...(own?.visit ? { visit: own.visit } : {}),
    stored: stored?.scene?.tracks ?? [],
    volumes,
    recordings,
    streams: own?.streams ?? new Map(),
  });
  const [anatomy] = volumes;
  const instants = clock.tracks.flatMap((track) => track.instants);
  const marked = [/seizure/i, /injection/i].map((word) => instants.find(({ label }) => word.test(label))).find(Boolean);
  return {
    study: places.name,
    subjects,
    subject,
    space: stored?.scene || !anatomy ? "subject:T1w" : `of ${anatomy.name}`,
    volumes: withVisible(volumes, stored),
    surfaces: [...(rest?.surfaces ?? []), ...loose.surfaces],
    sensors: [...(own?.sensors ?? []), ...loose.sensors],
    sources: own?.sources ?? [],
    recordings,
    clock,
    registrations: registrationsOf(stored, volumes),
    measures: stored?.measures ?? [],
    evidence: stored?.findings?.evidence ?? [],
    findings: stored?.findings?.named ? stored.findings.ranked : [],
    qc: stored?.scene?.qc ?? [],
    availability: stored?.findings?.availability ?? [],
    can: {
      ...can,
      run: can.run && places.study !== undefined,
      edit: places.study !== undefined,
      decide: (stored?.registrations.length ?? 0) > 0,
    },
    start: {
      position: [...(stored?.scene?.start ?? (anatomy ? middleOf(anatomy) : [0, 0, 0]))] as [number, number, number],
      time: marked?.time ?? clock.tracks.find(({ blocks }) => blocks.length > 0)?.blocks[0]?.start ?? 0,
    },
    problems: [...problems],
    ...(own?.hasReport ? { report: `api/report/${subject}` } : {}),
  };
}
