import { extinctionTableNames, imageNirsFile } from "@quintet/pipeline";
import { oneAndOut, oneOf, positive } from "../../arguments.ts";
import { type Command, wholeNumber } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";

export const nirsImage: Command = {
  name: "nirs image",
  usage: "quintet nirs image RECORDING --out FOLDER [--head NAME] [--placed] [--photons N] [--duration S] [...]",
  summary: "Haemoglobin on the cortex by diffuse optical tomography",
  description: `RECORDING is SNIRF or .nirs. Each kind of event is fitted in every long pair as by nirs glm (short channels, autoregressive noise);
light is led through the segmented head, and both wavelengths together give HbO and HbR in the grey matter that the pairs see.
--head NAME is what leads the files of quintet mri head (heads/sub-01 of heads/sub-01_desc-head_dseg.nii.gz); without it a built-in
head stands for the person's, and the optodes are fitted to it by their fiducials.
Written: desc-EVENT_hbo and _hbr (mol/L), desc-sensitivity_dot, desc-localisation_dot and desc-fwhm_dot (mm) as NIfTI, a page with the
maps on the brain, and desc-dot.json with every pair's partial pathlength factors. quintet view shows the images.
Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet nirs image tapping.nirs --out dot --duration 10
Example: quintet nirs image sub-01_task-tap_nirs.snirf --head heads/sub-01 --out dot --photons 10000000 --json`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Where the results go" },
    head: {
      type: "string",
      value: "NAME",
      help: "What leads the files of quintet mri head; the built-in head without it",
    },
    placed: { type: "boolean", help: "The optodes are already in the world of the head's image: no fit" },
    photons: {
      type: "string",
      value: "N",
      help: "Monte Carlo with N photons an optode and wavelength; diffusion without it",
    },
    seed: { type: "string", value: "N", help: "Of the photons (default 1)" },
    tissue: {
      type: "string",
      value: "NAME",
      help: "Optical properties: eggebrecht (default, 735-865 nm) or strangman",
    },
    spacing: { type: "string", value: "MM", help: "Voxels light is led through (default 3)" },
    lambda1: { type: "string", value: "L", help: "Regularisation, share of the largest singular value (default 0.01)" },
    lambda2: { type: "string", value: "L", help: "Depth normalisation, share of the largest column (default 0.1)" },
    table: { type: "string", value: "NAME", help: "Extinction table: prahl (default), wray, moaveni, cope or matcher" },
    events: { type: "string", value: "F.tsv", help: "Events; without it those of the recording" },
    duration: { type: "string", value: "S", help: "Seconds, of events that have no duration" },
    short: { type: "string", value: "HOW", help: "mean (default), nearest, components or none" },
    coupling: { type: "string", value: "C", help: "Leave out pairs whose scalp coupling is below (default 0.5)" },
    json: { type: "boolean", help: "One JSON object: {head, light, pairs, conditions[], resolution, files[]}" },
  },
  async run(call) {
    const [recording, out] = oneAndOut(call, {
      command: "nirs image",
      what: "one recording",
      example: "RECORDING --out FOLDER",
    });
    const tissue = oneOf("tissue", call.text("tissue"), ["eggebrecht", "strangman"]);
    const table = oneOf("table", call.text("table"), extinctionTableNames);
    const short = oneOf("short", call.text("short"), ["mean", "nearest", "components", "none"]);
    const numbers = Object.fromEntries(
      (["spacing", "lambda1", "lambda2", "duration", "coupling"] as const).flatMap((name) => {
        const value = positive(call, name, name === "coupling");
        return value === undefined ? [] : [[name, value]];
      }),
    );
    const whole = Object.fromEntries(
      (["photons", "seed"] as const).flatMap((name) => {
        const text = call.text(name);
        return text === undefined ? [] : [[name, wholeNumber(name, text, 1, name === "photons" ? 1e8 : 1e6)]];
      }),
    );
    const [head, events] = [call.text("head"), call.text("events")];
    const json = call.flag("json");
    const imaged = await imageNirsFile(recording, out, {
      ...numbers,
      ...whole,
      placed: call.flag("placed"),
      ...(head === undefined ? {} : { head }),
      ...(events === undefined ? {} : { events }),
      ...(tissue === undefined ? {} : { tissue }),
      ...(table === undefined ? {} : { table }),
      ...(short === undefined ? {} : { short }),
      ...(json ? {} : { onProgress: progressLine() }),
    }).finally(endProgress);
    if (json) {
      process.stdout.write(`${JSON.stringify(imaged, null, 1)}\n`);
      return 0;
    }
    const { pairs, light, conditions, resolution, leftOut, files, note } = imaged;
    console.log(`${pairs} pairs, ${light}; ${imaged.head}; short channels: ${imaged.short}`);
    console.log(
      `  a point comes out ${resolution.localisation} mm off and ${resolution.fwhm} mm wide (medians over ${imaged.voxels} voxels)`,
    );
    for (const { name, events: n, peak } of conditions)
      console.log(
        `  ${name} (${n} events): HbO ${peak.hbo.toFixed(2)}, HbR ${peak.hbr.toFixed(2)} umol/L at ${peak.place.map((v) => v.toFixed(0)).join(", ")} mm`,
      );
    for (const { pair, why } of leftOut) console.log(`  left out ${pair}: ${why}`);
    for (const file of files) console.log(`  ${file}`);
    console.log(note);
    return 0;
  },
};
