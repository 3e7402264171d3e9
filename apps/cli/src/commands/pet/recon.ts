import { type ReconstructedPet, reconstructPetFile } from "@quintet/pipeline";
import { type Call, type Command, UsageError, wholeNumber } from "../../command.ts";
import { interruption } from "../../interruption.ts";

const algorithms = ["mlem", "osem", "bsrem", "kernel-em"] as const;
const terms = {
  norm: "FILE.hs, pairs (all detectors alike) or none",
  mumap: "IMAGE (1/cm at 511 keV, IMAGE.json beside it) or none",
  randoms: "FILE.hs or none",
  scatter: "FILE.hs, estimate (from the image and the mu-map) or none",
} as const;

export const petRecon: Command = {
  name: "pet recon",
  usage:
    "quintet pet recon RAW.hs --out IMAGE.nii.gz --norm FILE|pairs|none --mumap IMAGE|none --randoms FILE|none --scatter FILE|estimate|none",
  summary: "Make an image from the raw counts of a PET scanner (Interfile sinograms)",
  description: `RAW.hs is an Interfile header of prompt counts as measured: nothing subtracted, nothing corrected. The counts are
explained by the model y = n a (A x) + r + s: detector efficiencies n, attenuation a, randoms r and scatter s around the
projections of the image x. Each of the four is named: a file, or "none" where it is left out on purpose.

Algorithms: osem (default, fast); mlem (one subset, slow and sure); bsrem (with the relative difference prior, --strength, and
Bowsher's neighbours from --anatomy); kernel-em (guided by --anatomy). The image is in counts per mm of line until it is
calibrated. IMAGE.json beside it tells every term, the counts, each iteration and what was found.
Stopped by Ctrl-C nothing is written. Exit code: 0 done, 1 refused, 2 wrong usage, 130 stopped.

Example: quintet pet recon brain.hs --norm norm.hs --mumap mumap.nii.gz --randoms randoms.hs --scatter estimate --out brain.nii.gz
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
      help: "Of views, a divisor of their number (default: the largest up to 21)",
    },
    strength: { type: "string", value: "BETA", help: "Of bsrem's prior, e.g. 0.005 to 0.05; 0 is none (default)" },
    anatomy: { type: "string", value: "IMAGE", help: "An MR in the scanner's space that guides bsrem or kernel-em" },
    voxel: { type: "string", value: "MM", help: "Edge of a voxel in the plane (default half a crystal)" },
    fov: { type: "string", value: "MM", help: "Edge of the image in the plane (default what the bins reach)" },
    frame: { type: "string", value: "N", help: "Time frame of the file, from 1 (default 1)" },
    window: {
      type: "string",
      value: "LOW-HIGH",
      help: "Energy window in keV for --scatter estimate (default 430-610)",
    },
    resolution: { type: "string", value: "SHARE", help: "Energy resolution, FWHM at 511 keV (default 0.12)" },
    calibration: { type: "string", value: "F", help: "Bq/mL for one unit of image a second: writes Bq/mL" },
    json: {
      type: "boolean",
      help: "One JSON object: {path, shape, unit, iterations[], findings[], notes[], seconds, peakMemory}",
    },
  },
  async run(call) {
    const [raw, ...more] = call.positionals;
    const out = call.text("out");
    if (raw === undefined || out === undefined || more.length > 0)
      throw new UsageError("pet recon takes one raw file and --out: quintet pet recon RAW.hs --out IMAGE.nii.gz ...");
    if (!/\.nii(\.gz)?$/i.test(out))
      throw new UsageError(`--out takes a name that ends in .nii or .nii.gz, not "${out}"`);
    const asked = call.text("algorithm") ?? "osem";
    const algorithm = algorithms.find((name) => name === asked);
    if (algorithm === undefined)
      throw new UsageError(`--algorithm takes one of ${algorithms.join(", ")}, not "${asked}"`);
    using stop = interruption("Stopped. Nothing was written.");
    const optional = {
      strength: positive(call, "strength", true),
      voxel: positive(call, "voxel"),
      fieldOfView: positive(call, "fov"),
      calibration: positive(call, "calibration"),
      anatomy: call.text("anatomy"),
    };
    const subsets = call.text("subsets");
    const result = await reconstructPetFile(raw, out, {
      normalisation: term(call, "norm"),
      attenuation: term(call, "mumap"),
      randoms: term(call, "randoms"),
      scatter: term(call, "scatter"),
      algorithm,
      iterations: wholeNumber("iterations", call.text("iterations") ?? (algorithm === "mlem" ? "30" : "4"), 1, 1000),
      ...(subsets === undefined ? {} : { subsets: wholeNumber("subsets", subsets, 1, 10_000) }),
      window: windowOf(call),
      frame: wholeNumber("frame", call.text("frame") ?? "1", 1, 10_000),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      signal: stop.signal,
      onProgress: progress(),
    });
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    else tell(result);
    return 0;
  },
};

/** A term that nobody spoke of is an error, not a default. */
function term(call: Call, name: keyof typeof terms): string {
  const value = call.text(name);
  if (value !== undefined && value !== "") return value;
  throw new UsageError(`the model needs a word about --${name}: ${terms[name]}`);
}

function positive(call: Call, name: string, zero = false): number | undefined {
  const text = call.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && (value > 0 || (zero && value === 0)) && Number.isFinite(value)) return value;
  throw new UsageError(`--${name} takes a number ${zero ? "of 0 and more" : "above 0"}, not "${text}"`);
}

function windowOf(call: Call): { low: number; high: number; resolution: number } {
  const text = call.text("window") ?? "430-610";
  const [, low, high] = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (low === undefined || high === undefined)
    throw new UsageError(`--window takes two energies in keV as LOW-HIGH, not "${text}"`);
  return { low: Number(low), high: Number(high), resolution: positive(call, "resolution") ?? 0.12 };
}

/** A line that is written over on a terminal; elsewhere one line a stage. */
function progress(): (share: number, note: string) => void {
  let [told, last] = [0, ""];
  return (share, note) => {
    const now = performance.now();
    if (!process.stderr.isTTY) {
      if (note !== last) process.stderr.write(`${Math.round(100 * share)} % ${note}\n`);
      last = note;
      return;
    }
    if (now - told < 200) return;
    told = now;
    process.stderr.write(`\r\x1b[K  ${Math.round(100 * share)} % ${note}`);
  };
}

function tell({
  path,
  shape,
  spacing,
  unit,
  kernel,
  findings,
  scatterScale,
  notes,
  seconds,
  peakMemory,
}: ReconstructedPet): void {
  console.log(`${path}\n  ${shape.join(" x ")}, ${spacing.map((mm) => Number(mm.toFixed(3))).join(" x ")} mm, ${unit}`);
  console.log(`  projector: ${kernel}`);
  for (const { name, value, unit: of, verdict, note } of findings) {
    const figure = typeof value === "number" ? Number(value.toPrecision(4)) : value;
    console.log(
      `  ${verdict === "ok" ? "-" : "!"} ${name} ${figure}${of === "1" || of === "{count}" ? "" : ` ${of}`} (${note})`,
    );
  }
  if (scatterScale)
    console.log(
      `  - scatter scaled by ${scatterScale.value.toFixed(3)} ± ${scatterScale.error.toFixed(3)} to fit the tails`,
    );
  for (const note of notes) console.log(`  ! ${note}`);
  console.log(`Done in ${seconds.toFixed(1)} s with ${peakMemory} MB. Research use only: not a medical device.`);
}
