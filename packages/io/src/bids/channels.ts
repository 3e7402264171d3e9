/** channels.tsv of EEG and NIRS: what each channel measures, in which unit, and whether it is good. */
import { type Channel, type ChannelKind, type Recording, type SignalUnit, siFactor } from "@quintet/core";
import { cell, numberCell, readTsv, requireColumns, writeTsv } from "./tsv.ts";

export interface DescribedChannel extends Channel {
  /** BIDS channel type as written. */
  readonly type: string;
  /** Unit as written, and the factor from it to `unit`; undefined when the unit was not understood. */
  readonly unitInFile: string;
  readonly factor?: number;
  /** Hertz, where the table gives it. */
  readonly rate?: number;
}

const kinds: Readonly<Record<string, ChannelKind>> = {
  EEG: "eeg",
  EOG: "eog",
  HEOG: "eog",
  VEOG: "eog",
  ECG: "ecg",
  EMG: "emg",
  SEEG: "seeg",
  ECOG: "ecog",
  MEGMAG: "meg",
  MEGGRADAXIAL: "meg",
  MEGGRADPLANAR: "meg",
  TRIG: "trigger",
  RESP: "resp",
  PPG: "pulse",
  GSR: "gsr",
  TEMP: "temperature",
  ACCEL: "accel",
  GYRO: "gyro",
  NIRSCWAMPLITUDE: "nirs-intensity",
  NIRSCWOPTICALDENSITY: "nirs-od",
  NIRSCWHBO: "hbo",
  NIRSCWHBR: "hbr",
};

/** The SI base unit of a kind, as text in a file and as our unit. */
const bases: readonly (readonly [text: string, unit: SignalUnit])[] = [
  ["V", "V"],
  ["T", "T"],
  ["mol/L", "mol/L"],
  ["M", "mol/L"],
  ["m/s^2", "m/s2"],
  ["rad/s", "rad/s"],
  ["S", "S"],
  ["Pa", "Pa"],
  ["K", "K"],
];
const plain: Readonly<Record<string, SignalUnit>> = {
  unitless: "1",
  "1": "1",
  "°C": "Cel",
  oC: "Cel",
  Cel: "Cel",
};

function unitOf(text: string | undefined, kind: ChannelKind): { unit: SignalUnit; factor?: number } {
  if (kind === "nirs-intensity") return { unit: "{intensity}", factor: 1 };
  if (kind === "nirs-od") return { unit: "{od}", factor: 1 };
  if (kind === "trigger") return { unit: "1", factor: 1 };
  const known = text === undefined ? undefined : plain[text];
  if (known !== undefined) return { unit: known, factor: 1 };
  for (const [base, unit] of bases) {
    const factor = text === undefined ? undefined : siFactor(text.replace(/^micro/, "u"), base);
    if (factor !== undefined) return { unit, factor };
  }
  return { unit: "{arbitrary}" };
}

/**
 * Channels of a BIDS table. NIRS: `sensors` is [source, detector] and `wavelength` the nominal one in nm.
 * An unknown type becomes `misc`, an unknown unit `{arbitrary}` without factor; both are kept as written.
 *
 * @throws DataError `missing-column`, `not-a-number` and those of `readTsv`
 */
export function readChannelsTsv(text: string, { file }: { readonly file: string }): readonly DescribedChannel[] {
  const table = readTsv(text, file);
  requireColumns(table, ["name", "type", "units"]);
  return table.rows.map((_, row) => {
    const name = cell(table, row, "name") ?? "";
    const type = cell(table, row, "type") ?? "MISC";
    const kind = kinds[type.toUpperCase()] ?? "misc";
    const unitInFile = cell(table, row, "units") ?? "n/a";
    const pair = [cell(table, row, "source"), cell(table, row, "detector")].filter((x) => x !== undefined);
    const wavelength = numberCell(table, row, "wavelength_nominal");
    const rate = numberCell(table, row, "sampling_frequency");
    const status = cell(table, row, "status");
    return {
      name,
      kind,
      type,
      unitInFile,
      ...unitOf(unitInFile, kind),
      sensors: pair.length > 0 ? pair : kind === "eeg" ? [name] : [],
      ...(wavelength === undefined ? {} : { wavelength }),
      ...(rate === undefined ? {} : { rate }),
      ...(status === "good" || status === "bad" ? { status } : {}),
    };
  });
}

