/** One person of a study as the scene needs it: what was measured, and what a run made of it. */
import { readStudy } from "@quintet/io/node";
import type { SceneRecording, SceneSensor, SceneSource, SceneSurface, SceneVolume } from "@quintet/view";
import type { VisitClock } from "../recipes/five/clock-step.ts";
import { fiveRecipe } from "../recipes/five/recipe.ts";
import type { Desk } from "./desk.ts";
import type { Facts } from "./facts-file.ts";
import type { Places } from "./places.ts";
import { isFile, noResults, reportOf } from "./results.ts";
import { clockOfFiles, spansOf } from "./scene-clock.ts";
import { withVisible } from "./scene-parts.ts";
import { measuredSensors, recordingDrafts, sceneRecordings } from "./scene-recordings.ts";
import { sceneSources } from "./scene-sources.ts";
import { sceneSurfaces } from "./scene-surfaces.ts";
import { sceneVolumes } from "./scene-volumes.ts";
import { type Problem, readStoredSubject, type StoredSubject } from "./stored-subject.ts";
import { derivativeDrafts, rawDrafts } from "./volume-drafts.ts";

/** What the first picture needs; the rest follows, since recordings and surfaces are slower to open. */
export interface ScenePerson {
  readonly stored: StoredSubject;
  readonly visit: VisitClock | undefined;
  /** Stream id by raw path. */
  readonly streams: ReadonlyMap<string, string>;
  readonly volumes: readonly SceneVolume[];
  readonly sensors: readonly SceneSensor[];
  readonly sources: readonly SceneSource[];
  readonly hasReport: boolean;
  /** Never rejected: what cannot be opened is a problem. */
  readonly rest: Promise<PersonRest>;
}

export interface PersonRest {
  readonly recordings: readonly SceneRecording[];
  readonly surfaces: readonly SceneSurface[];
}

export async function personOf(
  places: Places,
  { desk, facts }: { readonly desk: Desk; readonly facts: Facts },
  subject: string,
  problems: Problem[],
): Promise<ScenePerson> {
  const { study: root, derivatives } = places;
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
  const made = derivatives === undefined ? [] : await derivativeDrafts(derivatives, subject, stored, files);
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
  const sensors = stored.scene?.sensors ?? (root === undefined ? [] : await measuredSensors(root, files, problems));
  const drafts = root === undefined ? [] : recordingDrafts(root, files, streams, maps, person?.participant ?? {});
  const volumes = sceneVolumes([...made, ...raw], {
    desk,
    facts,
    subject,
    maps,
    spans,
    problems,
    measures: stored.measures,
    ...(person ? { participant: person.participant } : {}),
  });
  // Threads and processors are few: what the first picture shows is decoded before anything else is opened.
  const after = volumes.then((found) => decodeShown(found, stored, desk)).catch(() => undefined);
  const rest = Promise.all([
    sceneRecordings(drafts, {
      desk,
      facts,
      after,
      subject,
      sensors,
      problems,
      ...(stored.scene ? { scene: stored.scene } : {}),
    }),
    sceneSurfaces(stored, derivatives, { desk, facts, after, subject, problems }),
  ]).then(([recordings, surfaces]) => ({ recordings, surfaces }));
  const sources = await sceneSources(derivatives, subject, problems);
  const hasReport = derivatives !== undefined && (await isFile(reportOf(derivatives, subject)));
  return { stored, visit, streams, volumes: await volumes, sensors, sources, hasReport, rest };
}

/** The desk keeps them: the page is about to ask. */
async function decodeShown(volumes: readonly SceneVolume[], stored: StoredSubject, desk: Desk): Promise<void> {
  const shown = withVisible(volumes, stored).filter(({ visible }) => visible);
  // What cannot be decoded is told to whoever asks for it.
  await Promise.allSettled(shown.map(({ id }) => desk.image(desk.entry(id, ["volume", "labels"]).job)));
}
