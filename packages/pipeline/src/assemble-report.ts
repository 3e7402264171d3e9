/** Gathers what a run stored into the report's model. */
import { type Affine, apply, invert, type Mask, multiply, type StudyFile, type Subject } from "@quintet/core";
import type { Hemispheres } from "@quintet/modalities/mri";
import {
  type InputFile,
  type Layer,
  type ProvenanceStep,
  type RegistrationCheck,
  type ReportModel,
  renderReport,
} from "@quintet/view";
import type { Cache } from "./engine/cache.ts";
import type { NodeRecord } from "./engine/run.ts";
import { registrationLimits } from "./recipes/five/align-step.ts";
import { answerOf } from "./recipes/five/answer.ts";
import type { VisitClock } from "./recipes/five/clock-step.ts";
import type { Fused } from "./recipes/five/fuse-step.ts";
import { headView } from "./recipes/five/head-view.ts";
import { withInjection } from "./recipes/five/injection-timing.ts";
import type { Anatomy, HeadFrame, Placed, WingOutcome } from "./recipes/five/outcome.ts";
import type { FiveRecipe } from "./recipes/five/recipe.ts";
import { imageTrack, seriesTrack, sessionClock } from "./recipes/five/time-line.ts";
import type { TissueMaps } from "./recipes/five/tissue-step.ts";
import type { HeadCortex, HeadSurfaces } from "./recipes/head/outcome.ts";
import { version } from "./version.ts";

export interface ReportInputs {
  readonly study: string;
  readonly subject: Subject;
  readonly five: FiveRecipe;
  readonly records: ReadonlyMap<string, NodeRecord>;
  readonly cache: Cache;
  readonly problems: readonly string[];
  readonly outputs: ReadonlyMap<string, readonly string[]>;
  readonly relative: (path: string) => string;
}

export async function assembleReport(inputs: ReportInputs): Promise<Gathered & { readonly html: string }> {
  const gathered = await gather(inputs);
  return { ...gathered, html: renderReport(gathered.model) };
}

export interface Gathered {
  readonly model: ReportModel;
  readonly outcomes: readonly WingOutcome[];
  /** Ids of the streams that the model's clock tracks belong to, in their order. */
  readonly streams: readonly string[];
  /** The raw file that each registration places, by the registration's name. */
  readonly registered: Readonly<Record<string, string>>;
}

