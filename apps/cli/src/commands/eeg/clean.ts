import { type CleanEegOptions, type CleanedEegFile, cleanEegFile } from "@quintet/pipeline";
import { oneAndOut, oneOf, positive } from "../../arguments.ts";
import { type Call, type Command, UsageError, wholeNumber } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";

const labels = ["eye", "heart", "muscle"] as const;

export const eegClean: Command = {
  name: "eeg clean",
  usage: "quintet eeg clean RECORDING --out DIR [--volumes TYPE] [--slices N] [--reference average] [--json]",
  summary: "Clean an EEG: scanner and pulse artefacts, lines, filter, bad channels, components, reference",
  description: `RECORDING is EDF, BDF, BrainVision, EEGLAB or FIF. Where its events hold volume triggers (R128 and the like), the artefact
of the MR gradients is subtracted by templates aligned below a sample, and the pulse artefact where there is an ECG. Then:
lines of the mains fitted and subtracted, a zero-phase filter, bad channels by the rules of PREP with RANSAC, independent
components of which eye and heart are taken out by stated rules, bad channels made from the others where the file gives the
places of the electrodes, and the average reference. Nothing is filtered or averaged across a gap.

DIR gets the cleaned recording as BrainVision (NAME_desc-clean_eeg.vhdr, .vmrk, .eeg; float32), tables of channels and
components, NAME_desc-clean_qc.json with all findings, parameters and checksums, and a page, NAME_desc-clean_report.html.
Nothing is written when the recording is refused. Exit code: 0 done (whatever the findings), 1 refused, 2 wrong usage.

Example: quintet eeg clean sub-01_task-rest_eeg.vhdr --out clean --slices 30 --rate 250
Example: quintet eeg clean visit.edf --out clean --high-pass 1 --low-pass 40 --remove eye,heart,muscle`,
  options: {
    out: { type: "string", value: "DIR", help: "Folder for the results (made if it is not there)" },
    volumes: {
      type: "string",
      value: "TYPE",
      help: "Events that are the scanner's volumes (default: those named like one)",
    },
    "no-volumes": { type: "boolean", help: "No scanner was running, whatever the events are called" },
    slices: { type: "string", value: "N", help: "Excitations per volume (slices over the multiband factor)" },
    template: { type: "string", value: "KIND", help: "volume (default) or slice (FASTR; needs --slices)" },
    pulse: { type: "boolean", help: "Subtract the pulse artefact (default: with volumes and an ECG)" },
    "no-pulse": { type: "boolean", help: "Leave the pulse artefact" },
    rate: { type: "string", value: "HZ", help: "New sampling rate" },
    mains: { type: "string", value: "HZ", help: "Mains frequency (default 50 or 60, whichever stands out)" },
    "keep-lines": { type: "boolean", help: "Leave the lines of the mains" },
    "high-pass": { type: "string", value: "HZ", help: "Default 0.5; 0 for none" },
    "low-pass": { type: "string", value: "HZ", help: "Default none" },
    ica: { type: "string", value: "METHOD", help: "picard (default), infomax, fastica or none" },
    remove: { type: "string", value: "LIST", help: "Components taken out: of eye, heart, muscle (default eye,heart)" },
    seed: { type: "string", value: "N", help: "Of everything random (default 0): the same seed gives the same result" },
    reference: { type: "string", value: "NAME", help: "average (default), infinity, none, or electrodes: M1,M2" },
    interpolate: { type: "boolean", help: "Bad channels from the others; refused without places" },
    "no-interpolate": { type: "boolean", help: "Leave bad channels marked" },
    json: {
      type: "boolean",
      help: "One JSON object: {files[], steps[], findings[], channels[], components[], seconds}",
    },
  },
  async run(call) {
    const example = "RECORDING --out DIR";
    const [file, out] = oneAndOut(call, { command: "eeg clean", what: "one recording", example });
    const result = await cleanEegFile(file, out, { ...optionsOf(call), onProgress: progressLine() });
    endProgress();
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    else tell(result, out);
    return 0;
  },
};

function optionsOf(call: Call): CleanEegOptions {
  for (const [yes, no] of [
    ["pulse", "no-pulse"],
    ["interpolate", "no-interpolate"],
  ] as const)
    if (call.flag(yes) && call.flag(no)) throw new UsageError(`--${yes} and --${no} exclude each other`);
  const volumes = call.text("volumes");
  if (volumes !== undefined && call.flag("no-volumes"))
    throw new UsageError("--volumes and --no-volumes exclude each other");
  const [slices, seed, remove, reference] = [
    call.text("slices"),
    call.text("seed"),
    call.text("remove"),
    call.text("reference"),
  ];
  const template = oneOf("template", call.text("template"), ["volume", "slice"]);
  if (template === "slice" && slices === undefined) throw new UsageError("--template slice needs --slices");
  const ica = oneOf("ica", call.text("ica"), ["picard", "infomax", "fastica", "none"]);
  const number = (name: string, zero = false) => positive(call, name, zero);
  const given = {
    volumes: call.flag("no-volumes") ? (false as const) : volumes,
    slices: slices === undefined ? undefined : wholeNumber("slices", slices, 1),
    template,
    pulse: call.flag("pulse") ? true : call.flag("no-pulse") ? false : undefined,
    rate: number("rate"),
    mains: number("mains"),
    keepLines: call.flag("keep-lines") ? true : undefined,
    highPass: number("high-pass", true),
    lowPass: number("low-pass"),
    ica: ica === "none" ? (false as const) : ica,
    remove: remove === undefined ? undefined : remove.split(",").map((one) => oneOf("remove", one.trim(), labels)),
    seed: seed === undefined ? undefined : wholeNumber("seed", seed),
    reference: reference === undefined ? undefined : referenceOf(reference),
    interpolate: call.flag("interpolate") ? true : call.flag("no-interpolate") ? false : undefined,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function referenceOf(text: string): NonNullable<CleanEegOptions["reference"]> {
  if (text === "average" || text === "infinity" || text === "none") return text;
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  if (names.length > 0) return names;
  throw new UsageError("--reference takes average, infinity, none or names of electrodes");
}

function tell({ files, steps, findings, problems, seconds }: CleanedEegFile, out: string): void {
  for (const [i, step] of steps.entries()) console.log(`${i + 1}. ${step}`);
  const marks = { ok: "+", warn: "!", bad: "x" } as const;
  for (const { name, value, unit, verdict, note } of findings) {
    const shown = typeof value === "number" ? Number(value.toPrecision(5)) : value;
    console.log(
      `${marks[verdict]} ${name}: ${shown}${unit && unit !== "1" && unit !== "{count}" ? ` ${unit}` : ""} (${note})`,
    );
  }
  for (const problem of problems) console.log(`  ! ${problem}`);
  console.log(`${files.length} files in ${out}; ${files.at(-1)} shows them. ${seconds.toFixed(1)} s.`);
  console.log("Research use only: not a medical device.");
}
