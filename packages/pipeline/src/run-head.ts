/** The head of one T1-weighted image: recipe run, results written as BIDS derivatives. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { DataError, type LabelVolume, type Mask, type Measure, type QcFinding, type Volume } from "@quintet/core";
import { measuresJson, measuresTsv } from "@quintet/fusion/fuse";
import { writeGiftiSurface, writeNifti } from "@quintet/io";
import { readSurferOutput, surferCortexFiles } from "@quintet/io/node";
import { attenuationMap, type HeadSegmentation, type HemisphereSide, type Hemispheres } from "@quintet/modalities/mri";
import { Cache } from "./engine/cache.ts";
import { workerEngine } from "./engine/local.ts";
import { type NodeRecord, type RunEvent, runRecipe } from "./engine/run.ts";
import { SourceHashes } from "./engine/source-hash.ts";
import { lockFolder } from "./lock.ts";
import { readNorms } from "./measure-files.ts";
import { type PublishedFile, publish } from "./publish.ts";
import { cortexSurfaces } from "./publish-cortex.ts";
import { chooseTemplate } from "./recipes/five/template-step.ts";
import type { HeadCortex, HeadSurfaces, HeadVolumes, NormalisedHead } from "./recipes/head/outcome.ts";
import { type HeadRecipe, headRecipe, type ImportedCortexFiles } from "./recipes/head/recipe.ts";
import { version } from "./version.ts";

/** Of F-18 and the other positron emitters, I-123 and Tc-99m, keV. */
const photonEnergies: readonly number[] = [511, 159, 140];

export interface RunHeadOptions {
  /** A folder or file, or "phantom" for the code-made head; searched for without it. */
  readonly template?: string;
  readonly atlas?: string;
  /** Voxel edge of the warp, mm; 2 when not given. */
  readonly resolution?: 1 | 2;
  /** A FreeSurfer or FastSurfer subject folder, or a label image of theirs or SynthSeg's, which takes precedence. */
  readonly labels?: string;
  /** Surface files of the mid-grey cortex (GIFTI, FreeSurfer), which take precedence over those beside `labels`. */
  readonly cortex?: Readonly<Partial<Record<HemisphereSide, string>>>;
  /** File of a normative table, and whom to compare with it. */
  readonly norms?: string;
  readonly age?: number;
  readonly sex?: "M" | "F";
  readonly workers?: number;
  readonly onEvent?: (event: RunEvent, subject: string) => void;
  readonly signal?: AbortSignal;
}

export interface HeadOutcome {
  readonly subject: string;
  /** Paths relative to the output folder. */
  readonly files: readonly string[];
  readonly template?: string;
  readonly measures: readonly Measure[];
  readonly qc: readonly QcFinding[];
  readonly failed: readonly { readonly step: string; readonly why: string }[];
}

