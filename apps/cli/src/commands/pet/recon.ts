import { existsSync } from "node:fs";
import { type ActivityOptions, decayTimes, type ReconstructedPet, reconstructPetFile } from "@quintet/pipeline";
import { checkImageName, oneAndOut, oneOf, positive } from "../../arguments.ts";
import { type Call, type Command, UsageError, wholeNumber } from "../../command.ts";
import { findingLine } from "../../finding-line.ts";
import { interruption } from "../../interruption.ts";
import { endProgress, progressLine } from "../../progress-line.ts";
import { checkAlgorithmOptions, fileOrWord, iterationsOf, optionalFile } from "../../recon-arguments.ts";

const algorithms = ["mlem", "osem", "bsrem", "kernel-em"] as const;
const terms = {
  norm: "FILE.hs, file (what the PETSIRD file states), pairs (all detectors alike) or none",
  mumap:
    "IMAGE (1/cm at 511 keV, IMAGE.json beside it), ct:IMAGE (Hounsfield units) or none; in the scanner's coordinates",
  randoms: "FILE.hs, delayeds (of the list's delayed window) or none",
  scatter: "FILE.hs, estimate (from the image and the mu-map) or none",
} as const;
/** What stands for a term besides a file. */
const words: Readonly<Record<keyof typeof terms, readonly string[]>> = {
  norm: ["file", "pairs", "none"],
  mumap: ["none"],
  randoms: ["delayeds", "none"],
  scatter: ["estimate", "none"],
};

