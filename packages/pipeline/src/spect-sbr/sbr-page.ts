import type { Mask, Measure, Volume } from "@quintet/core";
import { type BindingErrors, type DatRegions, referenceLevel, referenceOf } from "@quintet/modalities/spect";
import { type RegistrationCheck, renderDatPage } from "@quintet/view";
import { version } from "../version.ts";

export interface SbrPage {
  readonly source: string;
  readonly image: Volume;
  readonly regions: DatRegions;
  readonly head?: { readonly t1: Volume; readonly brain: Mask };
  readonly reference: "occipital" | "whole-brain";
  readonly measures: readonly Measure[];
  readonly errors: BindingErrors;
  readonly striatumMl: { readonly left: number; readonly right: number };
  readonly check?: RegistrationCheck;
  /** What is not there, and why. */
  readonly missing: readonly string[];
}

const referenceWords = { occipital: "occipital cortex", "whole-brain": "brain without striata and rim" } as const;

/** Behind "one standard error": what it is made of. */
const errorWords = {
  replicates: "of counting, from replicates of the scan",
  image: "an upper bound, from the noise in the brain outside the striata and what is uneven there",
  "upper-bound": "an upper bound: all that is uneven in the reference counts as noise",
} as const;

/** @throws DataError `missing-region` where the reference has no voxel */
export function sbrPage({
  source,
  image,
  regions,
  head,
  reference,
  measures,
  errors,
  check,
  ...more
}: SbrPage): string {
  const over = referenceLevel(image, referenceOf(regions, reference)).mean;
  const { left, right } = more.striatumMl;
  return renderDatPage(
    {
      source,
      answer: answerOf(measures),
      ratio: { ...image, unit: "1", data: Float32Array.from(image.data, (v) => v / over) },
      ...(head ? { t1: head } : {}),
      striatal: regions.striatal,
      reference: referenceWords[reference],
      measures,
      errors: errorWords[errors.from],
      notes: [
        `${errors.note.charAt(0).toUpperCase()}${errors.note.slice(1)}.`,
        ...new Set(measures.map(({ method }) => method)),
        `Volumes of the striata in these regions: left ${left.toFixed(1)} mL, right ${right.toFixed(1)} mL.`,
        ...more.missing,
      ],
      registrations: check ? [check] : [],
    },
    { software: { name: "Quintet", version }, generatedAt: new Date().toISOString().slice(0, 19) },
  );
}

/** The putamen's ratios and asymmetry: what is read first; no verdict, which norms alone could give. */
function answerOf(measures: readonly Measure[]): string {
  const find = (side: Measure["side"], measure: string): Measure | undefined =>
    measures.find((row) => row.region === "putamen" && row.side === side && row.measure === measure);
  const [left, right, asymmetry] = [find("left", "sbr"), find("right", "sbr"), find("midline", "sbr-asymmetry")];
  if (!left || !right) return "No binding ratio of the putamen.";
  const z = (row: Measure): string => (row.z === undefined ? "" : ` (z ${row.z.toFixed(1)})`);
  const lower = asymmetry === undefined ? "" : `; ${sideText(asymmetry)}`;
  return `Putamen: left ${left.value.toFixed(2)}${z(left)}, right ${right.value.toFixed(2)}${z(right)}${lower}.`;
}

/** Which side is lower, where the asymmetry is more than one standard error. */
function sideText({ value, standardError }: Measure): string {
  const size = `asymmetry ${Math.abs(value).toFixed(0)}${standardError === undefined ? "" : ` ± ${standardError.toFixed(0)}`} %`;
  if (Math.abs(value) < Math.max(0.5, standardError ?? 0)) return `no side lower beyond one standard error (${size})`;
  return `the ${value > 0 ? "right" : "left"} lower (${size})`;
}
