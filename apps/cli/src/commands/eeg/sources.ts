import { locateSources, sourceMethods } from "@quintet/pipeline";
import { oneAndOut, oneOf, positive } from "../../arguments.ts";
import { type Call, type Command, UsageError } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";
import { point, recordingChoices, recordingOptions } from "./shared.ts";

export const eegSources: Command = {
  name: "eeg sources",
  usage:
    "quintet eeg sources RECORDING --electrodes FILE --out FOLDER [--head PREFIX] [--cortex PREFIX] [--event TYPE] [--map IMAGE] [--json]",
  summary: "Where spikes or evoked potentials come from: an image, a dipole with its error, with and without a map",
  description: `Averages the largest kind of spikes (quintet eeg spikes), or the events of --event, and seeks the sources of the map at the
spike's half rise, at the largest field after the event, or at --at.
--head PREFIX takes the surfaces that "quintet mri head" wrote (PREFIX_desc-{innerskull,outerskull,scalp}_surf.gii): boundary elements,
electrodes fitted to the scalp. Without it four spheres are fitted to the electrodes.
--cortex PREFIX besides seeks them on the mid-grey cortex of the same command (PREFIX_hemi-{L,R}_midthickness.surf.gii), moments
mostly across it; the volume is written all the same.
Methods: sloreta (default; no localisation bias for one source), eloreta, dspm, minimum-norm, lcmv. The dipole's ellipsoid holds the
place in 95 of 100 cases if there is one source and the model is right.
--map IMAGE (PET, SPECT, BOLD or DOT in the T1's world) makes sources likelier where it is high (--towards low: where it is low).
The result is always shown with and without it, with the logarithm of the Bayes factor: below 0 the EEG does not bear the map out.
Written: NAME_desc-METHOD_sources.nii.gz, with a cortex NAME_desc-METHOD_hemi-{L,R}_sources.shape.gii, with a map NAME_desc-{without,with}_sources.nii.gz, NAME_desc-sources.json.
Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet eeg sources sub-01_eeg.edf --electrodes sub-01_electrodes.tsv --head heads/sub-01_T1w --out sources
Example: quintet eeg sources sub-01_eeg.edf --electrodes sub-01_electrodes.tsv --head heads/sub-01_T1w --map sub-01_siscom.nii.gz --out sources`,
  options: {
    ...recordingOptions,
    electrodes: {
      type: "string",
      value: "FILE",
      help: "electrodes.tsv, its coordsystem.json beside it (default: the recording's own places)",
    },
    head: { type: "string", value: "PREFIX", help: "What leads the names of the surfaces of quintet mri head" },
    cortex: { type: "string", value: "PREFIX", help: "What leads the names of the cortex's surfaces" },
    placed: { type: "boolean", help: "The electrodes are in the T1's world already: no fit to the scalp" },
    event: { type: "string", value: "TYPE", help: "Average these events instead of spikes" },
    events: { type: "string", value: "FILE", help: "events.tsv (default: the recording's own)" },
    at: { type: "string", value: "S", help: "Seconds from the spike's peak or the event" },
    method: { type: "string", value: "NAME", help: sourceMethods.join(", ") },
    snr: { type: "string", value: "N", help: "Amplitude signal to noise of the average (default 3)" },
    spacing: { type: "string", value: "MM", help: "Between sources (default 10)" },
    conductivities: { type: "string", value: "A,B,C", help: "S/m of brain, skull and scalp (default 0.3,0.006,0.3)" },
    map: { type: "string", value: "IMAGE", help: "Where sources are likelier" },
    towards: { type: "string", value: "high|low", help: "Which values of the map (default high)" },
    "map-threshold": { type: "string", value: "V", help: "Likely at it and beyond (default: rising from the median)" },
    json: {
      type: "boolean",
      help: "One JSON object: {of, epochs, head, time, method, peak, dipole, cortex?, map?, files[]}",
    },
  },
  async run(call) {
    const [recording, out] = oneAndOut(call, {
      command: "eeg sources",
      what: "one recording",
      example: "RECORDING --electrodes FILE --out FOLDER",
    });
    const json = call.flag("json");
    const [snr, spacing, at, threshold] = [
      positive(call, "snr"),
      positive(call, "spacing"),
      number(call, "at"),
      number(call, "map-threshold"),
    ];
    const conductivities = three(call);
    const found = await locateSources(recording, out, {
      ...recordingChoices(call),
      ...texts(call, "electrodes", "head", "cortex", "event", "events", "map"),
      placed: call.flag("placed"),
      method: oneOf("method", call.text("method") ?? "sloreta", sourceMethods),
      towards: oneOf("towards", call.text("towards") ?? "high", ["high", "low"]),
      ...(snr === undefined ? {} : { snr }),
      ...(spacing === undefined ? {} : { spacing }),
      ...(at === undefined ? {} : { at }),
      ...(threshold === undefined ? {} : { threshold }),
      ...(conductivities === undefined ? {} : { conductivities }),
      ...(json ? {} : { onProgress: progressLine() }),
    }).finally(endProgress);
    if (json) {
      process.stdout.write(`${JSON.stringify(found, null, 1)}\n`);
      return 0;
    }
    const { peak, dipole, map } = found;
    console.log(
      `${found.of}: ${found.epochs} averaged, ${found.channels} channels, ${(1000 * found.time).toFixed(0)} ms`,
    );
    console.log(`  ${found.head}; ${found.sources} sources`);
    console.log(
      `  ${found.method}: largest at ${point(peak.place)} mm (${peak.value.toPrecision(3)}${peak.unit === "1" ? "" : ` ${peak.unit}`})`,
    );
    console.log(
      `  dipole: ${point(dipole.position)} mm, ${(100 * dipole.goodness).toFixed(1)} % explained; 95 % ellipsoid ${dipole.axes.map((a) => a.toFixed(1)).join(" x ")} mm, ${dipole.volume.toFixed(2)} mL`,
    );
    if (found.cortex)
      console.log(`  on the cortex: largest at ${point(found.cortex.place)} mm, of ${found.cortex.sources} sources`);
    if (map)
      console.log(
        `  map: ln Bayes factor ${map.logBayesFactor.toFixed(2)} (${map.logBayesFactor < 0 ? "not borne out" : map.logBayesFactor > 3 ? "borne out strongly" : "borne out weakly"}); largest without it at ${point(map.without)}, with it at ${point(map.with)} mm`,
      );
    for (const file of found.files) console.log(`  ${file}`);
    console.log(found.note);
    return 0;
  },
};

function texts(call: Call, ...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = call.text(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** @throws UsageError */
function number(call: Call, name: string): number | undefined {
  const text = call.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new UsageError(`--${name} takes a number, not "${text}"`);
}

/** @throws UsageError */
function three(call: Call): readonly [number, number, number] | undefined {
  const text = call.text("conductivities");
  if (text === undefined) return undefined;
  const values = text.split(",").map(Number);
  if (values.length === 3 && values.every((v) => v > 0 && Number.isFinite(v)))
    return values as [number, number, number];
  throw new UsageError(`--conductivities takes three numbers above 0, for instance 0.3,0.006,0.3, not "${text}"`);
}