async function gather({
  study,
  subject,
  five,
  records,
  cache,
  problems,
  outputs,
  relative,
}: ReportInputs): Promise<Gathered> {
  const read = async <T>(ref: { readonly node: string } | undefined): Promise<T | undefined> => {
    const state = ref && records.get(ref.node)?.state;
    return state && "key" in state ? ((await cache.read(state.key)) as T) : undefined;
  };
  const fused = (await read<Fused>(five.fused)) ?? {
    measures: [],
    evidence: [],
    ranked: [],
    availability: [],
    localising: [],
  };
  const anatomy = await read<Anatomy>(five.anatomy);
  const frame = await read<HeadFrame>(five.frame);
  const tissue = await read<TissueMaps>(five.tissue);
  const shape = await read<HeadSurfaces>(five.shape);
  const cortices: HeadCortex[] = [];
  for (const ref of five.cortex) {
    const cortex = await read<HeadCortex>(ref);
    if (cortex) cortices.push(cortex);
  }
  const sides = await read<Hemispheres>(five.sides);
  const headQc = [shape, sides, ...cortices].flatMap((part) => part?.qc ?? []);
  const outcomes: WingOutcome[] = [];
  for (const ref of Object.values(five.outcomes)) {
    const outcome = await read<WingOutcome>(ref);
    if (outcome) outcomes.push(outcome);
  }
  const placed = new Map<string, Placed>();
  for (const [id, ref] of Object.entries(five.placed)) {
    const found = await read<Placed>(ref);
    if (found) placed.set(id, found);
  }
  const failed = [...records.values()].flatMap(({ node, state }) =>
    state.kind === "failed" ? [`${node.title} failed: ${firstLine(state.failure.message)}`] : [],
  );
  const warnings = [...failed, ...outcomes.flatMap((outcome) => outcome.warnings), ...five.notes, ...problems];
  if (fused.norms) {
    const { group, compared, beyond, byChance } = fused.norms;
    warnings.push(
      `Norms (${group}): ${beyond} of ${compared} values lie beyond |z| = 2; chance alone puts ${byChance.toFixed(1)} there, so single ones mean little`,
    );
  }
  const checks = outcomes
    .flatMap((outcome) => outcome.registrations)
    .map((check) => (anatomy ? withKnownError(check, placed, five, anatomy.brain) : check));
  const tracks = outcomes.flatMap((outcome) => {
    const id = outcome.modality;
    return five.used[id] ? outcome.tracks.map((track) => ({ track, id })) : [];
  });
  const images = [...placed].flatMap(([id, { volume, check }]) => {
    const file = five.used[id];
    return file ? [{ track: imageTrack(check.modality, check.name, volume, file.metadata), id }] : [];
  });
  const eeg = outcomes.find((outcome) => outcome.eeg)?.eeg;
  const bold = outcomes.find((outcome) => outcome.bold)?.bold;
  const series = bold && five.used.bold ? [{ track: seriesTrack("mri", "BOLD", "bold", bold.times), id: "bold" }] : [];
  const visit = await read<VisitClock>(five.clock);
  const streams = withInjection([...images, ...tracks, ...series], five.timing, visit);
  const clock = sessionClock(streams, visit);
  const fnirs = outcomes.find((outcome) => outcome.fnirs)?.fnirs;
  const kinetics = outcomes.find((outcome) => outcome.kinetics)?.kinetics;
  const petRecon = outcomes.find((outcome) => outcome.petRecon)?.petRecon;
  const spectRecon = outcomes.find((outcome) => outcome.spectRecon)?.spectRecon;
  const crosshair = fused.named?.position && { position: fused.named.position, label: "The named finding" };
  const model: ReportModel = {
    study,
    subject: subject.participant,
    generatedAt: new Date().toISOString().slice(0, 19),
    software: { name: "Quintet", version },
    ...(frame
      ? { template: { name: frame.template.name, space: frame.template.space, source: frame.template.source } }
      : {}),
    disclaimers: five.noClaim === undefined ? [] : [five.noClaim],
    answer: answerOf(fused, warnings, five.noClaim),
    findings: fused.named ? fused.ranked : [],
    evidence: fused.evidence,
    measures: fused.measures,
    qc: [...(frame?.qc ?? []), ...headQc, ...outcomes.flatMap((outcome) => outcome.qc)],
    availability: fused.availability,
    ...(anatomy ? { anatomy: { t1: anatomy.t1, brain: anatomy.brain, scalp: anatomy.scalp } } : {}),
    ...(tissue ? { head: headView(tissue.head, shape, cortices) } : {}),
    layers: outcomes.flatMap((outcome): readonly Layer[] => outcome.layers),
    registrations: checks,
    ...(eeg ? { eeg } : {}),
    ...(bold ? { bold } : {}),
    ...(fnirs ? { fnirs } : {}),
    ...(kinetics ? { kinetics } : {}),
    ...(petRecon ? { petRecon } : {}),
    ...(spectRecon ? { spectRecon } : {}),
    ...(clock ? { clock } : {}),
    provenance: {
      inputs: inputFiles(records, five, relative),
      steps: provenanceSteps(records, outputs, relative),
      environment: { node: process.version, v8: process.versions.v8, platform: `${process.platform} ${process.arch}` },
    },
    ...(crosshair ? { crosshair } : {}),
  };
  const registered = [...placed].flatMap(([id, { check }]) => {
    const path = five.used[id]?.path;
    return path === undefined ? [] : [[check.name, path] as const];
  });
  const { bold: run } = five.used;
  if (run) registered.push(["BOLD", run.path]);
  return { model, outcomes, streams: streams.map(({ id }) => id), registered: Object.fromEntries(registered) };
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

/**
 * Where the true place of an image is known (`QuintetTruePlace` in its sidecar, a row-major 4x4 from its world to the
 * T1's), the error found: the mean distance between true and found places over the T1's brain. Only this check reads it.
 */
function withKnownError(
  check: RegistrationCheck,
  placed: ReadonlyMap<string, Placed>,
  five: FiveRecipe,
  brain: Mask,
): RegistrationCheck {
  const [id] = [...placed].find(([, one]) => one.check.name === check.name) ?? [];
  const file: StudyFile | undefined = id === undefined ? undefined : five.used[id];
  const truth = file?.metadata.QuintetTruePlace;
  if (!Array.isArray(truth) || truth.length !== 16 || (check.modality !== "pet" && check.modality !== "spect"))
    return check;
  const { mean, max } = placeError(brain, check.toAnatomy, Float64Array.from(truth as number[]));
  const limit = registrationLimits[check.modality];
  const note = `against the known place: mean ${mean.toFixed(2)} mm, largest ${max.toFixed(2)} mm over the brain`;
  return { ...check, verdict: mean <= limit ? check.verdict : "bad", knownError: { found: mean, limit, note } };
}

/**
 * How far the found place is from the true one over a brain: |found(truth^-1 p) - p| for some thousand brain voxels p.
 * @param found and truth both take the image's world to the anatomy's
 */
export function placeError(brain: Mask, found: Affine, truth: Affine): { readonly mean: number; readonly max: number } {
  const [nx, ny] = brain.shape;
  const inside = brain.data.reduce((n, v) => n + (v === 0 ? 0 : 1), 0);
  const every = Math.max(1, Math.floor(inside / 2000));
  const map = multiply(found, invert(truth));
  let [sum, max, n, seen] = [0, 0, 0, 0];
  for (let i = 0; i < brain.data.length; i++) {
    if (brain.data[i] === 0 || seen++ % every !== 0) continue;
    const p = apply(brain.affine, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))]);
    const q = apply(map, p);
    const d = Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
    sum += d;
    max = Math.max(max, d);
    n++;
  }
  return { mean: sum / n, max };
}