const matches = (channel: Channel, described: DescribedChannel): boolean =>
  described.name === channel.name &&
  (described.wavelength === undefined ||
    channel.wavelength === undefined ||
    described.wavelength === channel.wavelength);

/**
 * The recording with what channels.tsv says of its channels: kind where the file itself does not know better than `misc`
 * or `eeg`, and status. Samples and units stay as the recording's own header gave them.
 */
export function withChannels(recording: Recording, described: readonly DescribedChannel[]): Recording {
  const groups = recording.groups.map((group) => {
    const merged = (channel: Channel): Channel => {
      const row = described.find((candidate) => matches(channel, candidate));
      if (row === undefined) return channel;
      const renamed =
        (channel.kind === "misc" || channel.kind === "eeg") && kinds[row.type.toUpperCase()] !== undefined;
      return {
        ...channel,
        ...(renamed ? { kind: row.kind } : {}),
        ...(renamed && row.kind === "eeg" && channel.sensors.length === 0 ? { sensors: [channel.name] } : {}),
        ...(row.status === undefined ? {} : { status: row.status }),
      };
    };
    return { ...group, channels: group.channels.map(merged) };
  });
  return { ...recording, groups };
}

const types: Readonly<Partial<Record<ChannelKind, string>>> = {
  eeg: "EEG",
  eog: "EOG",
  ecg: "ECG",
  emg: "EMG",
  seeg: "SEEG",
  ecog: "ECOG",
  trigger: "TRIG",
  resp: "RESP",
  pulse: "PPG",
  gsr: "GSR",
  temperature: "TEMP",
  accel: "ACCEL",
  gyro: "GYRO",
  "nirs-intensity": "NIRSCWAMPLITUDE",
  "nirs-od": "NIRSCWOPTICALDENSITY",
  hbo: "NIRSCWHBO",
  hbr: "NIRSCWHBR",
};

/** BIDS type of a channel kind; what BIDS has no word for is MISC. */
function channelType(kind: ChannelKind): string {
  return types[kind] ?? "MISC";
}

function writtenUnit(channel: Channel): string {
  switch (channel.unit) {
    case "V":
      return channel.kind === "nirs-intensity" ? "V" : "uV";
    case "{intensity}":
      return "V";
    case "{od}":
    case "1":
      return "unitless";
    case "Cel":
      return "oC";
    case "m/s2":
      return "m/s^2";
    case "{arbitrary}":
    case "{count}":
      return "n/a";
    default:
      return channel.unit;
  }
}

/** channels.tsv of a recording; NIRS tables get source, detector and wavelength in the order BIDS asks for. */
export function writeChannelsTsv(recording: Recording, datatype: "eeg" | "nirs"): string {
  const rows = recording.groups.flatMap((group) => group.channels.map((channel) => ({ channel, rate: group.rate })));
  const rates = new Set(rows.map(({ rate }) => rate));
  const withStatus = rows.some(({ channel }) => channel.status !== undefined);
  const optical = datatype === "nirs";
  return writeTsv(
    [
      "name",
      "type",
      ...(optical ? ["source", "detector", "wavelength_nominal"] : []),
      "units",
      ...(rates.size > 1 ? ["sampling_frequency"] : []),
      ...(withStatus ? ["status"] : []),
    ],
    rows.map(({ channel, rate }) => [
      channel.name,
      channelType(channel.kind),
      ...(optical ? [channel.sensors[0], channel.sensors[1], channel.wavelength] : []),
      writtenUnit(channel),
      ...(rates.size > 1 ? [rate] : []),
      ...(withStatus ? [channel.status] : []),
    ]),
  );
}