/** @throws DataError `missing-file`, `locked`, `bad-norms` and those of chooseTemplate */
export async function runHead(t1: string, out: string, options: RunHeadOptions = {}): Promise<HeadOutcome> {
  if (!existsSync(t1)) throw new DataError("missing-file", "there is no such image", { file: t1 });
  const name = stem(t1);
  const { age, sex } = options;
  const head = headRecipe(resolve(t1), {
    template: await chooseTemplate(options.template, options.atlas),
    resolution: options.resolution ?? 2,
    source: basename(t1),
    participant: { label: name, ...(age === undefined ? {} : { age }), ...(sex === undefined ? {} : { sex }) },
    ...(options.labels === undefined ? {} : { labels: resolve((await readSurferOutput(options.labels)).file) }),
    cortex: await cortexFiles(options),
    ...(options.norms === undefined ? {} : { norms: await readNorms(options.norms) }),
  });
  const state = join(out, ".quintet");
  await using _lock = await lockFolder(state);
  const cache = new Cache(join(state, "results"));
  const hashes = new SourceHashes(join(state, "hashes.json"));
  await cache.open();
  await using _swept = { [Symbol.asyncDispose]: () => cache.sweep() };
  await using engine = workerEngine(new URL("./worker.ts", import.meta.url), join(state, "results"), options.workers);
  const records = await runRecipe(head.recipe, {
    cache,
    hashes,
    engine,
    onEvent: (event) => options.onEvent?.(event, name),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return publishHead(name, head, records, cache, out);
}

/** Where the cortex is read from, of each side that is not our own. @throws DataError `missing-file` */
async function cortexFiles({
  labels,
  cortex = {},
}: RunHeadOptions): Promise<ReadonlyMap<HemisphereSide, ImportedCortexFiles>> {
  const files = new Map<HemisphereSide, ImportedCortexFiles>(
    labels === undefined ? [] : await surferCortexFiles(labels),
  );
  for (const side of ["left", "right"] as const) {
    const surface = cortex[side];
    if (surface === undefined) continue;
    if (!existsSync(surface)) throw new DataError("missing-file", `there is no such ${side} cortex`, { file: surface });
    files.set(side, { surface: resolve(surface) });
  }
  return files;
}

/** "sub-01_ses-2_T1w.nii.gz" -> "sub-01_ses-2"; any other name without its ending. */
function stem(path: string): string {
  const bare = basename(path).replace(/\.(nii(\.gz)?|mgz|mgh|dcm|v|i|h33|hv)$/i, "");
  return bare.replace(/_?T1w$/i, "").replace(/[^A-Za-z0-9_-]+/g, "-") || "head";
}

async function publishHead(
  name: string,
  head: HeadRecipe,
  records: ReadonlyMap<string, NodeRecord>,
  cache: Cache,
  out: string,
): Promise<HeadOutcome> {
  const failed = [...records.values()].flatMap(({ node, state }) =>
    state.kind === "failed" ? [{ step: node.title, why: state.failure.message }] : [],
  );
  const keyOf = ({ node }: { readonly node: string }): string | undefined => {
    const state = records.get(node)?.state;
    return state && "key" in state ? state.key : undefined;
  };
  const files: PublishedFile[] = [];
  const qc: QcFinding[] = [];
  const read = async <T>(ref: {
    readonly node: string;
    readonly output?: T;
  }): Promise<[key: string, value: T] | undefined> => {
    const key = keyOf(ref);
    return key === undefined ? undefined : [key, (await cache.read(key)) as T];
  };
  const image = (key: string, suffix: string, volume: Volume | LabelVolume | Mask): void => {
    files.push({ path: `${name}_${suffix}.nii.gz`, key, content: () => writeNifti(volume, { gzip: true }) });
    if (!("names" in volume)) return;
    const rows = [...volume.names].map(([index, label]) => `${index}\t${label}`);
    files.push({ path: `${name}_${suffix}.tsv`, key, content: () => `${["index\tname", ...rows].join("\n")}\n` });
  };

  const tissues = await read<HeadSegmentation>(head.tissues);
  if (tissues) {
    const [key, { labels, probabilities, brain, head: outline, corrected, qc: found }] = tissues;
    image(key, "desc-head_dseg", labels);
    for (const [tissue, map] of Object.entries(probabilities)) image(key, `label-${tissue}_probseg`, map);
    image(key, "desc-brain_mask", maskOnly(brain));
    image(key, "desc-head_mask", outline);
    image(key, "desc-preproc_T1w", corrected);
    for (const energy of brain.alreadyStripped ? [] : photonEnergies) {
      const facts = { Units: "1/cm", PhotonEnergy: energy, PhotonEnergyUnits: "keV" };
      image(key, `desc-mu${energy}keV_mumap`, attenuationMap(labels, energy));
      files.push({
        path: `${name}_desc-mu${energy}keV_mumap.json`,
        key,
        content: () => `${JSON.stringify(facts, null, 1)}\n`,
      });
    }
    qc.push(...found);
  }
  const surfaces = await read<HeadSurfaces>(head.surfaces);
  if (surfaces) {
    const [key, { surfaces: meshes, qc: found }] = surfaces;
    for (const [mesh, surface] of meshes)
      files.push({
        path: `${name}_desc-${mesh}_surf.gii`.replace("-skull", "skull"),
        key,
        content: () => writeGiftiSurface(surface),
      });
    qc.push(...found);
  }
  const parts = await read<Hemispheres>(head.parts);
  if (parts) {
    image(parts[0], "desc-hemispheres_dseg", parts[1].parts);
    qc.push(...parts[1].qc);
  }
  for (const ref of head.cortex) {
    const cortex = await read<HeadCortex>(ref);
    if (!cortex) continue;
    files.push(...cortexSurfaces(`${name}_`, ...cortex));
    qc.push(...cortex[1].qc);
  }
  const normalised = await read<NormalisedHead>(head.normalised);
  if (normalised) {
    const [key, { regions, template, toTemplate, inverseConsistency, leastJacobian, qc: found }] = normalised;
    if (regions) image(key, "desc-sublobar_dseg", regions);
    const told = {
      template,
      from: toTemplate.from,
      to: toTemplate.to,
      affine: [...toTemplate.matrix],
      inverseConsistency_mm: inverseConsistency,
      leastJacobian,
    };
    files.push({ path: `${name}_desc-normalisation.json`, key, content: () => `${JSON.stringify(told, null, 1)}\n` });
    qc.push(...found);
  }
  const volumes = await read<HeadVolumes>(head.volumes);
  if (volumes) {
    const [key, { measures }] = volumes;
    files.push({ path: `${name}_desc-head_volumes.tsv`, key, content: () => measuresTsv(measures) });
    files.push({ path: `${name}_desc-head_volumes.json`, key, content: measuresJson });
  }
  const all = [...records.values()]
    .map(({ node, state }) => `${node.id} ${"key" in state ? state.key : state.kind}`)
    .join("\n");
  files.push({ path: `${name}_desc-head_qc.json`, key: all, content: () => `${JSON.stringify(qc, null, 1)}\n` });
  files.push({ path: `${name}_desc-head_provenance.json`, key: all, content: () => provenance(records) });
  await publish(out, files);
  return {
    subject: name,
    files: files.map(({ path }) => path),
    ...(normalised ? { template: normalised[1].template.name } : {}),
    measures: volumes?.[1].measures ?? [],
    qc,
    failed,
  };
}

function maskOnly({ shape, affine, space, data }: Mask): Mask {
  return { shape, affine, space, data };
}

function provenance(records: ReadonlyMap<string, NodeRecord>): string {
  const steps = [...records.values()].map(({ node: { id, step, version: stepVersion, params }, state, files }) => ({
    id,
    step,
    version: stepVersion,
    params: (params as { readonly params: unknown }).params,
    state: state.kind,
    ...("stored" in state ? { seconds: Number(state.stored.seconds.toFixed(2)) } : {}),
    files: files.map(({ role, path, sha256 }) => ({ role, file: basename(path), sha256 })),
  }));
  return `${JSON.stringify({ software: { name: "quintet", version }, node: process.version, steps }, null, 1)}\n`;
}
