/** Ictal minus interictal SPECT of one person, on the T1, in the template, against pairs of healthy people. */
import { basename, join, resolve } from "node:path";
import { DataError, type LabelVolume, type Metadata, type QcFinding, type Volume } from "@quintet/core";
import { resampleWarped } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  type NoiseNormalised,
  noiseNormalised,
  plainSiscom,
  qc,
  type SettingResult,
  type Siscom,
  type SiscomOptions,
  siscom,
  siscomAgreement,
  siscomSettings,
  testRetestNorms,
} from "@quintet/modalities/spect";
import { Cache } from "../engine/cache.ts";
import { Recipe, type Ref } from "../engine/graph.ts";
import { type Engine, workerEngine } from "../engine/local.ts";
import { type NodeRecord, type RunEvent, runRecipe } from "../engine/run.ts";
import { SourceHashes } from "../engine/source-hash.ts";
import { lockFolder } from "../lock.ts";
import { checkOutputFolder } from "../output-place.ts";
import { type InjectionTiming, injectionTiming } from "../recipes/five/injection-timing.ts";
import { regionsOn } from "../recipes/five/regions-on-grid.ts";
import { chooseTemplate, type TemplateHead, templateStep } from "../recipes/five/template-step.ts";
import { headBrainStep } from "../recipes/head/brain-step.ts";
import { headNormaliseStep } from "../recipes/head/normalise-step.ts";
import type { NormalisedHead, T1WithBrain } from "../recipes/head/outcome.ts";
import { checkInputs, type SiscomImages } from "./check-inputs.ts";
import { type FoundCluster, locateClusters } from "./found-clusters.ts";
import { type ComparedPair, normalSmoothing, type PlacedPair, spectPairStep } from "./pair-step.ts";
import { writeSiscomFiles } from "./siscom-files.ts";

export interface SubtractIctalOptions {
  /** |z| of a cluster's voxels; 2 by default. */
  readonly threshold?: number;
  /** Smoothing of the difference, mm; none by default. */
  readonly smoothing?: number;
  /** mL; smaller clusters are not listed; 0.5 by default. */
  readonly smallest?: number;
  /** The paper's D and z alone: no motion taken out, mean and SD. */
  readonly plain?: boolean;
  /** A region that each image is divided by its mean in, by its name in the atlas: cerebellum. */
  readonly reference?: string;
  /** BIDS folder of test-retest pairs. */
  readonly normals?: string;
  readonly template?: string;
  readonly atlas?: string;
  /** Seconds from seizure onset to injection, where no side file tells them. */
  readonly delay?: number;
  readonly workers?: number;
  /** What runs the steps; threads without it. */
  readonly engine?: (cache: Cache) => Engine;
  readonly onProgress?: (share: number, note: string) => void;
  readonly signal?: AbortSignal;
}

export interface SubtractedIctal {
  readonly method: string;
  readonly threshold: number;
  readonly clusters: readonly FoundCluster[];
  /** The same by the paper alone; where that is what was asked for, absent. */
  readonly plain?: readonly FoundCluster[];
  readonly againstNormals?: {
    readonly n: number;
    readonly subjects: readonly string[];
    /** Degrees of freedom of t where all pairs show the brain. */
    readonly degrees: number;
    /** Those of them that a voxel's variance has from its neighbourhood. */
    readonly priorDegrees: number;
    /** How much of the pairs' mean is taken off, 0 to 1. */
    readonly meanKept: number;
    /** z of the clusters' voxels. */
    readonly threshold: number;
    readonly smoothingMm: number;
    readonly clusters: readonly FoundCluster[];
  };
  readonly agreement: {
    readonly settings: readonly SettingResult[];
    /** Settings whose strongest rise lies where that of the first does, and those of them that call it a finding. */
    readonly concordant: number;
    readonly finding: number;
    readonly reachMm: number;
  };
  readonly timing: InjectionTiming;
  readonly registration: readonly { readonly name: string; readonly expectedErrorMm: number; readonly note: string }[];
  readonly template: { readonly name: string; readonly space: string };
  readonly qc: readonly QcFinding[];
  readonly files: readonly string[];
}

/** What the writer of files and the page are given. */
export interface SiscomOutcome {
  readonly result: Omit<SubtractedIctal, "files">;
  readonly found: Siscom;
  readonly paper: Siscom;
  readonly placed: PlacedPair;
  readonly head: T1WithBrain;
  readonly share: Volume<"1">;
  /** z against normals, carried to the work grid of the T1. */
  readonly normalZ?: Volume<"{z}">;
  readonly sources: readonly string[];
}

/**
 * Rigid registration ictal -> interictal -> T1, the T1 to the template, SISCOM on the T1, its agreement over settings and, with
 * pairs of normals, the statistic against them in the template. Work is kept in OUT/.quintet and taken up again; results are written
 * when all of them are there. All that is given is looked at before the first step.
 *
 * @throws DataError `unwritable`, `no-atlas`, `unknown-region`, `field-of-view`, `unlike-pair`, those of checkInputs, siscom and the
 *   registrations
 */
