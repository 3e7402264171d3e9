import type { Channel } from "@quintet/core";
import { DataError } from "@quintet/core";
import { kindOfName, sensorsOfLabel } from "../signal/channel-kind.ts";
import { signalUnit } from "../signal/signal-unit.ts";
import { otherImpedances } from "./impedances.ts";
import { brainVisionFields, parseBrainVisionText } from "./ini.ts";

export type BrainVisionFormat = "INT_16" | "INT_32" | "IEEE_FLOAT_32";

export interface BrainVisionHeader {
  readonly file: string;
  readonly dataFile: string;
  readonly markerFile?: string;
  readonly orientation: "MULTIPLEXED" | "VECTORIZED";
  readonly format: BrainVisionFormat;
  readonly bigEndian: boolean;
  /** Hz. */
  readonly rate: number;
  readonly channels: readonly Channel[];
  /** Stored number -> inside unit, per channel. */
  readonly gains: readonly number[];
  /** Name of the reference electrode, where one is given. */
  readonly references: readonly string[];
  /** Impedances of electrodes that are no channels (reference, ground), in words. */
  readonly otherImpedances?: string;
  /** Sections of free text that may tell who it was. */
  readonly identity: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Reads a .vhdr. Resolution and unit belong to each channel: no unit means microvolt, no resolution means 1, and a
 * unit that is no voltage keeps its own numbers.
 *
 * @throws DataError `not-brainvision`, `bad-text`, `bad-header`, `not-supported`
 * @see BrainVision Core Data Format 1.0, Brain Products GmbH
 */
export function readBrainVisionHeader(bytes: Uint8Array, file: string): BrainVisionHeader {
  const { sections, impedances } = parseBrainVisionText(bytes, "Header", file);
  const common = sections.get("Common Infos");
  const need = (key: string): string => {
    const value = common?.get(key);
    if (value === undefined || value === "") throw new DataError("bad-header", `[Common Infos] lacks ${key}`, { file });
    return value;
  };
  const choose = <T extends string>(value: string, allowed: readonly T[], what: string): T => {
    const found = allowed.find((choice) => choice === value.toUpperCase());
    if (found === undefined)
      throw new DataError("not-supported", what, { file, expected: allowed.join(" or "), found: value });
    return found;
  };
  choose(common?.get("DataFormat") ?? "BINARY", ["BINARY"], "data format");
  choose(common?.get("DataType") ?? "TIMEDOMAIN", ["TIMEDOMAIN"], "data type");
  const orientation = choose(need("DataOrientation"), ["MULTIPLEXED", "VECTORIZED"], "data orientation");
  const binary = sections.get("Binary Infos");
  const format = choose(
    binary?.get("BinaryFormat") ?? "INT_16",
    ["INT_16", "INT_32", "IEEE_FLOAT_32"],
    "binary format",
  );
  const count = Number(need("NumberOfChannels"));
  const interval = Number(need("SamplingInterval").replace(",", "."));
  if (!Number.isInteger(count) || count < 1 || count > 65_535 || !(interval > 0 && interval < 1e12)) {
    throw new DataError("bad-header", "channels or sampling interval make no sense", {
      file,
      expected: "channels >= 1, interval > 0 microseconds",
      found: `${common?.get("NumberOfChannels")}, ${common?.get("SamplingInterval")}`,
    });
  }
  const problems: string[] = [];
  const channelInfos = sections.get("Channel Infos");
  const [channels, gains, references]: [Channel[], number[], Set<string>] = [[], [], new Set()];
  for (let c = 1; c <= count; c++) {
    const info = channelInfos?.get(`Ch${c}`);
    if (info === undefined) throw new DataError("bad-header", `[Channel Infos] lacks Ch${c}`, { file });
    const [name = "", reference = "", resolution = "", stored = ""] = brainVisionFields(info).map((field) =>
      field.trim(),
    );
    const step = resolution === "" ? 1 : Number(resolution.replace(",", "."));
    if (!Number.isFinite(step) || step === 0) {
      throw new DataError("bad-header", `resolution of channel ${c}`, {
        file,
        expected: "a number",
        found: resolution,
      });
    }
    const rule = signalUnit(stored === "" ? "uV" : stored);
    if (rule.problem !== undefined) problems.push(`channel ${name}: ${rule.problem}`);
    if (reference !== "") references.add(reference);
    const kind = kindOfName(name, rule.unit);
    const impedance = impedances.ohms.get(name);
    channels.push({
      name,
      kind,
      unit: rule.unit,
      sensors: kind === "eeg" ? sensorsOfLabel(name) : [],
      ...(impedance === undefined ? {} : { impedance }),
    });
    gains.push(step * rule.factor);
  }
  const markerFile = common?.get("MarkerFile");
  const others = otherImpedances(impedances, new Set(channels.map(({ name }) => name)));
  return {
    file,
    dataFile: need("DataFile"),
    ...(markerFile === undefined || markerFile === "" ? {} : { markerFile }),
    orientation,
    format,
    bigEndian: (binary?.get("UseBigEndianOrder") ?? "NO").toUpperCase() === "YES",
    rate: 1e6 / interval,
    channels,
    gains,
    references: [...references],
    ...(others === undefined ? {} : { otherImpedances: others }),
    identity: ["Comment", "User Infos"]
      .filter((title) => (sections.get(title)?.size ?? 0) > 0)
      .map((title) => `[${title}] of the header`),
    problems,
  };
}