export const petRecon: Command = {
  name: "pet recon",
  usage:
    "quintet pet recon RAW --out IMAGE.nii.gz --norm FILE|file|pairs|none --mumap IMAGE|ct:IMAGE|none --randoms FILE|delayeds|none --scatter FILE|estimate|none",
  summary: "Make images from the raw counts of a PET scanner (PETSIRD list mode, Interfile sinograms)",
  description: `RAW is a PETSIRD file (single coincidences, list mode) or an Interfile header of prompt counts (.hs), as measured: nothing
subtracted, nothing corrected. The counts are explained by the model y = n a (A x) + r + s: detector efficiencies n,
attenuation a, randoms r and scatter s around the projections of the image x. Each of the four is named: a file, a way to
find it, or "none" where it is left out on purpose.

Algorithms: osem (default, fast); mlem (one subset, slow and sure); bsrem (with the relative difference prior, --strength, and
Bowsher's neighbours from --anatomy); kernel-em (guided by --anatomy). List mode is reconstructed event by event, with time of
flight where the events have it; --frames cuts it into a dynamic series. A head that moved: --motion takes every event back by a
tracker's pose (attenuation moves with the head), --align registers the frames of a series. IMAGE.json beside it tells every term,
the counts, each iteration and what was found, and has the fields of BIDS-PET; IMAGE.html shows it: cuts of the image, counts of each frame, count rates
and motion over time, the terms of the model, convergence.

From counts to activity: the image is in counts per mm of line until --calibration gives it the scanner's factor. To find that factor,
reconstruct a cylinder of known activity without --calibration and hold it against the dose calibrator: quintet pet qc prints it.
With it the image is in Bq/mL and corrected for decay, so that pet uptake (SUV), pet pvc and pet model take it. This needs
the radionuclide (--radionuclide, where RAW does not name it); --decay-to says to when: start of the scan (default; DICOM's
START), injection (ADMIN; needs --injection), or none (NONE). SUV needs --injection and --dose too. All of these may stand in one JSON of
BIDS-PET fields, --about; what is said twice must agree, and what is missing is refused, not guessed.

The image is written at the end, whole or not at all. A run that is stopped (Ctrl-C, a crash, no power) keeps its finished
iterations and frames in IMAGE.nii.gz.part: the same command goes on from there and ends with the same image (threads add in any order: 1e-5).
Exit code: 0 done, 1 refused, 2 wrong usage, 130 stopped.

Example: quintet pet recon brain.petsird --norm file --mumap mumap.nii.gz --randoms delayeds --scatter estimate --frames 6x10,4x60,5x300 --out brain.nii.gz
Example: quintet pet recon brain.petsird --norm file --mumap mumap.nii.gz --randoms delayeds --scatter estimate --motion track.tsv --out still.nii.gz
Example: quintet pet recon brain.hs --norm norm.hs --mumap mumap.nii.gz --randoms randoms.hs --scatter estimate --out brain.nii.gz
Example: quintet pet recon brain.petsird --norm file --mumap mumap.nii.gz --randoms delayeds --scatter estimate --frames 5x60,5x300 --calibration 5210 --radionuclide C11 --decay-to injection --injection -30 --dose 370 --out brain.nii.gz
Example: quintet pet recon phantom.hs --norm pairs --mumap none --randoms none --scatter none --algorithm mlem --iterations 30 --out phantom.nii.gz`,
  options: {
    out: { type: "string", value: "IMAGE.nii.gz", help: "Where the image goes" },
    norm: { type: "string", value: "FILE", help: `n: ${terms.norm}` },
    mumap: { type: "string", value: "IMAGE", help: `a: ${terms.mumap}` },
    randoms: { type: "string", value: "FILE", help: `r: expected counts, ${terms.randoms}` },
    scatter: { type: "string", value: "FILE", help: `s: expected counts, ${terms.scatter}` },
    algorithm: { type: "string", value: "NAME", help: `${algorithms.join(", ")} (default osem)` },
    iterations: { type: "string", value: "N", help: "Passes over all counts (default 4; mlem 30)" },
    subsets: {
      type: "string",
      value: "N",
      help: "Of a sinogram's views, a divisor of their number (default: the largest up to 21); of a list's events",
    },
    frames: {
      type: "string",
      value: "TIMES",
      help: "List mode: one image a span, in seconds: edges 0,60,120,300 or numbers times durations 6x10,4x60 from the start on",
    },
    strength: { type: "string", value: "BETA", help: "Of bsrem's prior, e.g. 0.005 to 0.05; 0 is none (default)" },
    anatomy: { type: "string", value: "IMAGE", help: "An MR in the scanner's space that guides bsrem or kernel-em" },
    "ct-kv": {
      type: "string",
      value: "KV",
      help: "Tube voltage of ct:IMAGE, 80 to 140 (default KVP of the JSON beside it)",
    },
    psf: {
      type: "string",
      value: "MM",
      help: "The scanner's point spread (FWHM) as part of the model: sharper, with an overshoot at edges (default: not modelled)",
    },
    voxel: { type: "string", value: "MM", help: "Edge of a voxel in the plane (default half a crystal)" },
    fov: { type: "string", value: "MM", help: "Edge of the image in the plane (default what the bins reach)" },
    motion: {
      type: "string",
      value: "TRACK.tsv",
      help: "List mode: the head's poses (time_s, x_mm, y_mm, z_mm, rx_deg, ry_deg, rz_deg); every event is taken back by its own",
    },
    align: {
      type: "string",
      value: "HOW",
      help: "Frames registered to the late ones: images (resampled once) or recon (a list again, the head where it was found)",
    },
    "align-from": { type: "string", value: "S", help: "When the late frames begin (default 300 s after the first)" },
    frame: { type: "string", value: "N", help: "Time frame of an Interfile sinogram, from 1 (default 1)" },
    window: {
      type: "string",
      value: "LOW-HIGH",
      help: "Energy window in keV for --scatter estimate (default what RAW states, else 430-610)",
    },
    resolution: {
      type: "string",
      value: "SHARE",
      help: "For it too: FWHM at 511 keV as a share of it (default what RAW states, else 0.12)",
    },
    calibration: {
      type: "string",
      value: "F",
      help: "Bq/mL for one unit of image a second, as quintet pet qc prints it: writes Bq/mL",
    },
    radionuclide: { type: "string", value: "F18", help: "Of the tracer (default what RAW or --about states)" },
    "decay-to": {
      type: "string",
      value: "TIME",
      help: "Each frame's mean corrected for decay to start, injection or none (default start with --calibration, else none)",
    },
    injection: {
      type: "string",
      value: "S",
      help: "Time of the injection in seconds after the start of the scan; negative before it",
    },
    dose: {
      type: "string",
      value: "MBQ",
      help: "Activity injected, at the injection, less what stayed in the syringe",
    },
    about: {
      type: "string",
      value: "FILE.json",
      help: "Fields of BIDS-PET (TracerName, InjectedRadioactivity, InjectionStart, ScanStart, TimeZero ...) for IMAGE.json",
    },
    json: {
      type: "boolean",
      help: "One JSON object: {path, from, shape, unit, decay?, frames[], findings[], notes[], resumed, seconds, peakMemory}",
    },
  },
  async run(call) {
    const example = "RAW --out IMAGE.nii.gz ...";
    const [raw, out] = oneAndOut(call, { command: "pet recon", what: "one raw file", example });
    checkImageName(out);
    const algorithm = oneOf("algorithm", call.text("algorithm") ?? "osem", algorithms);
    using stop = interruption(`Stopped. What is finished is kept in ${out}.part: the same command goes on from there.`);
    checkAlgorithmOptions(call, algorithm);
    const optional = {
      strength: positive(call, "strength", true),
      psf: positive(call, "psf"),
      kilovolts: positive(call, "ct-kv"),
      voxel: positive(call, "voxel"),
      fieldOfView: positive(call, "fov"),
      ...activityOptions(call),
      anatomy: optionalFile(call, "anatomy"),
      frames: framesOf(call.text("frames")),
      align: alignment(call),
      alignFrom: positive(call, "align-from", true),
      motion: optionalFile(call, "motion"),
    };
    const subsets = call.text("subsets");
    const result = await reconstructPetFile(raw, out, {
      normalisation: fileOrWord(call, terms, "norm", words.norm),
      attenuation: fileOrWord(call, terms, "mumap", words.mumap, "ct:"),
      randoms: fileOrWord(call, terms, "randoms", words.randoms),
      scatter: fileOrWord(call, terms, "scatter", words.scatter),
      algorithm,
      iterations: iterationsOf(call, algorithm),
      ...(subsets === undefined ? {} : { subsets: wholeNumber("subsets", subsets, 1, 10_000) }),
      window: windowOf(call),
      ...(call.text("frame") === undefined
        ? {}
        : { frame: wholeNumber("frame", call.text("frame") ?? "1", 1, 10_000) }),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      signal: stop.signal,
      onProgress: progressLine("notes"),
    });
    endProgress();
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    else tell(result);
    return 0;
  },
};

