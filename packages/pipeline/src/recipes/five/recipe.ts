/** Who calls whom: the steps from a person's files to what the five modalities say together. */
import { existsSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { Metadata, Modality, Study, StudyFile, Subject } from "@quintet/core";
import type { NormTable } from "@quintet/fusion/fuse";
import type { Hemispheres } from "@quintet/modalities/mri";
import { Recipe, type Ref } from "../../engine/graph.ts";
import type { Absent, Step } from "../../engine/step.ts";
import { fewestFrames } from "../../pet-model/regional-curves.ts";
import { headCortexStep } from "../head/cortex-step.ts";
import type { HeadCortex, HeadSurfaces } from "../head/outcome.ts";
import { type AlignParams, align } from "./align-step.ts";
import { anatomyStep } from "./anatomy-step.ts";
import { boldFile, boldParams } from "./bold-inputs.ts";
import { boldStep } from "./bold-step.ts";
import { clockStep, timedFile, type VisitClock } from "./clock-step.ts";
import { type Decision, decideStep } from "./decide-step.ts";
import { eegStep } from "./eeg-step.ts";
import { fnirsStep } from "./fnirs-step.ts";
import { fnirsTomographyStep } from "./fnirs-tomography-step.ts";
import { type Fused, fuseStep } from "./fuse-step.ts";
import { headFrameStep } from "./head-frame-step.ts";
import { shapeStep, sidesStep } from "./head-shape-step.ts";
import { type InjectionTiming, injectionTiming } from "./injection-timing.ts";
import { keepImages, type PackedImage } from "./keep-images.ts";
import { mriStep } from "./mri-step.ts";
import type { Anatomy, HeadFrame, Placed, WingOutcome } from "./outcome.ts";
import { petKineticsStep } from "./pet-kinetics-step.ts";
import { petRecordStep } from "./pet-record-step.ts";
import { petStep } from "./pet-step.ts";
import { spectRecordStep } from "./spect-record-step.ts";
import { spectStep } from "./spect-step.ts";
import { type TemplateChoice, templateStep } from "./template-step.ts";
import { emissionStep, type TissueMaps, tissueStep } from "./tissue-step.ts";

export interface FiveOptions {
  readonly template: TemplateChoice;
  readonly norms?: NormTable;
  readonly registration: "rigid" | "identity";
  /** What readers decided about registrations of an earlier run. */
  readonly decisions?: readonly Decision[];
}

export interface FiveRecipe {
  readonly recipe: Recipe;
  readonly anatomy?: Ref<Anatomy>;
  readonly frame?: Ref<HeadFrame>;
  readonly tissue?: Ref<TissueMaps>;
  readonly shape?: Ref<HeadSurfaces>;
  readonly sides?: Ref<Hemispheres>;
  /** Left, right; none without a T1. */
  readonly cortex: readonly Ref<HeadCortex>[];
  readonly placed: Readonly<Record<string, Ref<Placed>>>;
  readonly outcomes: Partial<Readonly<Record<Modality, Ref<WingOutcome>>>>;
  readonly fused: Ref<Fused>;
  readonly clock: Ref<VisitClock>;
  readonly packed: readonly Ref<readonly PackedImage[]>[];
  /** The files used, and why others were not. */
  readonly used: Readonly<Record<string, StudyFile>>;
  readonly notes: readonly string[];
  /** Of the ictal scan; empty without one. */
  readonly timing: InjectionTiming;
  /** Why no finding may be claimed. */
  readonly noClaim?: string;
}

/** Resolution taken when no sidecar tells it, FWHM in mm: clinical brain PET and SPECT. */
const assumedResolution = { pet: 6, spect: 10 } as const;

export function fiveRecipe(study: Study, subject: Subject, options: FiveOptions): FiveRecipe {
  const recipe = new Recipe();
  const { participant } = subject;
  const notes: string[] = [];
  const at = (path: string): string => join(study.root, path);
  const one = (what: string, wanted: (file: StudyFile) => boolean): StudyFile | undefined => {
    const [first, ...more] = subject.files.filter(wanted);
    if (more.length > 0) notes.push(`${what}: ${first?.path} was used, not ${more.map(({ path }) => path).join(", ")}`);
    return first;
  };
  const state = ({ metadata, entities }: StudyFile): string =>
    String(metadata.SpectState ?? entities.acq ?? "").toLowerCase();
  const t1 = one("T1", ({ suffix }) => suffix === "T1w");
  const pet = one("PET", ({ datatype, suffix }) => datatype === "pet" && suffix === "pet");
  const ictal = one("ictal SPECT", (file) => file.datatype === "spect" && state(file) === "ictal");
  const rest = one("SPECT", (file) => file.datatype === "spect" && state(file) !== "ictal");
  const eeg = one("EEG", ({ datatype, suffix }) => datatype === "eeg" && suffix === "eeg");
  const nirs = one("fNIRS", ({ datatype, suffix }) => datatype === "nirs" && suffix === "nirs");
  const bold = one("BOLD", ({ suffix }) => suffix === "bold");
  const noClaim = typeof study.description.QuintetNoClaim === "string" ? study.description.QuintetNoClaim : undefined;
  const claims = noClaim === undefined;

  const decisionOn = (name: string): Decision | undefined =>
    options.decisions?.find(({ registration }) => registration === name);

  const clock = visitClock(recipe, study, { pet, spect: rest, ictal, eeg, fnirs: nirs, bold });
  const template = recipe.add("template", templateStep, options.template, {});
  const anatomy =
    t1 && recipe.add("anatomy", anatomyStep, { source: t1.path, metadata: kept(t1) }, { file: { file: at(t1.path) } });
  const tissue = anatomy && recipe.add("tissue", tissueStep, {}, { anatomy });
  const emission = anatomy && tissue && recipe.add("emission-like", emissionStep, {}, { anatomy, tissue });
  const noT1: Absent = { absent: "no T1-weighted MRI" };
  const frame = anatomy && recipe.add("head-frame", headFrameStep, {}, { anatomy, template });
  const shape = tissue && recipe.add("head-shape", shapeStep, {}, { tissue });
  const sides = tissue && frame && recipe.add("brain-sides", sidesStep, {}, { tissue, frame });
  const cortex = (["left", "right"] as const).flatMap((side) =>
    sides ? [recipe.add(`cortex-${side}`, headCortexStep, { side }, { parts: sides })] : [],
  );
  const [anatomyOr, frameOr] = [anatomy ?? noT1, frame ?? noT1];

  const placed: Record<string, Ref<Placed>> = {};
  const place = (
    id: string,
    file: StudyFile | undefined,
    modality: "pet" | "spect",
    name: string,
  ): Ref<Placed> | undefined => {
    if (!file || !emission) return undefined;
    const params: AlignParams = {
      modality,
      name,
      method: options.registration,
      metadata: kept(file),
      resolution: resolutionOf(file, modality),
    };
    const aligned = recipe.add(`align-${id}`, align, params, { file: { file: at(file.path) }, emission });
    const decision = decisionOn(name);
    placed[id] = decision ? recipe.add(`decide-${id}`, decideStep, { decision }, { placed: aligned }) : aligned;
    return placed[id];
  };
  const tracer = (file: StudyFile, otherwise: string): string =>
    String(file.metadata.TracerName ?? file.entities.trc ?? otherwise);
  const petPlaced = place("pet", pet, "pet", pet ? tracer(pet, "PET") : "PET");
  const restPlaced = place("spect", rest, "spect", rest && state(rest) === "interictal" ? "interictal SPECT" : "SPECT");
  const ictalPlaced = place("ictal", ictal, "spect", "ictal SPECT");

  const outcomes: Partial<Record<Modality, Ref<WingOutcome>>> = {};
  const runOfBold =
    bold &&
    anatomy &&
    recipe.add(
      "bold",
      boldStep,
      {
        ...boldParams(subject, bold, kept(bold)),
        ...(decisionOn("BOLD") ? { decision: decisionOn("BOLD") as Decision } : {}),
      },
      { file: boldFile(study, bold), anatomy, frame: frameOr },
      ["frame"],
    );
  if (bold && !anatomy) notes.push(`${bold.path} was left alone: there is no T1 to place it on`);
  if (anatomy && tissue)
    outcomes.mri = recipe.add(
      "mri",
      mriStep,
      { source: t1?.path ?? "" },
      { anatomy, tissue, frame: frameOr, bold: runOfBold ?? { absent: "no BOLD run" } },
      ["frame", "bold"],
    );
  if (pet && petPlaced && anatomy) {
    const { FrameDuration: durations } = pet.metadata;
    const frames = Array.isArray(durations)
      ? `${durations.length} frame${durations.length === 1 ? "" : "s"}, ${sum(durations)} s`
      : "static";
    const dynamic = Array.isArray(durations) && durations.length >= fewestFrames;
    const { blood } = companionsOf(pet);
    const kinetics = dynamic
      ? recipe.add(
          "pet-kinetics",
          petKineticsStep,
          {
            source: pet.path,
            tracer: tracer(pet, "PET"),
            metadata: kept(pet),
            ...(blood === undefined ? {} : { blood }),
          },
          { file: recordingInput(study, pet), placed: petPlaced, anatomy, frame: frameOr },
          ["frame"],
        )
      : { absent: "a static scan has no kinetics" };
    outcomes.pet = recipe.add(
      "pet",
      petStep,
      {
        source: pet.path,
        tracer: tracer(pet, "PET"),
        metadata: kept(pet),
        participant,
        frames,
        resolution: resolutionOf(pet, "pet"),
        claims,
      },
      {
        placed: petPlaced,
        anatomy,
        frame: frameOr,
        kinetics,
        record: recordOf(recipe, study, pet, { key: "Counts", step: petRecordStep }),
      },
      ["frame", "kinetics", "record"],
    );
  }
  const timing = ictal ? timingOf(study, ictal) : {};
  const baseline = restPlaced ?? ictalPlaced;
  if (baseline && anatomy) {
    const file = (rest ?? ictal) as StudyFile;
    const pair = restPlaced && ictalPlaced ? ictalPlaced : { absent: rest ? "no ictal scan" : "no interictal scan" };
    outcomes.spect = recipe.add(
      "spect",
      spectStep,
      {
        sources: [rest, ictal].flatMap((f) => (f ? [f.path] : [])),
        tracer: tracer(file, "SPECT"),
        resolution: resolutionOf(file, "spect"),
        claims,
        ...(timing.delay === undefined ? {} : { injectionDelay: timing.delay }),
      },
      {
        baseline,
        ictal: pair,
        anatomy,
        frame: frameOr,
        record: recordOf(recipe, study, rest ?? ictal, spectRecord),
        ictalRecord: rest ? recordOf(recipe, study, ictal, spectRecord) : noRecord,
      },
      ["ictal", "frame", "record", "ictalRecord"],
    );
  }
  if (eeg) {
    outcomes.eeg = recipe.add(
      "eeg",
      eegStep,
      { source: eeg.path, companions: companionsOf(eeg), metadata: kept(eeg), claims },
      {
        file: recordingInput(study, eeg),
        anatomy: anatomyOr,
        frame: frameOr,
        left: cortex[0] ?? noT1,
        right: cortex[1] ?? noT1,
      },
      ["anatomy", "frame", "left", "right"],
    );
  }
  if (nirs) {
    const [file, companions] = [recordingInput(study, nirs), companionsOf(nirs)];
    const tomography =
      anatomy && frame && tissue
        ? recipe.add("fnirs-tomography", fnirsTomographyStep, { companions }, { file, anatomy, frame, tissue })
        : noT1;
    outcomes.fnirs = recipe.add(
      "fnirs",
      fnirsStep,
      { source: nirs.path, companions, metadata: kept(nirs), participant },
      { file, anatomy: anatomyOr, frame: frameOr, tomography },
      ["anatomy", "frame", "tomography"],
    );
  }
  const needsT1 = (file: StudyFile | undefined, what: string): Absent => ({
    absent: file ? `there is ${what}, but no T1 to place it on` : `no ${what} in this study`,
  });
  const fused = recipe.add(
    "fuse",
    fuseStep,
    {
      participant,
      alpha: 0.01,
      ...(options.norms ? { norms: options.norms } : {}),
      ...(noClaim === undefined ? {} : { noClaim }),
    },
    {
      mri: outcomes.mri ?? { absent: "no T1-weighted MRI in this study" },
      pet: outcomes.pet ?? needsT1(pet, "PET"),
      spect: outcomes.spect ?? needsT1(rest ?? ictal, "SPECT"),
      eeg: outcomes.eeg ?? { absent: "no EEG in this study" },
      fnirs: outcomes.fnirs ?? { absent: "no fNIRS in this study" },
      frame: frameOr,
    },
    ["mri", "pet", "spect", "eeg", "fnirs", "frame"],
  );
  const packed = Object.entries(outcomes).map(([modality, outcome]) =>
    recipe.add(`keep-${modality}`, keepImages, { subject: participant.label }, { outcome }),
  );
  const used = { t1, pet, spect: rest, ictal, eeg, fnirs: nirs, ...(anatomy ? { bold } : {}) };
  return {
    recipe,
    placed,
    outcomes,
    fused,
    clock,
    packed,
    notes,
    timing,
    used: Object.fromEntries(Object.entries(used).filter(([, file]) => file !== undefined)) as Record<
      string,
      StudyFile
    >,
    ...(anatomy ? { anatomy } : {}),
    ...(frame ? { frame } : {}),
    ...(tissue ? { tissue } : {}),
    ...(shape ? { shape } : {}),
    ...(sides ? { sides } : {}),
    cortex,
    ...(noClaim === undefined ? {} : { noClaim }),
  };
}

/** The clock of the visit, from what the files tell of their times. */
function visitClock(
  recipe: Recipe,
  study: Study,
  used: Readonly<Record<string, StudyFile | undefined>>,
): Ref<VisitClock> {
  const files = Object.entries(used).flatMap(([id, file]) => (file === undefined ? [] : [[id, file] as const]));
  const timed = files.map(([id, file]) => timedFile(id, file));
  const sources = files.flatMap(([id, file], k) => {
    const { events, repetition } = timed[k] as (typeof timed)[number];
    if (repetition !== undefined) return [[id, { file: join(study.root, file.path) }] as const];
    return events === undefined ? [] : [[id, recordingInput(study, file)] as const];
  });
  return recipe.add(
    "clock",
    clockStep,
    { files: timed },
    Object.fromEntries(sources),
    sources.map(([id]) => id),
  );
}

function sum(values: readonly unknown[]): number {
  return values.reduce<number>((total, v) => total + (typeof v === "number" ? v : 0), 0);
}

/** @throws DataError those of readEventsTsv */
function timingOf(study: Study, { metadata, companions }: StudyFile): InjectionTiming {
  return injectionTiming(metadata, companions.events && join(study.root, companions.events));
}

/** Sidecar without the fields that only a check of the result may see, and without what tells how an image was reconstructed. */
function kept(file: StudyFile): Metadata {
  return Object.fromEntries(
    Object.entries(file.metadata).filter(([key]) => !key.startsWith("Quintet") && !reconFields.has(key)),
  );
}

/** Long, and of no account for what is measured. */
const reconFields = new Set(["Views", "Counts", "frames", "findings", "notes"]);

const noRecord: Absent = { absent: "no record of a reconstruction" };

const spectRecord = { key: "Views", step: spectRecordStep } as const;

/** What the JSON beside an image tells of its reconstruction, where it has the field that only such a JSON has. */
function recordOf<T>(
  recipe: Recipe,
  study: Study,
  file: StudyFile | undefined,
  { key, step }: { readonly key: string; readonly step: Step<{ file: string }, Record<string, never>, T> },
): Ref<T> | Absent {
  const beside = file?.path.replace(/\.nii(\.gz)?$/i, ".json");
  if (!file || beside === undefined || file.metadata[key] === undefined) return noRecord;
  const json = join(study.root, beside);
  if (!existsSync(json)) return noRecord;
  return recipe.add(`${step.name}-${basename(beside, ".json")}`, step, {}, { file: { file: json } });
}

function resolutionOf(file: StudyFile, modality: "pet" | "spect"): number {
  const stated = file.metadata.ResolutionFWHM;
  return typeof stated === "number" && stated > 0 ? stated : assumedResolution[modality];
}

/** Paths relative to the recording's own folder, so that a study that moves keeps its results. */
function companionsOf(file: StudyFile): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(file.companions).map(([role, path]) => [role, relative(dirname(file.path), path)]),
  );
}

/** The recording with everything that counts for its hash. */
function recordingInput(
  study: Study,
  file: StudyFile,
): { readonly file: string; readonly companions: readonly string[] } {
  const beside = [".eeg", ".vmrk", ".fdt"]
    .map((ending) => join(study.root, file.path.replace(/\.[^./]+$/, ending)))
    .filter((path) => existsSync(path));
  const sides = Object.values(file.companions).map((path) => join(study.root, path));
  return { file: join(study.root, file.path), companions: [...sides.filter((path) => existsSync(path)), ...beside] };
}
