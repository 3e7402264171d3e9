import { type ReconstructedSpect, reconstructSpectFile, spectNuclides } from "@quintet/pipeline";
import { checkImageName, oneAndOut, oneOf, positive, term } from "../../arguments.ts";
import { type Command, UsageError, wholeNumber } from "../../command.ts";
import { findingLine } from "../../finding-line.ts";
import { interruption } from "../../interruption.ts";
import { endProgress, progressLine } from "../../progress-line.ts";
import { checkAlgorithmOptions, fileOrWord, iterationsOf, optionalFile } from "../../recon-arguments.ts";

const algorithms = ["osem", "mlem", "bsrem", "kernel-em", "fbp"] as const;
const terms = {
  nuclide: spectNuclides.join(" or "),
  collimator:
    "a name (siemens-lehr, ge-infinia-lehr; fan beams prism-lehr-fan, prism-leuhr-fan, ge-millennium-leuhr-fan), hole=MM,septum=MM,length=MM (and focus=MM of a fan beam), SLOPE,SIGMA0 in mm per mm and mm, or none",
  mumap:
    "IMAGE (1/cm, IMAGE.json beside it states its energy) or ct:IMAGE (Hounsfield units), both in the scanner's coordinates, outline (water in each row's ellipse) or none",
  scatter: "tew (with --lower, --upper), dew (with --lower) or none",
} as const;