/** @throws UsageError */
function activityOptions(call: Call): ActivityOptions {
  const [decayTo, injection] = [oneOf("decay-to", call.text("decay-to"), decayTimes), call.text("injection")];
  if (injection !== undefined && (injection.trim() === "" || !Number.isFinite(Number(injection))))
    throw new UsageError(`--injection takes seconds after the start of the scan, not "${injection}"`);
  const about = call.text("about");
  if (about !== undefined && !existsSync(about))
    throw new UsageError(`--about takes a JSON; there is no file "${about}"`);
  const given = {
    calibration: positive(call, "calibration"),
    radionuclide: call.text("radionuclide"),
    decayTo,
    injection: injection === undefined ? undefined : Number(injection),
    dose: positive(call, "dose"),
    about,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function windowOf(call: Call): { low?: number; high?: number; resolution?: number } {
  const [text, resolution] = [call.text("window"), positive(call, "resolution")];
  const share = resolution === undefined ? {} : { resolution };
  if (text === undefined) return share;
  const [, low, high] = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (low === undefined || high === undefined || !(Number(low) < 511 && Number(high) > 511))
    throw new UsageError(`--window takes two energies in keV as LOW-HIGH, 511 between them, not "${text}"`);
  return { low: Number(low), high: Number(high), ...share };
}

function alignment(call: Call): "images" | "recon" | undefined {
  const how = call.text("align");
  if (how === undefined) {
    if (call.text("align-from") !== undefined) throw new UsageError("--align-from belongs to --align images|recon");
    return undefined;
  }
  if (call.text("motion") !== undefined) throw new UsageError("--motion and --align exclude each other");
  if (how === "images" || how === "recon") return how;
  throw new UsageError(`--align takes images or recon, not "${how}"`);
}

/** "0,60,120": edges of touching spans; "6x10,4x60": six spans of 10 s and four of 60 s, from 0 on. */
export function framesOf(text: string | undefined): readonly { start: number; duration: number }[] | undefined {
  if (text === undefined) return undefined;
  const refuse = (): never => {
    throw new UsageError(
      `--frames takes rising times in seconds (0,60,120) or numbers times durations (6x10,4x60), not "${text}"`,
    );
  };
  const parts = text.split(",").map((part) => part.trim());
  if (parts.some((part) => part.includes("x"))) {
    const frames: { start: number; duration: number }[] = [];
    for (const part of parts) {
      const [, count = "", seconds = ""] = /^(\d{1,4})x(\d+(?:\.\d+)?)$/.exec(part) ?? [];
      if (!(Number(count) > 0 && Number(seconds) > 0)) return refuse();
      for (let i = 0; i < Number(count); i++) {
        const last = frames.at(-1);
        frames.push({ start: last ? last.start + last.duration : 0, duration: Number(seconds) });
      }
    }
    return frames;
  }
  const edges = parts.map((part) => (/^\d+(\.\d+)?$/.test(part) ? Number(part) : Number.NaN));
  if (edges.length < 2 || !edges.every((edge, i) => (i === 0 ? edge >= 0 : edge > (edges[i - 1] as number))))
    return refuse();
  return edges.slice(1).map((edge, i) => ({ start: edges[i] as number, duration: edge - (edges[i] as number) }));
}

function tell(result: ReconstructedPet): void {
  const { path, shape, spacing, unit, decay, kernel, frames, findings, notes, resumed, seconds, peakMemory } = result;
  const many = frames.length > 1 ? `, ${frames.length} frames` : "";
  console.log(
    `${path}\n  ${shape.join(" x ")}, ${spacing.map((mm) => Number(mm.toFixed(3))).join(" x ")} mm${many}, ${unit}`,
  );
  console.log(
    decay
      ? `  corrected for decay of ${decay.radionuclide} to the ${decay.to === "start" ? "start of the scan" : "injection"}`
      : "  not corrected for decay",
  );
  console.log(`  from ${result.from}; projector: ${kernel}`);
  if (resumed.frames + resumed.iterations > 0)
    console.log(
      `  gone on from ${resumed.frames} frames and ${resumed.iterations} iterations of a run that was stopped`,
    );
  for (const finding of findings) console.log(findingLine(finding));
  for (const note of notes) console.log(`  ! ${note}`);
  console.log(`Done in ${seconds.toFixed(1)} s with ${peakMemory} MB. Research use only: not a medical device.`);
}