function inputFiles(
  records: ReadonlyMap<string, NodeRecord>,
  five: FiveRecipe,
  relative: ReportInputs["relative"],
): readonly InputFile[] {
  const modalityOf = new Map(Object.values(five.used).map(({ path, modality }) => [path, modality]));
  const seen = new Map<string, InputFile>();
  for (const { files } of records.values()) {
    for (const { path, sha256 } of files) {
      const name = relative(path);
      const modality = modalityOf.get(name);
      seen.set(name, { path: name, sha256, ...(modality ? { modality } : {}) });
    }
  }
  return [...seen.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function provenanceSteps(
  records: ReadonlyMap<string, NodeRecord>,
  outputs: ReadonlyMap<string, readonly string[]>,
  relative: ReportInputs["relative"],
): readonly ProvenanceStep[] {
  return [...records.values()].flatMap(({ node, state, files }): ProvenanceStep[] => {
    if (!("key" in state)) return [];
    const { params } = node.params as { params: Readonly<Record<string, unknown>> };
    return [
      {
        name: node.id,
        version: String(node.version),
        parameters: params,
        seconds: state.stored.seconds,
        cached: state.kind === "cached",
        inputs: [
          ...files.map(({ path }) => relative(path)),
          ...node.inputs.flatMap(({ from }) => ("node" in from ? [from.node] : [])),
        ],
        outputs: (outputs.get(node.id) ?? []).map((path) => ({ path })),
      },
    ];
  });
}
