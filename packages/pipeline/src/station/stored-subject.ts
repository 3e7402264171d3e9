/** What a run left of one person, read back; a file that is missing or broken is told of and the rest is used. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Concordance, DataError, type Evidence, type Measure, type TimeMap } from "@quintet/core";
import type { Availability } from "@quintet/view";
import { readDecisions } from "../decisions.ts";
import { readMeasures } from "../measure-files.ts";
import type { VisitClock } from "../recipes/five/clock-step.ts";
import type { Decision } from "../recipes/five/decide-step.ts";
import type { StoredScene } from "./stored-scene.ts";

export interface StoredRegistration {
  readonly modality: "mri" | "pet" | "spect";
  readonly name: string;
  readonly expectedError: number;
  readonly verdict: string;
  readonly note: string;
  readonly from: string;
  readonly to: string;
  readonly matrix: readonly number[];
  /** As it was found, where a reader's nudge is in `matrix`. */
  readonly registered?: readonly number[];
  /** What the run used. */
  readonly decision?: {
    readonly verdict: "accepted" | "rejected";
    readonly nudge?: readonly number[];
    readonly at: string;
  };
}

export interface StoredFindings {
  readonly named: Concordance | null;
  readonly ranked: readonly Concordance[];
  readonly evidence: readonly Evidence[];
  readonly availability: readonly Availability[];
}

export interface StoredSubject {
  readonly scene?: StoredScene;
  readonly measures: readonly Measure[];
  readonly findings?: StoredFindings;
  readonly registrations: readonly StoredRegistration[];
  readonly decisions: readonly Decision[];
  readonly clock?: VisitClock;
}

export interface Problem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export function problemOf(path: string, error: unknown): Problem {
  const code = error instanceof DataError ? error.code : "unreadable";
  return { path, code, message: error instanceof Error ? error.message : String(error) };
}

/** @param derivatives folder that holds sub-<label> */
export async function readStoredSubject(
  derivatives: string,
  label: string,
  problems: Problem[],
): Promise<StoredSubject> {
  const read = async <T>(ending: string, parse: (text: string, file: string) => T): Promise<T | undefined> => {
    const path = `sub-${label}/sub-${label}_${ending}`;
    let text: string;
    try {
      text = await readFile(join(derivatives, path), "utf8");
    } catch {
      return undefined;
    }
    try {
      return parse(text, path);
    } catch (error) {
      problems.push(problemOf(path, error));
      return undefined;
    }
  };
  const scene = await read("scene.json", (text, file) => checkedScene(json(text, file), file));
  const findings = await read("findings.json", (text, file) =>
    object<StoredFindings>(json(text, file), file, ["evidence", "ranked"]),
  );
  const registrations = await read("registrations.json", (text, file) => checkedRegistrations(json(text, file), file));
  const clock = await read("clock.json", (text, file) => checkedClock(json(text, file), file));
  return {
    measures: (await read("measures.tsv", readMeasures)) ?? [],
    registrations: registrations ?? [],
    decisions: await readDecisions(derivatives, label).catch((error: unknown) => {
      problems.push(problemOf(`sub-${label}/sub-${label}_decisions.json`, error));
      return [];
    }),
    ...(scene ? { scene } : {}),
    ...(findings ? { findings } : {}),
    ...(clock ? { clock } : {}),
  };
}

function json(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError("bad-json", "this is not JSON", { file, cause });
  }
}

function object<T>(value: unknown, file: string, lists: readonly string[]): T {
  const record = value as Readonly<Record<string, unknown>> | null;
  const missing = lists.find((name) => !Array.isArray(record?.[name]));
  if (missing !== undefined)
    throw new DataError("bad-derivative", "this is not what a run writes", { file, expected: `a list "${missing}"` });
  return value as T;
}

function checkedScene(value: unknown, file: string): StoredScene {
  const scene = object<StoredScene>(value, file, ["layers", "surfaces", "sensors", "tracks", "qc"]);
  if (scene.format !== "quintet-scene" || scene.version !== 1)
    throw new DataError("bad-derivative", "written by another version; run the study again", {
      file,
      expected: "quintet-scene, version 1",
      found: `${scene.format}, version ${scene.version}`,
    });
  if (typeof scene.images !== "object" || typeof scene.rawRanges !== "object")
    throw new DataError("bad-derivative", "this is not what a run writes", { file, expected: "scales of the images" });
  return { ...scene, tracks: scene.tracks.map((t) => (t.map ? { ...t, map: withEnds(t.map) } : t)) };
}

function checkedRegistrations(value: unknown, file: string): readonly StoredRegistration[] {
  const list = Array.isArray(value) ? (value as readonly StoredRegistration[]) : undefined;
  if (!list?.every(({ matrix }) => Array.isArray(matrix) && matrix.length === 16 && matrix.every(Number.isFinite)))
    throw new DataError("bad-derivative", "each registration has a matrix of 16 numbers", { file });
  return list;
}

function checkedClock(value: unknown, file: string): VisitClock {
  const clock = value as VisitClock;
  if (typeof clock?.maps !== "object" || clock.maps === null)
    throw new DataError("bad-derivative", "this is not what a run writes", { file, expected: "maps by stream" });
  const maps = Object.entries(clock.maps).map(([id, map]) => [id, withEnds(map)] as const);
  return { ...clock, maps: Object.fromEntries(maps) };
}

/** JSON has no infinity: the last piece's end is null there. */
function withEnds<M extends TimeMap>(map: M): M {
  const pieces = map.pieces.map((piece) => ({ ...piece, until: piece.until ?? Number.POSITIVE_INFINITY }));
  return { ...map, pieces };
}
