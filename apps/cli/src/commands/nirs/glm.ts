import { extinctionTableNames, fitNirsFile } from "@quintet/pipeline";
import { oneAndOut, oneOf, positive } from "../../arguments.ts";
import { type Command, UsageError } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";

export const nirsGlm: Command = {
  name: "nirs glm",
  usage: "quintet nirs glm RECORDING --out FOLDER (--ppf F | --age YEARS) [--events F.tsv] [--duration S] [...]",
  summary: "Responses of every fNIRS channel by a linear model with autoregressive noise",
  description: `RECORDING is SNIRF, .nirs or a folder of NIRx NIRStar. Light becomes optical density, pairs loose from the scalp are left out, the rest becomes HbO and HbR, and
each pair more than 15 mm apart is fitted: canonical response of each kind of event, short channels, slow cosines, and noise that
is autoregressive with heavy tails (AR-IRLS). Nothing is low-passed before. The size of a concentration hangs on the pathlength
factor, so it is asked for: --ppf 6 as MNE and Homer2 take it, or --age for the differential pathlength of that age.
--response fir gives the response of each pair bin by bin with an F test; --contrast "left - right" compares kinds of events (spaces about
the sign; "0.5*a + 0.5*b" weighs, "a, b" is an F test of both). Written: NAME_desc-glm_channels.tsv (beta and standard error in umol/L), tables of contrasts and free
responses, NAME_desc-glm.json, and NAME_desc-glm_report.html: responses, effects, quality of the pairs, and all ways to repair motion
compared on this run.
Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet nirs glm tapping.nirs --out glm --ppf 6 --duration 10
Example: quintet nirs glm sub-01_task-tap_nirs.snirf --out glm --age 31 --short components --json`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Where the results go" },
    ppf: { type: "string", value: "F", help: "Pathlength factor for all wavelengths" },
    age: {
      type: "string",
      value: "YEARS",
      help: "Differential pathlength factor of this age (Scholkmann & Wolf 2013)",
    },
    table: { type: "string", value: "NAME", help: "Extinction table: prahl (default), wray, moaveni, cope or matcher" },
    events: { type: "string", value: "F.tsv", help: "Events; without it those of the recording" },
    duration: { type: "string", value: "S", help: "Seconds, of events that have no duration" },
    short: { type: "string", value: "HOW", help: "mean (default), nearest, components, tcca or none" },
    response: {
      type: "string",
      value: "FORM",
      help: "canonical (default), glover, gamma, or free: fir, gaussians",
    },
    contrast: { type: "string", multiple: true, value: "C", help: 'Weights of kinds of events, e.g. "left - right"' },
    derivatives: { type: "string", value: "WHICH", help: "none (default), time or time-dispersion" },
    "high-pass": { type: "string", value: "S", help: "Longest period kept, seconds (default 128)" },
    coupling: { type: "string", value: "C", help: "Leave out pairs whose scalp coupling is below (default 0.5)" },
    repair: {
      type: "string",
      value: "HOW",
      help: "Repair motion first: tddr, wavelet, spline, spline-sg, tpca, cbsi or none (default)",
    },
    farthest: { type: "string", value: "MM", help: "Leave out pairs farther apart (default 60)" },
    "no-page": { type: "boolean", help: "Write no page" },
    json: { type: "boolean", help: "One JSON object: {pairs, leftOut[], conditions[], short, pathlength, files[]}" },
  },
  async run(call) {
    const [recording, out] = oneAndOut(call, {
      command: "nirs glm",
      what: "one recording",
      example: "RECORDING --out FOLDER --ppf 6",
    });
    const [ppf, age] = [positive(call, "ppf"), positive(call, "age")];
    if ((ppf === undefined) === (age === undefined))
      throw new UsageError(
        "nirs glm takes either --ppf F or --age YEARS: concentrations hang on the pathlength factor",
      );
    const table = oneOf("table", call.text("table"), extinctionTableNames);
    const short = oneOf("short", call.text("short"), ["mean", "nearest", "components", "tcca", "none"]);
    const derivatives = oneOf("derivatives", call.text("derivatives"), ["none", "time", "time-dispersion"]);
    const [events, duration] = [call.text("events"), positive(call, "duration")];
    const [highPass, coupling] = [positive(call, "high-pass"), positive(call, "coupling", true)];
    const repair = oneOf("repair", call.text("repair"), [
      "none",
      "tddr",
      "wavelet",
      "spline",
      "spline-sg",
      "tpca",
      "cbsi",
    ]);
    const response = oneOf("response", call.text("response"), ["canonical", "glover", "gamma", "fir", "gaussians"]);
    const farthest = positive(call, "farthest");
    const json = call.flag("json");
    const fitted = await fitNirsFile(recording, out, {
      light: {
        pathlength: age === undefined ? { ppf: ppf as number } : { age },
        ...(table === undefined ? {} : { table }),
      },
      page: !call.flag("no-page"),
      contrasts: call.texts("contrast").map(contrastOf),
      ...(repair === undefined ? {} : { repair }),
      ...(response === undefined ? {} : { response }),
      ...(farthest === undefined ? {} : { farthest }),
      ...(short === undefined ? {} : { short }),
      ...(derivatives === undefined ? {} : { derivatives }),
      ...(events === undefined ? {} : { events }),
      ...(duration === undefined ? {} : { duration }),
      ...(highPass === undefined ? {} : { highPass }),
      ...(coupling === undefined ? {} : { coupling }),
      ...(json ? {} : { onProgress: progressLine() }),
    }).finally(endProgress);
    if (json) {
      process.stdout.write(`${JSON.stringify(fitted, null, 1)}\n`);
      return 0;
    }
    const { pairs, leftOut, conditions, pathlength, files, note } = fitted;
    console.log(
      `${pairs.long} long pairs fitted, ${pairs.short} short, ${pathlength}, short channels: ${fitted.short}`,
    );
    for (const { name, events: n, inflation, found } of conditions) {
      const where =
        found.length > 0 ? `${found.length} pairs at a false discovery rate of 5 %: ${found.join(", ")}` : "none";
      console.log(`  ${name} (${n} events, variance inflation ${inflation}): ${where}`);
    }
    for (const { pair, why } of leftOut) console.log(`  left out ${pair}: ${why}`);
    for (const file of files) console.log(`  ${file}`);
    console.log(note);
    return 0;
  },
};

/** "left - right", "0.5*a + 0.5*b - c", "a, b": rows between commas, weights before an asterisk. @throws UsageError */
function contrastOf(text: string): {
  readonly name: string;
  readonly rows: readonly Readonly<Record<string, number>>[];
} {
  const rows = text.split(",").map((row) => {
    const weights: Record<string, number> = {};
    for (const [, sign = "", term = ""] of ` + ${row.trim()}`
      .replace(/ \+ - /, " - ")
      .matchAll(/ ([+-]) (.*?)(?= [+-] |$)/g)) {
      const [, weight, name = ""] = /^(?:([\d.]+)\s*\*\s*)?(.+)$/.exec(term.trim()) ?? [];
      weights[name] = (weights[name] ?? 0) + (sign === "-" ? -1 : 1) * Number(weight ?? 1);
    }
    return weights;
  });
  if (
    rows.every(
      (row) =>
        Object.keys(row).length > 0 && Object.entries(row).every(([name, w]) => name !== "" && Number.isFinite(w)),
    )
  )
    return { name: text.trim(), rows };
  throw new UsageError(`--contrast takes weights of kinds of events, "left - right", not "${text}"`);
}
