import { type ReconstructedFile, type ReconstructFileOptions, reconstructFile } from "@quintet/pipeline";
import { type Call, type Command, UsageError, wholeNumber } from "../../command.ts";

const methods = ["auto", "fft", "grappa", "sense", "espirit", "cs"] as const;
const combinations = ["sos", "walsh", "espirit"] as const;
const partials = ["pocs", "homodyne", "zero"] as const;

export const mriRecon: Command = {
  name: "mri recon",
  usage: "quintet mri recon RAW --out IMAGE.nii.gz [--method NAME] [--combine NAME] [--partial NAME] [--json]",
  summary: "Make images from the raw readouts of an MRI scanner (MRD, Siemens twix)",
  description: `RAW is an MRD (ISMRMRD) file (.h5, .mrd) or a Siemens twix file (.dat). What the header and the measured lines ask for
is done: whitening by noise readouts, ramp samples, reversed lines and their ghost, averages, oversampling, missing lines,
partial Fourier, coils. The image is a magnitude in the scanner's space; IMAGE.json beside it tells what was done and found.
Several echoes, sets or orientations become several images (IMAGE_echo-2.nii.gz).

Methods: auto (what the measured lines ask for); fft (what is missing stays 0); grappa; sense (Walsh's sensitivities);
espirit (ESPIRiT's); cs (ESPIRiT's with a wavelet prior, for lines left out at random).
Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet mri recon meas.dat --out bold.nii.gz
Example: quintet mri recon phantom.h5 --out phantom.nii.gz --method grappa --combine walsh --json`,
  options: {
    out: { type: "string", value: "IMAGE.nii.gz", help: "Where the image goes" },
    method: { type: "string", value: "NAME", help: `${methods.join(", ")} (default auto)` },
    combine: {
      type: "string",
      value: "NAME",
      help: "Coils after fft and grappa: sos (root sum of squares, default), walsh, espirit",
    },
    partial: { type: "string", value: "NAME", help: "Lines left out on one side: pocs (default), homodyne, zero" },
    measurement: { type: "string", value: "N", help: "Of a twix file with several, from 1 (default the last)" },
    json: {
      type: "boolean",
      help: "One JSON object: {images[{path, shape, method, quality, steps}], problems[], seconds}",
    },
  },
  async run(call) {
    const [raw, ...more] = call.positionals;
    const out = call.text("out");
    if (raw === undefined || out === undefined || more.length > 0)
      throw new UsageError("mri recon takes one raw file and --out: quintet mri recon RAW --out IMAGE.nii.gz");
    if (!/\.nii(\.gz)?$/i.test(out))
      throw new UsageError(`--out takes a name that ends in .nii or .nii.gz, not "${out}"`);
    const measurement = call.text("measurement");
    const options: ReconstructFileOptions = {
      method: oneOf(call, "method", methods, "auto"),
      combine: oneOf(call, "combine", combinations, "sos"),
      partial: oneOf(call, "partial", partials, "pocs"),
      ...(measurement === undefined ? {} : { measurement: wholeNumber("measurement", measurement, 1, 64) - 1 }),
      onProgress: progress(),
    };
    const result = await reconstructFile(raw, out, options);
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    else tell(result);
    return 0;
  },
};

function oneOf<T extends string>(call: Call, option: string, names: readonly T[], otherwise: T): T {
  const asked = call.text(option);
  if (asked === undefined) return otherwise;
  const found = names.find((name) => name === asked);
  if (found === undefined) throw new UsageError(`--${option} takes one of ${names.join(", ")}, not "${asked}"`);
  return found;
}

/** A line that is written over on a terminal; nothing elsewhere. */
function progress(): (share: number, note: string) => void {
  let told = 0;
  return (share, note) => {
    const now = performance.now();
    if (!process.stderr.isTTY || now - told < 200) return;
    told = now;
    process.stderr.write(`\r\x1b[K  ${Math.round(100 * share)} % ${note}`);
  };
}

function tell({ images, coils, problems, seconds }: ReconstructedFile): void {
  for (const { path, shape, spacing, steps, quality } of images) {
    console.log(
      `${path}\n  ${shape.join(" x ")}, ${spacing.map((mm) => Number(mm.toFixed(3))).join(" x ")} mm, ${coils} coils`,
    );
    for (const step of steps) console.log(`  - ${step}`);
    const { signalToNoise, ghostRatio, missingLines, noiseFrom } = quality;
    const found = [
      signalToNoise === undefined ? "" : `signal to noise ${signalToNoise.toFixed(1)} (${noiseFrom})`,
      ghostRatio === undefined ? "" : `ghost ${(100 * ghostRatio).toFixed(2)} % of the signal`,
      missingLines > 0 ? `${missingLines} lines missing` : "",
    ].filter(Boolean);
    if (found.length > 0) console.log(`  ${found.join("; ")}`);
  }
  for (const problem of problems) console.log(`  ! ${problem}`);
  console.log(`Done in ${seconds.toFixed(1)} s. Research use only: not a medical device.`);
}
