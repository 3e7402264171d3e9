/** The measure table as BIDS-style text: sub-XX_measures.tsv and the JSON that says what its columns are. */
import type { Measure } from "@quintet/core";

const columns = [
  "region",
  "side",
  "modality",
  "measure",
  "value",
  "unit",
  "standard_error",
  "ci95_low",
  "ci95_high",
  "n",
  "z",
  "w",
  "method",
  "sources",
] as const;

export const measureColumns: Readonly<Record<(typeof columns)[number], string>> = {
  region: "Sublobar region, channel or whole brain",
  side: "left, right or midline; the patient's own left and right",
  modality: "mri, pet, spect, fnirs or eeg",
  measure: "Name of the measure",
  value: "The value in `unit`; n/a when it could not be had",
  unit: "Unit of value, standard error and interval",
  standard_error: "Standard error of the value, as `method` says it was found",
  ci95_low: "Lower end of the 95 % confidence interval",
  ci95_high: "Upper end of the 95 % confidence interval",
  n: "Voxels, epochs or trials behind the value",
  z: "Distance from the normative table in its prediction SD, for age and sex; n/a without a table",
  w: "The same for age, sex and intracranial volume: of MRI volumes; n/a for others and without a table",
  method: "Formula or method and its source",
  sources: "Files it came from, relative to the data set",
};

/** Tab and line breaks would break the table; they become spaces. */
function cell(value: string | number | undefined): string {
  if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) return "n/a";
  if (typeof value === "number") return String(Number(value.toPrecision(7)));
  return value.replace(/[\t\r\n]+/g, " ") || "n/a";
}

export function measuresTsv(measures: readonly Measure[]): string {
  const rows = measures.map((m) =>
    [
      m.region,
      m.side,
      m.modality,
      m.measure,
      m.value,
      m.unit,
      m.standardError,
      m.interval?.[0],
      m.interval?.[1],
      m.n,
      m.z,
      m.w,
      m.method,
      m.sources.join(" "),
    ]
      .map(cell)
      .join("\t"),
  );
  return `${[columns.join("\t"), ...rows].join("\n")}\n`;
}

export function measuresJson(): string {
  return `${JSON.stringify(Object.fromEntries(columns.map((c) => [c, { Description: measureColumns[c] }])), null, 2)}\n`;
}
