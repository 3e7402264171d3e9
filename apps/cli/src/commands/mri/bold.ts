import { readFileSync } from "node:fs";
import type { Point } from "@quintet/core";
import type { ContrastOf } from "@quintet/modalities/mri";
import { type AnalyseBoldFileOptions, type AnalysedBold, analyseBoldFile } from "@quintet/pipeline";
import { oneAndOut } from "../../arguments.ts";
import { type Call, type Command, UsageError } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";

export const mriBold: Command = {
  name: "mri bold",
  usage: "quintet mri bold BOLD.nii.gz --out DIR [--events EVENTS.tsv] [--t1 T1.nii.gz] [--contrast A-B] [--json]",
  summary: "Make activation or resting-state maps from a BOLD series (fMRI)",
  description: `BOLD.nii.gz is a 4D image. What its side file (BOLD.json) says of repetition time, slice times and phase encoding is used.
Head motion is found and taken out, slices are brought to one moment, quality is measured. Then, with events (EVENTS.tsv with
onset, duration and trial_type, or the _events.tsv beside the image): smoothing and a general linear model with the
canonical response, its time derivative, the six motions and slow drifts; signal change in %, z, and clusters at a false
discovery rate of 5 %. Without events: ALFF, fALFF and ReHo. Distortion is not corrected; what could correct it is named.

DIR gets BIDS derivatives: desc-preproc_bold, desc-confounds_timeseries.tsv (framewise displacement, DVARS, motion), maps
(statmap, boldmap) with their units, desc-clusters_peaks.tsv, desc-qc_bold.json and desc-provenance_bold.json.
Nothing is written when the series is refused. Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet mri bold sub-01_task-motor_bold.nii.gz --out derivatives --t1 sub-01_T1w.nii.gz
Example: quintet mri bold rest.nii.gz --out rest --tr 2 --no-events --seed 0,-52,26 --t1 t1.nii.gz`,
  options: {
    out: { type: "string", value: "DIR", help: "Folder for the derivatives (made if it is not there)" },
    events: { type: "string", value: "FILE", help: "Table of events (default: the _events.tsv beside the image)" },
    "no-events": { type: "boolean", help: "Take the run for a resting state even if events lie beside it" },
    t1: { type: "string", value: "FILE", help: "T1 of the same head: peaks are then told in its mm" },
    atlas: { type: "string", value: "FILE", help: "Labels in the T1's space: peaks get the name of their region" },
    tr: { type: "string", value: "SECONDS", help: "Repetition time, instead of what the files say" },
    "slice-times": {
      type: "string",
      value: "LIST|FILE",
      help: "Seconds after the start of the volume for each slice: 0,1,0.5 or a text file",
    },
    contrast: {
      type: "string",
      multiple: true,
      value: "A-B",
      help: "Event types to compare, or one alone (repeat for more; default: each, and each pair's difference)",
    },
    fwhm: { type: "string", value: "MM", help: "Smoothing (default 6; 0 for none)" },
    seed: {
      type: "string",
      value: "X,Y,Z",
      help: "Correlate with a sphere of 6 mm here (mm of the T1 if given, else of BOLD)",
    },
    json: { type: "boolean", help: "One JSON object: {files[], qc[], contrasts[], clusters[], warnings[], seconds}" },
  },
  async run(call) {
    const example = "BOLD.nii.gz --out DIR";
    const [file, out] = oneAndOut(call, { command: "mri bold", what: "one BOLD image", example });
    const result = await analyseBoldFile(file, out, { ...optionsOf(call), onProgress: progressLine() });
    endProgress();
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    else tell(result, out);
    return 0;
  },
};

function optionsOf(call: Call): AnalyseBoldFileOptions {
  const [t1, atlas, events] = [call.text("t1"), call.text("atlas"), call.text("events")];
  if (call.flag("no-events") && events !== undefined)
    throw new UsageError("--no-events and --events exclude each other");
  const [tr, fwhm, seed, slices] = [call.text("tr"), call.text("fwhm"), call.text("seed"), call.text("slice-times")];
  const contrasts = call.texts("contrast").map(contrastOf);
  return {
    ...(t1 === undefined ? {} : { t1 }),
    ...(atlas === undefined ? {} : { atlas }),
    ...(call.flag("no-events") ? { events: false as const } : events === undefined ? {} : { events }),
    ...(tr === undefined ? {} : { repetitionTime: decimal("tr", tr) }),
    ...(fwhm === undefined ? {} : { fwhm: decimal("fwhm", fwhm) }),
    ...(seed === undefined ? {} : { seed: pointOf(seed) }),
    ...(slices === undefined ? {} : { sliceTimes: sliceTimesOf(slices) }),
    ...(contrasts.length === 0 ? {} : { contrasts }),
  };
}

function decimal(option: string, text: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new UsageError(`--${option} takes a number, not "${text}"`);
}

function pointOf(text: string): Point {
  const [x, y, z, ...more] = text.split(",").map((part) => decimal("seed", part));
  if (x === undefined || y === undefined || z === undefined || more.length > 0)
    throw new UsageError(`--seed takes three numbers in mm, X,Y,Z, not "${text}"`);
  return [x, y, z];
}

/** A list of numbers, or a text file of them. */
function sliceTimesOf(text: string): readonly number[] {
  const list = /^[\d.,\s+-]+$/.test(text) ? text : readFileSync(text, "utf8");
  return list
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map((part) => decimal("slice-times", part));
}

/** "faces-houses" or "faces"; a type with a hyphen of its own is written with blanks about the minus: "a-b - c". */
function contrastOf(text: string): ContrastOf {
  const parts = text.includes(" - ") ? text.split(" - ") : text.split("-");
  const [one, other, ...more] = parts.map((part) => part.trim());
  if (!one || other === "" || more.length > 0 || one === other)
    throw new UsageError(`--contrast takes one type of event or two with a minus between, not "${text}"`);
  return other === undefined
    ? { name: one, weights: { [one]: 1 } }
    : { name: `${one} - ${other}`, weights: { [one]: 1, [other]: -1 } };
}

function tell(
  { files, volumes, repetitionTime, qc, contrasts, clusters, warnings, seconds }: AnalysedBold,
  out: string,
): void {
  console.log(`${volumes} volumes, one every ${repetitionTime} s; ${files.length} files in ${out}`);
  const marks = { ok: "+", warn: "!", bad: "x" } as const;
  for (const { name, value, unit, verdict, note } of qc)
    console.log(`${marks[verdict]} ${name}: ${value}${unit && unit !== "1" ? ` ${unit}` : ""} (${note})`);
  for (const { name, threshold, significantMl } of contrasts) {
    const words =
      threshold === undefined
        ? "nothing significant"
        : `${significantMl.toFixed(1)} mL from |z| = ${threshold.toFixed(2)} on`;
    console.log(`\n${name}: ${words} (false discovery rate 5 %)`);
    for (const one of clusters.filter(({ contrast }) => contrast === name).slice(0, 5)) {
      const place = (one.peakT1 ?? one.peak).map((mm) => mm.toFixed(0)).join(", ");
      const where = `${one.peakT1 ? "T1" : "BOLD"} ${place} mm${one.region ? `, ${one.region}` : ""}`;
      console.log(
        `  z ${one.peakZ.toFixed(1)}, ${one.peakPercent.toFixed(2)} %, ${one.volumeMl.toFixed(1)} mL, peak at ${where}`,
      );
    }
  }
  for (const warning of warnings) console.log(`  ! ${warning}`);
  console.log(`Done in ${seconds.toFixed(1)} s. Research use only: not a medical device.`);
}
