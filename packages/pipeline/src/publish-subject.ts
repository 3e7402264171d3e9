/** Writes what one person's run gave: images, measures, findings, provenance, report. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { measuresJson, measuresTsv } from "@quintet/fusion/fuse";
import { problemLine, writeGiftiSurface } from "@quintet/io";
import type { BidsStudy } from "@quintet/io/node";
import type { RegistrationCheck } from "@quintet/view";
import { assembleReport, provenanceSteps } from "./assemble-report.ts";
import type { Cache } from "./engine/cache.ts";
import type { NodeRecord } from "./engine/run.ts";
import { type PublishedFile, publish } from "./publish.ts";
import { cortexSurfaces } from "./publish-cortex.ts";
import { answerOf } from "./recipes/five/answer.ts";
import type { VisitClock } from "./recipes/five/clock-step.ts";
import type { Fused } from "./recipes/five/fuse-step.ts";
import type { PackedImage } from "./recipes/five/keep-images.ts";
import type { Anatomy } from "./recipes/five/outcome.ts";
import type { FiveRecipe } from "./recipes/five/recipe.ts";
import type { HeadCortex, HeadSurfaces } from "./recipes/head/outcome.ts";
import { storedScene } from "./station/stored-scene.ts";
import { surfaceFiles } from "./station/stored-surfaces.ts";
import { version } from "./version.ts";

export interface SubjectOutcome {
  readonly subject: string;
  readonly headline: string;
  readonly summary: string;
  readonly report?: string;
  /** One line for each modality that is not in the result, and why. */
  readonly missing: readonly string[];
  readonly failed: readonly { readonly step: string; readonly why: string }[];
  /** Side and centre of the named finding, RAS mm of the T1. */
  readonly finding?: {
    readonly region: string;
    readonly side: string;
    readonly position?: readonly [number, number, number];
  };
  /** Errors against known places, where the data set tells them. */
  readonly knownErrors: readonly { readonly name: string; readonly mean: number; readonly limit: number }[];
}

export interface SubjectRun {
  readonly study: BidsStudy;
  readonly label: string;
  readonly five: FiveRecipe;
  readonly records: ReadonlyMap<string, NodeRecord>;
  readonly cache: Cache;
  readonly out: string;
}

/** Raise when the report or the files beside it change while results do not. */
const layout = 6;