export const spectRecon: Command = {
  name: "spect recon",
  usage:
    "quintet spect recon RAW --out IMAGE.nii.gz --nuclide Tc99m|I123 --collimator NAME|hole=..,septum=..,length=..|SLOPE,SIGMA0|none --mumap IMAGE|ct:IMAGE|outline|none --scatter tew|dew|none",
  summary: "Make an image from a gamma camera's projections (Interfile, DICOM NM)",
  description: `RAW is an Interfile header of projections (.hs) or a DICOM NM file of a turning camera, as measured: nothing subtracted, nothing
corrected. Of several energy windows in one NM file it is the one with the nuclide's photons; FILE#N names another. The counts are explained by
y = f (A x) + s: the camera's projections A x of the image with the collimator's response by depth and with attenuation, decay
and uniformity f, and scatter s. Each of the four terms is named: a file, a way to find it, or "none" where it is left out on purpose.

A map for --mumap lies in the scanner's coordinates, those that the image gets: mm to the patient's right, to the front and up, from the
axis of rotation and the middle of the rows. One of an MR or CT is brought there first, by registering it to an image made without it.
It must hold what gives the counts: how much of their outline it covers is a finding, less than half is refused.

Algorithms: osem (default); mlem (one subset, slow and sure); bsrem (with the relative difference prior, --strength, and Bowsher's
neighbours from --anatomy); kernel-em (guided by --anatomy); fbp (a control: of the terms it takes the axis alone, and records no other). The stated direction of
rotation is held against the counts: a reversed flag is refused, and so are missing orbit radii and views without counts. The image
is in counts per mm of line. IMAGE.json beside it tells every term, the counts, each iteration and what
was found, IMAGE.html shows how it was reconstructed, sinogram, counts and centres of the views, and cuts of the image.

--replicates N reconstructs N more scans as this one might have come out another time (Poisson counts about what the image makes the camera expect,
scatter estimated anew from windows with noise of their own) into IMAGE_replicates.nii.gz: whatever is measured in the image has the spread of
the same measured in them as its standard error (quintet spect sbr --replicates). N of them know it to 1 / sqrt(2 (N - 1)): 30 to 13 %.

The image is written at the end, whole or not at all. A run that is stopped (Ctrl-C, a crash, no power) keeps its finished
iterations in IMAGE.nii.gz.part: the same command goes on from there and ends with the same image.
Exit code: 0 done, 1 refused, 2 wrong usage, 130 stopped.

Example: quintet spect recon ictal.hs --nuclide Tc99m --collimator siemens-lehr --mumap outline --scatter tew --lower low.hs --upper high.hs --out ictal.nii.gz
Example: quintet spect recon input.hs --nuclide Tc99m --collimator 0.0163,1.466 --mumap none --scatter none --algorithm mlem --iterations 20 --out brain.nii.gz`,
  options: {
    out: { type: "string", value: "IMAGE.nii.gz", help: "Where the image goes" },
    nuclide: { type: "string", value: "NAME", help: `Whose photons: ${terms.nuclide}` },
    collimator: { type: "string", value: "NAME", help: `Response by depth: ${terms.collimator}` },
    mumap: { type: "string", value: "IMAGE", help: `Attenuation: ${terms.mumap}` },
    scatter: { type: "string", value: "HOW", help: `s: ${terms.scatter}` },
    lower: { type: "string", value: "FILE", help: "The same views in a window below the photopeak" },
    upper: {
      type: "string",
      value: "FILE",
      help: "The same views in a window above it (tew; default: no counts there)",
    },
    above: {
      type: "string",
      value: "FILE",
      help: "After a PET tracer in the same visit: the same views in a window above the peak, for photons scattered down from 511 keV",
    },
    centre: { type: "string", value: "HOW", help: "Axis of rotation: find, millimetres or none (default none)" },
    decay: { type: "boolean", help: "Decay while the camera turned is a term (the header states times)" },
    flood: {
      type: "string",
      value: "FILE",
      help: "One view of a uniform source: what each pixel counts (default none)",
    },
    algorithm: { type: "string", value: "NAME", help: `${algorithms.join(", ")} (default osem)` },
    iterations: { type: "string", value: "N", help: "Passes over all counts (default 4; mlem 30; not of fbp)" },
    subsets: {
      type: "string",
      value: "N",
      help: "Of osem, bsrem and kernel-em: a divisor of the views (default: the largest up to 12)",
    },
    strength: { type: "string", value: "BETA", help: "Of bsrem's prior, e.g. 0.005 to 0.1; 0 is none (default)" },
    filter: { type: "string", value: "MM", help: "Gaussian after reconstruction, FWHM (default none)" },
    replicates: {
      type: "string",
      value: "N",
      help: "Replicates of the scan for standard errors, 10 to 200 (default none)",
    },
    seed: { type: "string", value: "N", help: "Of the replicates' noise (default 1)" },
    anatomy: { type: "string", value: "IMAGE", help: "An MR in the scanner's space that guides bsrem or kernel-em" },
    "trust-direction": {
      type: "boolean",
      help: "Take the header's direction of rotation without looking at the counts",
    },
    json: {
      type: "boolean",
      help: "One JSON object: {path, shape, unit, iterations[], counts, scatter, findings[], notes[], replicates: {path, count, seed, dispersion}, resumed, seconds, peakMemory}",
    },
  },
  async run(call) {
    const example = "RAW --out IMAGE.nii.gz ...";
    const [raw, out] = oneAndOut(call, { command: "spect recon", what: "one raw file", example });
    checkImageName(out);
    const algorithm = oneOf("algorithm", call.text("algorithm") ?? "osem", algorithms);
    const nuclide = oneOf("nuclide", term(call, terms, "nuclide"), spectNuclides);
    const scatter = oneOf("scatter", term(call, terms, "scatter"), ["tew", "dew", "none"] as const);
    const [lower, upper] = ["lower", "upper"].map((name) => optionalFile(call, name));
    const subsets = call.text("subsets");
    if (scatter !== "none" && lower === undefined) throw new UsageError(`--scatter ${scatter} needs --lower FILE`);
    checkAlgorithmOptions(call, algorithm);
    const optional = { lower, upper, above: optionalFile(call, "above"), anatomy: optionalFile(call, "anatomy") };
    const strength = positive(call, "strength", true);
    const flood = call.text("flood");
    const [filter, replicates, seed] = [positive(call, "filter"), call.text("replicates"), call.text("seed")];
    if (replicates !== undefined && algorithm === "fbp")
      throw new UsageError("--replicates are drawn about what a modelled image expects: not with --algorithm fbp");
    using stop = interruption(`Stopped. What is finished is kept in ${out}.part: the same command goes on from there.`);
    const result = await reconstructSpectFile(raw, out, {
      nuclide,
      scatter,
      algorithm,
      collimator: term(call, terms, "collimator"),
      attenuation: fileOrWord(call, terms, "mumap", ["outline", "none"], "ct:"),
      centre: call.text("centre") ?? "none",
      decay: call.flag("decay"),
      flood: flood === "none" ? flood : (optionalFile(call, "flood") ?? "none"),
      iterations: iterationsOf(call, algorithm),
      ...(subsets === undefined ? {} : { subsets: wholeNumber("subsets", subsets, 1, 10_000) }),
      ...(strength === undefined ? {} : { strength }),
      ...(filter === undefined ? {} : { filter }),
      ...(replicates === undefined ? {} : { replicates: wholeNumber("replicates", replicates, 10, 200) }),
      ...(seed === undefined ? {} : { seed: wholeNumber("seed", seed, 0, 2 ** 32 - 1) }),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      checkDirection: !call.flag("trust-direction"),
      signal: stop.signal,
      onProgress: progressLine("notes"),
    });
    endProgress();
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    else tell(result);
    return 0;
  },
};

function tell(result: ReconstructedSpect): void {
  const { path, shape, spacing, unit, kernel, findings, notes, resumed, seconds, peakMemory } = result;
  console.log(`${path}\n  ${shape.join(" x ")}, ${spacing.map((mm) => Number(mm.toFixed(3))).join(" x ")} mm, ${unit}`);
  console.log(`  projector: ${kernel}`);
  if (resumed > 0) console.log(`  gone on from ${resumed} iterations of a run that was stopped`);
  for (const finding of findings) console.log(findingLine(finding));
  for (const note of notes) console.log(`  ! ${note}`);
  if (result.replicates) {
    const { path: where, count, dispersion } = result.replicates;
    console.log(
      `  ${count} replicates in ${where}; counts scatter by ${dispersion.toFixed(2)} times what Poisson counts do`,
    );
  }
  console.log(`Done in ${seconds.toFixed(1)} s with ${peakMemory} MB. Research use only: not a medical device.`);
}