export async function subtractIctal(
  files: SiscomImages,
  out: string,
  options: SubtractIctalOptions = {},
): Promise<SubtractedIctal> {
  await checkOutputFolder(out);
  await loadKernels();
  const { metadata, normals } = await checkInputs(files, options);
  const recipe = new Recipe();
  const template = recipe.add("template", templateStep, await chooseTemplate(options.template, options.atlas), {});
  const state = join(out, ".quintet");
  await using _lock = await lockFolder(state);
  const cache = new Cache(join(state, "results"));
  await cache.open();
  await using _swept = { [Symbol.asyncDispose]: () => cache.sweep() };
  await using engine =
    options.engine?.(cache) ??
    workerEngine(new URL("../worker.ts", import.meta.url), join(state, "results"), options.workers);
  const hashes = new SourceHashes(join(state, "hashes.json"));
  const { onProgress, signal } = options;
  const run = (): ReturnType<typeof runRecipe> =>
    runRecipe(recipe, {
      cache,
      hashes,
      engine,
      ...(onProgress ? { onEvent: progressOf(onProgress) } : {}),
      ...(signal ? { signal } : {}),
    });
  if (options.reference !== undefined) {
    // the template alone, whose region it is, before the long steps
    const { regions, name } = (await cache.read(keyOf(await run(), template))) as TemplateHead;
    labelsCalled(options.reference, regions, name);
  }
  const own = addPair(recipe, "patient", template, files, metadata, false);
  const others = normals.map(({ subject, t1, scans: [later, first] }) =>
    addPair(
      recipe,
      `normal ${subject}`,
      template,
      { ictal: later.file, interictal: first.file, t1 },
      { ictal: later.metadata, interictal: first.metadata },
      true,
    ),
  );
  const records = await run();
  const read = async <T>(ref: Ref<T>): Promise<T> => (await cache.read(keyOf(records, ref))) as T;
  const pair = await read(own.pair);
  const differences: Volume<"1">[] = [];
  for (const other of others) differences.push((await read(other.pair)).difference);
  options.onProgress?.(0.9, "difference, clusters, agreement");
  const outcome = analyse({
    head: await read(own.head),
    normalised: await read(own.normalised),
    templateHead: await read(template),
    pair,
    differences,
    subjects: normals.map(({ subject }) => subject),
    timing: timingOf(files.ictal, metadata.ictal, options.delay),
    sources: [files.ictal, files.interictal, files.t1],
    options,
  });
  options.onProgress?.(0.97, "writing");
  return { ...outcome.result, files: await writeSiscomFiles(out, outcome) };
}

function addPair(
  recipe: Recipe,
  name: string,
  template: Ref<TemplateHead>,
  { ictal, interictal, t1 }: { readonly ictal: string; readonly interictal: string; readonly t1: string },
  metadata: { readonly ictal: Metadata; readonly interictal: Metadata },
  normal: boolean,
): { readonly head: Ref<T1WithBrain>; readonly normalised: Ref<NormalisedHead>; readonly pair: Ref<ComparedPair> } {
  const head = recipe.add(`${name}: brain`, headBrainStep, {}, { file: { file: resolve(t1) } });
  const normalised = recipe.add(`${name}: template`, headNormaliseStep, { resolution: 2 }, { head, template });
  const pair = recipe.add(
    `${name}: pair`,
    spectPairStep,
    { metadata, normal },
    { ictal: { file: resolve(ictal) }, interictal: { file: resolve(interictal) }, head, normalised, template },
  );
  return { head, normalised, pair };
}

/** @throws DataError of the step that failed, or of the one that it waited for */
function keyOf(records: ReadonlyMap<string, NodeRecord>, { node }: { readonly node: string }): string {
  const state = records.get(node)?.state;
  if (state && "key" in state) return state.key;
  const failed = [...records.values()].find((record) => record.state.kind === "failed");
  const failure = failed?.state.kind === "failed" ? failed.state.failure : undefined;
  throw new DataError(failure?.code ?? "step-failed", `${failed?.node.id ?? node}: ${failure?.message ?? "no result"}`);
}

function progressOf(tell: (share: number, note: string) => void): (event: RunEvent) => void {
  let [done, total] = [0, 1];
  return (event) => {
    if (event.kind === "end") [done, total] = [event.done, event.total];
    if (event.kind !== "end") tell((0.9 * done) / total, event.node.id);
  };
}

function timingOf(file: string, metadata: Metadata, delay: number | undefined): InjectionTiming {
  const events = file.replace(/_spect\.nii(\.gz)?$/i, "_events.tsv");
  return injectionTiming(
    delay === undefined ? metadata : { ...metadata, InjectionDelay: delay },
    events === file ? undefined : events,
  );
}

