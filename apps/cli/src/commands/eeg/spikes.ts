import { findSpikes } from "@quintet/pipeline";
import { oneAndOut, positive } from "../../arguments.ts";
import type { Command } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";
import { recordingChoices, recordingOptions } from "./shared.ts";

export const eegSpikes: Command = {
  name: "eeg spikes",
  usage: "quintet eeg spikes RECORDING --out FOLDER [--threshold K] [--json]",
  summary: "Interictal spikes of an EEG: when, where, of which kinds, and their averages",
  description: `RECORDING is EDF, BDF, BrainVision, EEGLAB or FIF. Bad channels are left out, the rest referenced to their average. A spike is
where the envelope of 10 to 60 Hz exceeds K (mode + median) of its log-normal background in 5-s windows (Janca et al. 2015, K 3.65
for electrodes in the brain; on the scalp about 3 finds more, see docs/science/eeg-sources.md). Kinds are spikes whose maps at the peak are alike. A detector finds what
looks like a spike: nobody has read the EEG.
Written: NAME_desc-spikes_events.tsv, NAME_desc-spikes_kinds.tsv (averages in uV) and NAME_desc-spikes.json.
Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet eeg spikes sub-01_task-rest_eeg.edf --out spikes
Example: quintet eeg spikes night.vhdr --out spikes --threshold 5 --bad T7 --json`,
  options: {
    ...recordingOptions,
    threshold: { type: "string", value: "K", help: "Higher finds fewer (default 3.65)" },
    json: { type: "boolean", help: "One JSON object: {minutes, spikes, perMinute, bad[], kinds[], files[]}" },
  },
  async run(call) {
    const [recording, out] = oneAndOut(call, {
      command: "eeg spikes",
      what: "one recording",
      example: "RECORDING --out FOLDER",
    });
    const threshold = positive(call, "threshold");
    const json = call.flag("json");
    const found = await findSpikes(recording, out, {
      ...recordingChoices(call),
      ...(threshold === undefined ? {} : { threshold }),
      ...(json ? {} : { onProgress: progressLine() }),
    }).finally(endProgress);
    if (json) {
      process.stdout.write(`${JSON.stringify(found, null, 1)}\n`);
      return 0;
    }
    console.log(`${found.spikes} spikes in ${found.minutes.toFixed(1)} min, ${found.perMinute.toFixed(2)} per min`);
    for (const [k, { spikes, channel, amplitude, halfRise }] of found.kinds.entries())
      console.log(`  kind ${k + 1}: ${spikes}, ${amplitude.toFixed(1)} uV at ${channel}, half rise ${halfRise} ms`);
    if (found.bad.length > 0) console.log(`  left out: ${found.bad.join(", ")}`);
    for (const file of found.files) console.log(`  ${file}`);
    console.log(found.note);
    return 0;
  },
};
