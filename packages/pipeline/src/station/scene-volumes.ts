/** Drafts of images with what their files say: grid, frames on the study clock, scale. */
import { type Measure, type Metadata, multiply, type Participant, type TimeMap, type VoxelUnit } from "@quintet/core";
import { withSidecar } from "@quintet/io";
import { readFirstFrame, readVolumeHead, type VolumeHead } from "@quintet/io/node";
import { displayUnit, type SceneVolume } from "@quintet/view";
import type { Desk } from "./desk.ts";
import type { Facts } from "./facts-file.ts";
import { sceneFrames } from "./on-study-clock.ts";
import { petUnits, referenceSuv, suvFactor } from "./pet-units.ts";
import { insideOf } from "./places.ts";
import { percentiles } from "./scale.ts";
import { type Problem, problemOf } from "./stored-subject.ts";
import type { VolumeDraft } from "./volume-drafts.ts";

export interface VolumeTools {
  readonly desk: Desk;
  /** Without it what only the voxels tell is always taken from them. */
  readonly facts?: Facts;
  readonly subject: string;
  readonly maps: Readonly<Record<string, TimeMap>>;
  /** Spans of each stream on its own clock: what a map made of the whole stream is dated by. */
  readonly spans: Readonly<Record<string, { readonly start: number; readonly duration: number }>>;
  readonly problems: Problem[];
  /** What the units of PET rest on: who was injected, and what the run measured of the reference region. */
  readonly participant?: Participant;
  readonly measures?: readonly Measure[];
}

export function registrationId(name: string): string {
  return `registration-${name.replace(/[^\w-]+/g, "-")}`;
}

/** Anatomy first; without one the first image stands for it. A broken file is a problem and the rest is shown. */
export async function sceneVolumes(
  drafts: readonly VolumeDraft[],
  tools: VolumeTools,
): Promise<readonly SceneVolume[]> {
  const sorted = drafts.toSorted((a, b) => a.order - b.order);
  const read = await Promise.all(
    sorted.map((draft) =>
      sceneVolume(draft, tools).catch((error: unknown) => {
        tools.problems.push(problemOf(draft.source, error));
        return undefined;
      }),
    ),
  );
  const brain = sorted.findIndex(({ source }) => source.endsWith("_desc-brain_mask.nii.gz"));
  const inside = read[brain]?.id;
  const volumes = read.flatMap((volume, k) => {
    if (!volume) return [];
    return inside !== undefined && sorted[k]?.insideBrain ? [{ ...volume, inside }] : [volume];
  });
  const [first] = volumes;
  if (!first || volumes.some(({ role }) => role === "anatomy")) return volumes;
  return [{ ...first, role: "anatomy", colourMap: "gray", opacity: 1, visible: true }, ...volumes.slice(1)];
}

async function sceneVolume(draft: VolumeDraft, tools: VolumeTools): Promise<SceneVolume> {
  const { desk, facts, subject, maps, spans } = tools;
  const { path, kind, metadata, shown, stream, registration, registrationError, toAnatomy } = draft;
  const real = await insideOf(desk.roots, path);
  const head = withFacts(await readVolumeHead(real), metadata, path);
  const job = { kind, path, ...(metadata ? { metadata } : {}) };
  const id = desk.list(draft.idName, { job, subject });
  const map = stream === undefined ? undefined : maps[stream];
  const span = stream === undefined ? undefined : spans[stream];
  const frames = draft.timed ? head.frames : span ? head.frames.map(() => span) : head.frames;
  // What a run has stored of an image is taken at its word: nothing is decoded to draw up the scene.
  const known: NonNullable<VolumeDraft["known"]> =
    draft.known ??
    (kind === "labels"
      ? await found(facts, "labels", real, () => labelsOf(desk, path))
      : {
          range:
            shown.range ??
            (await found(facts, `range ${metadata?.Units ?? ""}`, real, () => rangeOf(desk, draft, real, head))),
        });
  const { unit, scale } =
    shown.unit === undefined ? displayUnit(head.unit) : { unit: shown.unit, scale: shown.scale ?? 1 };
  const units = shown.modality === "pet" ? unitsOf({ unit, scale }, draft, tools) : [];
  // A stored layer's range is in shown units, what was found in the file is not.
  const scaled: readonly [number, number] = shown.range ?? [known.range[0] * scale, known.range[1] * scale];
  return {
    id,
    modality: shown.modality,
    name: shown.name,
    unit,
    scale,
    ...(units.length > 0 ? { units } : {}),
    shape: head.shape,
    affine: [...(toAnatomy ? multiply(Float64Array.from(toAnatomy), head.affine) : head.affine)],
    url: `api/volume/${id}`,
    type: known.type ?? "float32",
    frames: sceneFrames(frames, map),
    onStudyClock: map !== undefined,
    source: draft.source,
    role: shown.role,
    range: scaled,
    ...(shown.threshold === undefined ? {} : { threshold: shown.threshold }),
    colourMap: shown.colourMap,
    opacity: shown.opacity,
    visible: shown.role === "anatomy",
    note: shown.note,
    ...(registration ? { registration: registrationId(registration.name) } : {}),
    ...(registrationError === undefined || registrationError === null ? {} : { registrationError }),
    ...(known.labels ? { labels: known.labels } : {}),
  };
}

function unitsOf(
  own: Pick<SceneVolume, "unit" | "scale">,
  { injected }: VolumeDraft,
  { participant, measures = [] }: VolumeTools,
): NonNullable<SceneVolume["units"]> {
  return petUnits(own, injected && participant && suvFactor(injected, participant), referenceSuv(measures));
}

type HeadInUnit = VolumeHead & { readonly unit: VoxelUnit };

/** Unit and frames of the side file, found without the voxels. */
function withFacts(head: VolumeHead, metadata: Metadata | undefined, path: string): HeadInUnit {
  const empty = { ...head, unit: "{arbitrary}", clock: "image", data: new Float32Array() } as const;
  const { unit, frames } = metadata ? withSidecar(empty, metadata, path) : empty;
  return { ...head, unit, frames };
}

const found = <T>(facts: Facts | undefined, kind: string, path: string, make: () => Promise<T>): Promise<T> =>
  facts ? facts.of(kind, path, make) : make();

async function labelsOf(desk: Desk, path: string): Promise<Pick<SceneVolume, "type" | "range" | "labels">> {
  const { type, range, labels } = await desk.image({ kind: "labels", path });
  return { type, range, ...(labels ? { labels } : {}) };
}

/** Of a series the first frame alone is decoded; an image is decoded whole and kept, it will be asked for. */
async function rangeOf(
  desk: Desk,
  { metadata, path }: VolumeDraft,
  real: string,
  { frames }: VolumeHead,
): Promise<{ range: readonly [number, number] }["range"]> {
  if (frames.length === 1) return (await desk.image({ kind: "volume", path, ...(metadata ? { metadata } : {}) })).range;
  const first = await readFirstFrame(real);
  // In the unit inside, as the whole series will be.
  return percentiles(metadata ? withSidecar({ ...first, frames }, metadata, path).data : first.data);
}