interface Analysis {
  readonly head: T1WithBrain;
  readonly normalised: NormalisedHead;
  readonly templateHead: TemplateHead;
  readonly pair: ComparedPair;
  readonly differences: readonly Volume<"1">[];
  readonly subjects: readonly string[];
  readonly timing: InjectionTiming;
  readonly sources: readonly string[];
  readonly options: SubtractIctalOptions;
}

function analyse(given: Analysis): SiscomOutcome {
  const { head, normalised, pair, timing, options, sources } = given;
  const { threshold = 2, smoothing = 0, smallest = 0.5, plain = false } = options;
  const placed = pair.placed as PlacedPair;
  const { ictal, interictal, brain, checks } = placed;
  const region = options.reference === undefined ? undefined : regionOf(options.reference, normalised, brain);
  const common: SiscomOptions = { z: threshold, smoothingFwhm: smoothing, minimumVolume: smallest };
  const wanted: SiscomOptions = {
    ...(plain ? plainSiscom : { spread: "mad" }),
    ...common,
    ...(region === undefined ? {} : { normalisation: region }),
  };
  const found = siscom(ictal, interictal, brain, wanted);
  const paper = plain ? found : siscom(ictal, interictal, brain, { ...plainSiscom, ...common });
  const agreement = siscomAgreement(ictal, interictal, brain, siscomSettings(wanted, region));
  const locate = (one: Siscom): FoundCluster[] =>
    locateClusters(one.clusters, normalised, { from: "t1", share: agreement.share });
  const against = given.differences.length > 0 ? compareWithNormals(given) : undefined;
  const { name, space } = normalised.template;
  const result: Omit<SubtractedIctal, "files"> = {
    method: plain
      ? "SISCOM as published: D over its SD"
      : "SISCOM, residual motion taken out, z by the median absolute deviation",
    threshold,
    clusters: locate(found),
    ...(plain ? {} : { plain: locate(paper) }),
    ...(against
      ? {
          againstNormals: {
            n: against.n,
            subjects: given.subjects,
            degrees: against.degrees,
            priorDegrees: against.priorDegrees,
            meanKept: against.meanKept,
            threshold: against.threshold,
            smoothingMm: normalSmoothing,
            clusters: locateClusters([...against.search.above, ...against.search.below], normalised, {
              from: "template",
            }),
          },
        }
      : {}),
    agreement: {
      settings: agreement.settings,
      concordant: agreement.concordant,
      finding: agreement.finding,
      reachMm: agreement.reach,
    },
    timing,
    registration: [
      told("ictal to interictal", checks.ictalToInterictal),
      told("interictal to T1", checks.interictalToT1),
    ],
    template: { name, space },
    qc: [
      ...qc({
        ictal,
        interictal,
        brain,
        siscom: found,
        ...(timing.delay === undefined ? {} : { injectionDelay: timing.delay }),
      }),
      ...normalised.qc,
    ],
  };
  return {
    result,
    found,
    paper,
    placed,
    head,
    share: agreement.share,
    ...(against ? { normalZ: resampleWarped(against.z, brain, normalised.toTemplate) } : {}),
    sources: sources.map((file) => basename(file)),
  };
}

/** @throws DataError `no-brain`, those of testRetestNorms and noiseNormalised */
function compareWithNormals({ differences, subjects, pair, options, templateHead }: Analysis): NoiseNormalised {
  if (!templateHead.brain)
    throw new DataError("no-brain", "normals are compared inside the template's brain", {
      expected: "a template with a brain mask",
      found: templateHead.name,
    });
  const norms = testRetestNorms(differences, pair.templateBrain, { names: subjects });
  return noiseNormalised(pair.difference, norms, { minimumVolume: options.smallest ?? 0.5 });
}

function regionOf(
  wanted: string,
  { regions, template }: NormalisedHead,
  brain: PlacedPair["brain"],
): PlacedPair["brain"] {
  const { labels, regions: known } = labelsCalled(wanted, regions, template.name);
  const { data } = regionsOn(known, brain);
  return { ...brain, data: brain.data.map((m, v) => (m && labels.has(data[v] as number) ? 1 : 0)) };
}

/** @throws DataError `no-atlas`, `unknown-region` */
function labelsCalled(
  wanted: string,
  regions: LabelVolume | undefined,
  template: string,
): { readonly labels: ReadonlySet<number>; readonly regions: LabelVolume } {
  if (!regions)
    throw new DataError("no-atlas", "a region of reference is named by the template's atlas", {
      expected: "a template with an atlas, or --atlas",
      found: template,
    });
  const labels = new Set([...regions.names].filter(([, name]) => name.includes(wanted)).map(([label]) => label));
  if (labels.size > 0) return { labels, regions };
  throw new DataError("unknown-region", `no region is called ${wanted}`, {
    expected: `part of one of ${[...new Set(regions.names.values())].slice(0, 12).join(", ")}, ...`,
    found: wanted,
  });
}

function told(
  name: string,
  { expectedError, note }: PlacedPair["checks"]["interictalToT1"],
): SubtractedIctal["registration"][number] {
  return { name, expectedErrorMm: expectedError, note: note || "repeated runs agree" };
}
