/** What the JSON beside a reconstructed image tells, PET and SPECT alike: written with it, read again for pages and reports. */
import type { Modality, QcFinding } from "@quintet/core";
import type { ReconSettings } from "@quintet/view";

export type SideFile = Readonly<Record<string, unknown>>;

/** Indented JSON with each list of numbers on one line. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\[\s+([-+\d.eE,\s]+?)\s+\]/g, (_, list: string) => {
    return `[${list.replace(/\s+/g, " ")}]`;
  });
}

const algorithmWords: Readonly<Record<string, string>> = {
  osem: "OSEM, expectation maximisation over ordered subsets",
  mlem: "MLEM, maximum likelihood by expectation maximisation",
  bsrem: "BSREM, penalised by the relative difference prior",
  "kernel-em": "kernel EM, guided by an anatomical image",
  fbp: "filtered back projection",
};

/** Algorithm, its parameters and what else BIDS has a field for. */
export function methodSettings(side: SideFile): ReconSettings {
  const { ReconMethodName: name, ReconMethodParameterLabels: labels, ReconMethodParameterValues: values } = side;
  const units = Array.isArray(side.ReconMethodParameterUnits) ? side.ReconMethodParameterUnits : [];
  const [, inList, plain = ""] = typeof name === "string" ? (/^(list-mode )?(.*)$/.exec(name) ?? []) : [];
  const method = `${algorithmWords[plain] ?? plain}${inList ? ", event by event" : ""}`;
  // FBP has neither.
  const named = plain !== "fbp" && Array.isArray(labels) && Array.isArray(values) ? labels : [];
  const told = named.map((label, i): [string, string] => {
    const value: unknown = (values as readonly unknown[])[i];
    const several = numbersIn(value);
    return [
      String(label),
      several
        ? `${Math.min(...several)} to ${Math.max(...several)}, by the counts of each frame`
        : `${String(value)}${units[i] === undefined || units[i] === "none" ? "" : ` ${String(units[i])}`}`,
    ];
  });
  const { ReconFilterType: filter, ReconFilterSize: size, Anatomy: anatomy, kernel } = side;
  return [
    ...(method === "" ? [] : [["algorithm", method] as const]),
    ...told,
    ...(typeof anatomy === "string" ? [["anatomy", anatomy] as const] : []),
    ...(filter === undefined || filter === "none"
      ? []
      : [["filter", `${String(filter)}, ${String(size)} mm full width at half maximum`] as const]),
    ...(typeof kernel === "string" ? [["projector", kernel] as const] : []),
  ];
}

export function notesIn({ notes }: SideFile): readonly string[] {
  return Array.isArray(notes) ? notes.filter((note) => typeof note === "string") : [];
}

export function findingsIn({ findings }: SideFile, wanted: Modality): readonly QcFinding[] {
  return Array.isArray(findings) ? findings.filter((given) => isFinding(given, wanted)) : [];
}

function isFinding(given: unknown, wanted: Modality): given is QcFinding {
  const { name, value, verdict, note, modality } = (given ?? {}) as SideFile;
  return (
    modality === wanted &&
    typeof name === "string" &&
    (typeof value === "number" || typeof value === "string") &&
    (verdict === "ok" || verdict === "warn" || verdict === "bad") &&
    typeof note === "string"
  );
}

/** A list of finite numbers; undefined where it is anything else. */
export function numbersIn(list: unknown): readonly number[] | undefined {
  return Array.isArray(list) && list.every((x) => typeof x === "number" && Number.isFinite(x))
    ? (list as readonly number[])
    : undefined;
}
