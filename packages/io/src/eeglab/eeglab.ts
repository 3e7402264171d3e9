import type { Channel, Event, Montage, Segment } from "@quintet/core";
import { DataError } from "@quintet/core";
import { readMat } from "../mat/mat.ts";
import { type MatValue, matField, matLength, matNumber, matNumbers, matText } from "../mat/mat-value.ts";
import { kindOfName, kindOfType } from "../signal/channel-kind.ts";
import { markNonFinite } from "../signal/finite.ts";
import { recordingClock, type SignalFile } from "../signal/signal-file.ts";
import { eeglabCuts, eeglabEvents } from "./eeglab-events.ts";
import { eeglabMontage } from "./eeglab-positions.ts";

/** The fields of EEG, from a struct or from variables at the top of the file. */
export function eeglabStruct(variables: ReadonlyMap<string, MatValue>, file: string): MatValue {
  const wrapped = variables.get("EEG");
  if (wrapped?.kind === "struct" && matLength(wrapped) === 1) return wrapped;
  if (variables.has("srate") && variables.has("data")) {
    return { kind: "struct", shape: [1, 1], fields: new Map([...variables].map(([name, value]) => [name, [value]])) };
  }
  throw new DataError("not-eeglab", "no EEGLAB data set", {
    file,
    expected: "a struct EEG, or srate, nbchan, pnts, data",
    found: [...variables.keys()].slice(0, 6).join(", "),
  });
}

/** Name of the .fdt file that holds the samples, when they are not in the .set itself. */
export function eeglabDataFile(eeg: MatValue): string | undefined {
  const name =
    matText(matField(eeg, "data")) ??
    (matLength(matField(eeg, "data")) === 0 ? matText(matField(eeg, "datfile")) : undefined);
  return name === undefined || name === "" ? undefined : (name.split(/[\\/]/).at(-1) ?? name);
}

/**
 * Reads an EEGLAB data set. Samples are microvolts, channel-fastest, inline or in the .fdt (float32, little-endian).
 * A "boundary" event is where data were cut out: a new segment begins there, later by what was cut when the event
 * says how much. Epochs become segments.
 *
 * @param fdt bytes of the file that `eeglabDataFile` names
 * @throws DataError `not-eeglab`, `bad-header`, `truncated`, `missing-file`
 */
export function eeglabFromMat(
  variables: ReadonlyMap<string, MatValue>,
  { file, fdt }: { readonly file: string; readonly fdt?: Uint8Array },
): SignalFile {
  const eeg = eeglabStruct(variables, file);
  const problems: string[] = [];
  const count = (field: string): number => {
    const value = matNumber(matField(eeg, field));
    if (value === undefined || !Number.isInteger(value) || value < 1) {
      throw new DataError("bad-header", `EEG.${field}`, {
        file,
        expected: "a whole number above 0",
        found: `${value}`,
      });
    }
    return value;
  };
  const [channels, points] = [count("nbchan"), count("pnts")];
  const trials = matLength(matField(eeg, "trials")) === 0 ? 1 : count("trials");
  const rate = matNumber(matField(eeg, "srate"));
  if (!(rate !== undefined && rate > 0 && Number.isFinite(rate))) {
    throw new DataError("bad-header", "EEG.srate", { file, expected: "> 0 Hz", found: `${rate}` });
  }
  const total = channels * points * trials;
  const samples = sampleReader(eeg, fdt, total, file);
  const firstTime = matNumber(matField(eeg, "xmin")) ?? 0;
  const cuts = eeglabCuts(matField(eeg, "event"), { points, trials, rate, firstTime }, problems);
  const segments = cuts.map(({ first, end, start }): Segment => {
    const n = end - first;
    const data = new Float32Array(n * channels);
    for (let s = 0; s < n; s++)
      for (let c = 0; c < channels; c++) data[c * n + s] = samples((first + s) * channels + c) * 1e-6;
    return { start, data };
  });
  const list: Event[] = eeglabEvents(matField(eeg, "event"), cuts, rate);
  const chanlocs = matField(eeg, "chanlocs");
  const named = channelsOf(chanlocs, channels, problems);
  const montage: Montage | undefined = eeglabMontage(
    chanlocs,
    matField(matField(eeg, "chaninfo"), "nodatchans"),
    problems,
  );
  const reference = matText(matField(eeg, "ref"));
  const group = markNonFinite({ rate, channels: named, segments }, problems);
  return {
    recording: {
      clock: recordingClock,
      groups: [group],
      notes: { unit: "microvolt, as EEGLAB defines", ...(reference ? { reference } : {}) },
    },
    events: { clock: recordingClock, list },
    ...(montage === undefined ? {} : { montage }),
    identity: ["setname", "subject", "comments", "filepath", "history", "datfile"]
      .filter((field) => (matText(matField(eeg, field)) ?? "").trim() !== "")
      .map((field) => `EEG.${field}`),
    problems,
  };
}

/** The same from the bytes of a .set (MAT-file version 5 to 7) and, where it names one, its .fdt. */
export function readEeglab(set: Uint8Array, options: { readonly file: string; readonly fdt?: Uint8Array }): SignalFile {
  return eeglabFromMat(readMat(set, { file: options.file }), options);
}

function sampleReader(
  eeg: MatValue,
  fdt: Uint8Array | undefined,
  total: number,
  file: string,
): (index: number) => number {
  const name = eeglabDataFile(eeg);
  if (name === undefined) {
    const inline = matNumbers(matField(eeg, "data"));
    if (inline === undefined || inline.length !== total) {
      throw new DataError("truncated", "EEG.data", {
        file,
        expected: `${total} samples`,
        found: `${inline?.length ?? 0}`,
      });
    }
    return (index) => inline[index] as number;
  }
  if (fdt === undefined)
    throw new DataError("missing-file", "the samples lie in another file", { file, expected: name });
  if (fdt.length !== total * 4) {
    throw new DataError("truncated", `the size of ${name}`, {
      file,
      expected: `${total * 4} bytes (float32, nbchan x pnts x trials)`,
      found: `${fdt.length}`,
    });
  }
  const view = new DataView(fdt.buffer, fdt.byteOffset, fdt.byteLength);
  return (index) => view.getFloat32(index * 4, true);
}

function channelsOf(chanlocs: MatValue | undefined, count: number, problems: string[]): Channel[] {
  const described = matLength(chanlocs);
  if (described !== count) problems.push(`chanlocs describes ${described} of ${count} channels`);
  return Array.from({ length: count }, (_, i) => {
    const label = described === count ? (matText(matField(chanlocs, "labels", i)) ?? "").trim() : "";
    const name = label === "" ? `E${i + 1}` : label;
    const kind = kindOfType(matText(matField(chanlocs, "type", i)) ?? "") ?? kindOfName(name, "V");
    return { name, kind, unit: "V", sensors: kind === "eeg" ? [name] : [] };
  });
}
