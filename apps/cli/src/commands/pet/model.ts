import { kineticModelNames, type ModelCurvesOptions, type ModelledCurves, modelCurves } from "@quintet/pipeline";
import { oneOf } from "../../arguments.ts";
import { type Call, type Command, UsageError } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";
import { bloodOption, fitOptions, given, inputOptions, kineticChoices, namesOf, numberOr } from "./kinetic-options.ts";

export const petModel: Command = {
  name: "pet model",
  usage: "quintet pet model TACS --model NAME (--reference REGION | --input BLOOD) --out FOLDER",
  summary: "Kinetic parameters of regions from their curves: binding, distribution volume, rates, each with its error",
  description: `TACS is a table of regional time-activity curves: *_tacs.tsv (BIDS derivative of PETPrep, with its .json), .tac (PMOD)
or .dft (Turku). Written are a table (.tsv), the same with the choices made (.json), and one page (.html) with every curve,
its fit and its residuals. Curves whose JSON says that they are not corrected for decay are corrected with the radionuclide
stated (or --radionuclide), or refused. A parameter that the data do not determine has no number, and the note says why.

With a reference region (no blood needed): srtm, srtm2, mrtm1, mrtm2, reference-logan, reference-patlak.
With blood (--input): 1tcm, 2tcm, 2tcm-irreversible, logan, ma1, patlak.
New to it? A receptor tracer with a region without receptors: srtm. FDG with blood: patlak. Else with blood: 2tcm and logan.
Units: rates 1/min, K1 and Ki mL/cm3/min, VT mL/cm3; errors are standard errors. Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet pet model sub-01_tacs.tsv --model srtm --reference Left-Cerebellum-Cortex --out kinetics
Example: quintet pet model sub-01_tacs.tsv --model logan --input sub-01_recording-manual_blood.tsv --t-star 30 --out kinetics`,
  options: {
    model: { type: "string", value: "NAME", help: kineticModelNames.join(", ") },
    reference: {
      type: "string",
      multiple: true,
      value: "REGION",
      help: "Reference region; several (or /part/ of names) are taken together",
    },
    ...bloodOption,
    regions: {
      type: "string",
      multiple: true,
      value: "REGION",
      help: "Only these regions, or /part/ of names (default all)",
    },
    ...fitOptions,
    "blood-volume": {
      type: "string",
      value: "SHARE",
      help: "fit, or 0 to 1 (default fit for compartments, 0 for plots)",
    },
    ...inputOptions,
    out: { type: "string", value: "FOLDER", help: "Where table, JSON and page go" },
    json: {
      type: "boolean",
      help: "One JSON object: {model, reference, k2prime, choices[], regions[{region, estimates[], flags[]}], files, seconds}",
    },
  },
  async run(call) {
    const [path, ...more] = call.positionals;
    const [out, model] = [call.text("out"), oneOf("model", call.text("model"), kineticModelNames)];
    if (path === undefined || more.length > 0 || out === undefined || model === undefined)
      throw new UsageError(
        "pet model takes one table of curves, --model and --out: quintet pet model TACS --model srtm --reference REGION --out FOLDER",
      );
    const result = await modelCurves(path, out, { model, ...optionsOf(call), onProgress: progressLine() });
    endProgress();
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    else tell(result);
    return 0;
  },
};

function optionsOf(call: Call): Omit<ModelCurvesOptions, "model"> {
  return {
    ...kineticChoices(call),
    ...given("reference", namesOf(call, "reference")),
    ...given("regions", namesOf(call, "regions")),
    ...given("bloodVolume", numberOr(call, "blood-volume", "fit")),
  };
}

function tell({ choices, regions, files, seconds }: ModelledCurves): void {
  for (const choice of choices) console.log(choice);
  const names = [...new Set(regions.flatMap(({ estimates }) => estimates.map(({ name }) => name)))];
  const width = Math.max(6, ...regions.map(({ region }) => region.length));
  console.log(`\n${"region".padEnd(width)}  ${names.map((name) => name.padStart(18)).join("")}`);
  for (const { region, estimates, flags } of regions) {
    const cells = names.map((name) => {
      const { value, standardError } = estimates.find((estimate) => estimate.name === name) ?? {};
      if (value === undefined || standardError === undefined) return "–".padStart(18);
      const places = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(standardError))));
      return `${value.toFixed(places)} ± ${standardError.toFixed(places)}`.padStart(18);
    });
    console.log(`${region.padEnd(width)}  ${cells.join("")}${flags.length > 0 ? `  ! ${flags.join("; ")}` : ""}`);
  }
  console.log(`\n${regions.length} regions in ${seconds} s: ${files.table}\nCurves, fits and residuals: ${files.page}`);
}
