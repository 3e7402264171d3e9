/** Modality of an image from its side file, or else from the words of its name; always with the reason. */
import type { Metadata, Modality } from "@quintet/core";
import { textField } from "../../bids/json.ts";

export interface ImageGuess {
  readonly modality: Modality;
  readonly datatype: "anat" | "func" | "pet" | "spect";
  readonly suffix: string;
  readonly tracer?: string;
  readonly state?: "ictal" | "interictal" | "baseline";
  readonly task?: string;
  readonly why: string;
}

const wordsOf = (text: string): readonly string[] =>
  text
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

interface Kind {
  readonly modality: Modality;
  readonly datatype: ImageGuess["datatype"];
  readonly suffix: string;
  readonly words: readonly string[];
}

const kinds: readonly Kind[] = [
  {
    modality: "spect",
    datatype: "spect",
    suffix: "spect",
    words: ["spect", "hmpao", "ecd", "ictal", "interictal", "siscom", "datscan", "ioflupane", "nm"],
  },
  {
    modality: "pet",
    datatype: "pet",
    suffix: "pet",
    words: [
      "pet",
      "fdg",
      "pib",
      "florbetapir",
      "flutemetamol",
      "florbetaben",
      "flortaucipir",
      "fdopa",
      "raclopride",
      "suv",
    ],
  },
  { modality: "mri", datatype: "func", suffix: "bold", words: ["bold", "fmri", "func", "functional", "epi"] },
  { modality: "mri", datatype: "anat", suffix: "FLAIR", words: ["flair"] },
  { modality: "mri", datatype: "anat", suffix: "T2w", words: ["t2", "t2w"] },
  {
    modality: "mri",
    datatype: "anat",
    suffix: "T1w",
    words: ["t1", "t1w", "mprage", "mp2rage", "spgr", "bravo", "fspgr"],
  },
];

/** Words that say anatomy and no weighting: taken for T1 when nothing else is told. */
const anatomy = ["anat", "anatomy", "anatomical", "structural", "struct"];

const tracers: Readonly<Record<string, string>> = {
  fdg: "FDG",
  hmpao: "HMPAO",
  ecd: "ECD",
  pib: "PIB",
  florbetapir: "florbetapir",
  flutemetamol: "flutemetamol",
  florbetaben: "florbetaben",
  flortaucipir: "flortaucipir",
  fdopa: "FDOPA",
  raclopride: "raclopride",
  ioflupane: "ioflupane",
  datscan: "ioflupane",
};

export interface ImageHints {
  /** Relative path of the image, or the words of a DICOM series description. */
  readonly name: string;
  readonly sidecar: Metadata;
  readonly frames: number;
}

/**
 * What an image shows. A side file's Modality or tracer is certain; words of the name (file first, then the folders above)
 * are a guess and said to be one.
 *
 * @returns why not, as text, when nothing tells or two things are told
 */
export function recogniseImage({ name, sidecar, frames }: ImageHints): ImageGuess | string {
  const parts = name.split("/").reverse();
  const said = textField(sidecar, "Modality")?.toUpperCase();
  const tracerField = textField(sidecar, "TracerName") ?? textField(sidecar, "Radiopharmaceutical");
  const allWords = wordsOf(`${name} ${tracerField ?? ""} ${textField(sidecar, "SeriesDescription") ?? ""}`);
  const extras = extrasOf(allWords, tracerField, sidecar);
  if (said === "PT" || said === "PET")
    return { modality: "pet", datatype: "pet", suffix: "pet", ...extras, why: `side file or tags: Modality ${said}` };
  if (said === "NM")
    return { modality: "spect", datatype: "spect", suffix: "spect", ...extras, why: "side file or tags: Modality NM" };
  const known = said === undefined || said === "MR" || said === "MRI";
  if (!known)
    return `Modality ${said.replace(/[^A-Z0-9 ]/g, "").slice(0, 16)} is none of PET, SPECT, MRI, EEG and fNIRS`;
  const mriOnly = said === "MR" || said === "MRI";
  for (const part of parts) {
    const words = wordsOf(part);
    const matching = kinds.filter(
      (kind) => (!mriOnly || kind.modality === "mri") && kind.words.some((word) => words.includes(word)),
    );
    const [first, second] = matching;
    if (first === undefined) continue;
    if (second !== undefined) return `the name tells two things: ${matching.map((kind) => kind.suffix).join(" and ")}`;
    const word = first.words.find((candidate) => words.includes(candidate));
    const { modality, datatype } = first;
    // One volume of an echo-planar series is its reference image, not a time course.
    const suffix = first.suffix === "bold" && frames === 1 ? "sbref" : first.suffix;
    const certain = mriOnly ? `Modality ${said}, and` : "guessed:";
    const task =
      datatype === "func" ? { task: words.includes("rest") || words.includes("resting") ? "rest" : "unknown" } : {};
    return {
      modality,
      datatype,
      suffix,
      ...(modality === "mri" ? task : extras),
      why: `${certain} the word "${word}" in its name`,
    };
  }
  if (tracerField !== undefined)
    return { modality: "pet", datatype: "pet", suffix: "pet", ...extras, why: "guessed: its side file names a tracer" };
  const vague = anatomy.find((candidate) => wordsOf(name).includes(candidate));
  if (vague !== undefined && frames === 1) {
    return {
      modality: "mri",
      datatype: "anat",
      suffix: "T1w",
      why: `guessed: the word "${vague}" in its name; T1 is what an anatomy usually is`,
    };
  }
  if (mriOnly && frames > 1)
    return {
      modality: "mri",
      datatype: "func",
      suffix: "bold",
      task: "unknown",
      why: `Modality ${said}; guessed: several volumes`,
    };
  if (mriOnly && isT1(sidecar))
    return {
      modality: "mri",
      datatype: "anat",
      suffix: "T1w",
      why: `Modality ${said}; guessed: T1 weighting from echo, repetition and inversion times`,
    };
  return "an image whose modality neither a side file nor its name tells (T1, FLAIR, PET, FDG, SPECT, ictal ...)";
}

/** Inversion-prepared or short-TR gradient echo: TE below 15 ms with an inversion time, or TR below 50 ms. */
function isT1({ EchoTime, RepetitionTime, InversionTime }: Metadata): boolean {
  if (typeof EchoTime !== "number" || !(EchoTime < 0.015)) return false;
  return typeof InversionTime === "number" || (typeof RepetitionTime === "number" && RepetitionTime < 0.05);
}

function extrasOf(
  words: readonly string[],
  tracer: string | undefined,
  sidecar: Metadata,
): Pick<ImageGuess, "tracer" | "state"> {
  const word = words.find((candidate) => tracers[candidate] !== undefined);
  const label = word === undefined ? tracer?.replace(/[^A-Za-z0-9]/g, "") : tracers[word];
  const stated = textField(sidecar, "SpectState");
  const state = (["interictal", "ictal", "baseline"] as const).find(
    (s) => stated === s || (stated === undefined && words.includes(s)),
  );
  return { ...(label ? { tracer: label } : {}), ...(state === undefined ? {} : { state }) };
}