export async function publishSubject({ study, label, five, records, cache, out }: SubjectRun): Promise<SubjectOutcome> {
  const subject = study.subjects.find(
    ({ participant }) => participant.label === label,
  ) as BidsStudy["subjects"][number];
  const inStudy = (path: string): string => relative(study.root, path).split(sep).join("/");
  const keyOf = (node: string): string | undefined => {
    const state = records.get(node)?.state;
    return state && "key" in state ? state.key : undefined;
  };
  const fusedKey = keyOf(five.fused.node);
  const fused = fusedKey === undefined ? undefined : ((await cache.read(fusedKey)) as Fused);
  const failed = [...records.values()].flatMap(({ node, state }) =>
    state.kind === "failed" ? [{ step: node.title, why: state.failure.message }] : [],
  );
  if (!fused) return { subject: label, headline: "The run failed", summary: "", missing: [], failed, knownErrors: [] };

  const folder = `sub-${label}`;
  const files: PublishedFile[] = [];
  const outputs = new Map<string, readonly string[]>();
  for (const { node } of five.packed) {
    const key = keyOf(node);
    if (key === undefined) continue;
    const images = (await cache.read(key)) as readonly PackedImage[];
    outputs.set(
      node,
      images.map(({ path }) => path),
    );
    for (const { path, bytes, names } of images) {
      files.push({ path, key, content: () => bytes });
      if (names !== undefined) files.push({ path: path.replace(/\.nii\.gz$/, ".tsv"), key, content: () => names });
    }
  }
  const table = `${folder}/${folder}_measures.tsv`;
  outputs.set(five.fused.node, [table]);
  const key = fusedKey as string;
  files.push({ path: table, key, content: () => measuresTsv(fused.measures) });
  files.push({ path: table.replace(/tsv$/, "json"), key, content: measuresJson });
  const { ranked, evidence, named, availability, localising, norms } = fused;
  const findings = {
    research_use_only: true,
    validated: false,
    named: named ?? null,
    ranked,
    evidence,
    availability,
    localising,
    norms,
  };
  files.push({
    path: `${folder}/${folder}_findings.json`,
    key,
    content: () => `${JSON.stringify(findings, null, 1)}\n`,
  });

  const clockKey = keyOf(five.clock.node);
  if (clockKey !== undefined) {
    const path = `${folder}/${folder}_clock.json`;
    const visit = (await cache.read(clockKey)) as VisitClock;
    outputs.set(five.clock.node, [path]);
    files.push({ path, key: clockKey, content: () => `${JSON.stringify(visit, jsonNumber, 1)}\n` });
  }

  const all = runAddress(records);
  const problems = study.problems
    .filter(({ file }) => !file.startsWith("sub-") || file.startsWith(`${folder}/`))
    .map(problemLine);
  const gathered = once(() =>
    assembleReport({ study: study.name, subject, five, records, cache, problems, outputs, relative: inStudy }),
  );
  files.push({ path: `${folder}/report.html`, key: all, content: async () => (await gathered()).html });
  files.push({
    path: `${folder}/${folder}_provenance.json`,
    key: all,
    content: () =>
      `${JSON.stringify({ software: { name: "quintet", version }, node: process.version, files: [...records.values()].flatMap((r) => r.files.map((f) => ({ ...f, path: inStudy(f.path) }))), steps: provenanceSteps(records, outputs, inStudy) }, null, 1)}\n`,
  });
  files.push({
    path: `${folder}/${folder}_registrations.json`,
    key: all,
    content: async () => `${JSON.stringify(registrationsOf((await gathered()).model), null, 1)}\n`,
  });
  const anatomyKey = five.anatomy && keyOf(five.anatomy.node);
  const surfaces = anatomyKey === undefined ? [] : surfaceFiles(folder);
  for (const { path, make } of surfaces)
    files.push({
      path,
      key: anatomyKey as string,
      content: async () => writeGiftiSurface(make((await cache.read(anatomyKey as string)) as Anatomy)),
    });
  files.push(...(await headSurfaceFiles(`${folder}/anat/${folder}_`, five, keyOf, cache)));
  files.push({
    path: `${folder}/${folder}_scene.json`,
    key: all,
    content: async () => {
      const { html: _, ...found } = await gathered();
      const shown = surfaces.map(({ path, name, colour }) => ({ path, name, colour }));
      const scene = storedScene({ ...found, surfaces: shown, used: five.used, subject: label });
      return `${JSON.stringify(scene, jsonNumber)}\n`;
    },
  });
  await publish(out, files);
  const knownErrors = await readKnownErrors(join(out, folder, `${folder}_registrations.json`));
  const { headline, summary, missing } = answerOf(fused, [], five.noClaim);
  return {
    subject: label,
    headline,
    summary,
    report: resolve(out, folder, "report.html"),
    missing,
    failed,
    knownErrors,
    ...(named
      ? {
          finding: {
            region: named.region,
            side: named.side,
            ...(named.position ? { position: [...named.position] as [number, number, number] } : {}),
          },
        }
      : {}),
  };
}

/** Outer and inner skull, and the cortex of both sides; the scalp is written with what the workstation needs. */
async function headSurfaceFiles(
  prefix: string,
  five: FiveRecipe,
  keyOf: (node: string) => string | undefined,
  cache: Cache,
): Promise<PublishedFile[]> {
  const files: PublishedFile[] = [];
  const shapeKey = five.shape && keyOf(five.shape.node);
  if (shapeKey !== undefined) {
    const { surfaces } = (await cache.read(shapeKey)) as HeadSurfaces;
    for (const [name, surface] of surfaces)
      if (name !== "scalp")
        files.push({
          path: `${prefix}desc-${name.replace("-", "")}_surf.gii`,
          key: shapeKey,
          content: () => writeGiftiSurface(surface),
        });
  }
  for (const { node } of five.cortex) {
    const key = keyOf(node);
    if (key !== undefined) files.push(...cortexSurfaces(prefix, key, (await cache.read(key)) as HeadCortex));
  }
  return files;
}

/** One address for everything the report shows. */
function runAddress(records: ReadonlyMap<string, NodeRecord>): string {
  const states = [...records].map(([id, { state }]) => [id, "key" in state ? state.key : state.kind]);
  return createHash("sha256").update(JSON.stringify({ layout, version, states })).digest("hex");
}

/** A piece of a map that never ends has no number in JSON. */
function jsonNumber(_: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY ? null : value;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

interface StoredRegistration {
  readonly name: string;
  readonly knownError?: { readonly found: number; readonly limit: number };
}

function registrationsOf({
  registrations,
}: {
  readonly registrations: readonly RegistrationCheck[];
}): readonly unknown[] {
  return registrations.map(({ volume, toAnatomy, registered, ...rest }) => ({
    ...rest,
    ...(registered ? { registered: [...registered] } : {}),
    from: volume.space,
    to: "subject:T1w",
    matrix: [...toAnatomy],
  }));
}

async function readKnownErrors(path: string): Promise<SubjectOutcome["knownErrors"]> {
  const stored = JSON.parse(await readFile(path, "utf8")) as readonly StoredRegistration[];
  return stored.flatMap(({ name, knownError }) =>
    knownError ? [{ name, mean: knownError.found, limit: knownError.limit }] : [],
  );
}
