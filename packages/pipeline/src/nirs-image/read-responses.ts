/** Changes of optical density that each kind of event makes in each long measurement. */
import { readFile } from "node:fs/promises";
import { DataError, type Events, type Montage, type Recording } from "@quintet/core";
import { readEventsTsv } from "@quintet/io";
import { readRecording } from "@quintet/io/node";
import {
  beerLambert,
  type ChannelEffect,
  darkChannels,
  type ExtinctionTableName,
  extinction,
  type LinearModelOptions,
  linearModel,
  opticalDensity,
  opticalPairs,
  pairName,
  scalpCouplingIndex,
  selectChannels,
  sourceDetectorDistance,
  splitByDistance,
  withoutPairs,
} from "@quintet/modalities/fnirs";

export interface ResponseOptions extends Pick<LinearModelOptions, "short"> {
  readonly events?: string;
  /** s; of events that have none of their own. */
  readonly duration?: number;
  /** Pairs whose scalp coupling is below this are left out; default 0.5. */
  readonly coupling?: number;
  readonly table?: ExtinctionTableName;
}

export interface DensityRow {
  readonly source: string;
  readonly detector: string;
  readonly wavelength: number;
  /** Of each condition, and its standard error. */
  readonly values: readonly number[];
  readonly errors: readonly number[];
}

export interface OpticalResponses {
  readonly montage: Montage;
  readonly wavelengths: readonly number[];
  readonly conditions: readonly { readonly name: string; readonly events: number }[];
  readonly rows: readonly DensityRow[];
  readonly short: string;
  readonly leftOut: readonly { readonly pair: string; readonly why: string }[];
}

/**
 * The linear model with autoregressive noise and short channels, on concentrations of a pathlength factor of 1: two wavelengths and
 * two concentrations hold the same, so that its amplitudes turn back into optical density without loss.
 *
 * @throws DataError `no-positions`, `no-events`, `no-duration`, `all-left-out`, those of the reader and of linearModel
 */
export async function opticalResponses(path: string, options: ResponseOptions): Promise<OpticalResponses> {
  const read = await readRecording(path);
  const { montage, recording } = read;
  if (!montage)
    throw new DataError("no-positions", "light is led between places", {
      file: path,
      expected: "optodes with positions",
    });
  const events =
    options.events === undefined
      ? read.events
      : readEventsTsv(await readFile(options.events, "utf8"), { file: options.events, clock: recording.clock });
  return responsesOf({ recording, montage, events }, path, options);
}

/** The same of what was read already. @param path how errors call the recording @throws DataError as opticalResponses */
export function responsesOf(
  read: { readonly recording: Recording; readonly montage: Montage; readonly events: Events },
  path: string,
  options: ResponseOptions,
): OpticalResponses {
  const { table = "prahl", short } = options;
  const { montage } = read;
  const events = lasting(read.events, options, path);
  const { coupled, wavelengths, leftOut } = coupledLight(read.recording, path, options);
  const concentration = selectChannels(
    beerLambert(coupled, montage, { table, pathlength: { ppf: 1 } }),
    ({ kind }) => kind === "hbo" || kind === "hbr",
  );
  const model = linearModel(concentration, montage, events, short === undefined ? {} : { short });
  const names = [...new Set(model.effects.map(({ condition }) => condition))];
  return {
    montage,
    wavelengths,
    conditions: names.map((name) => ({ name, events: events.list.filter(({ type }) => type === name).length })),
    rows: densityRows(model.effects, names, wavelengths, montage, table),
    short: model.short.used,
    leftOut,
  };
}

/**
 * The long measurements alone, of no condition: where a montage looks does not hang on events.
 * @throws DataError `all-left-out`, those of opticalDensity
 */
export function withoutResponses(
  { recording, montage }: { readonly recording: Recording; readonly montage: Montage },
  path: string,
  options: Pick<ResponseOptions, "coupling"> = {},
): OpticalResponses {
  const { coupled, wavelengths, leftOut } = coupledLight(recording, path, options);
  const pairs = splitByDistance(coupled, montage).long.groups.flatMap(({ channels }) =>
    opticalPairs(channels, "nirs-od"),
  );
  const rows = wavelengths.flatMap((wavelength) =>
    pairs.flatMap(({ source, detector, members }) =>
      members.some((member) => member.wavelength === wavelength)
        ? [{ source, detector, wavelength, values: [], errors: [] }]
        : [],
    ),
  );
  if (rows.length === 0)
    throw new DataError("all-left-out", "no pair more than 15 mm apart is coupled to the scalp well enough", {
      file: path,
    });
  return { montage, wavelengths, conditions: [], rows, short: "none", leftOut };
}

/** Optical density of the pairs that see light and touch the scalp. */
function coupledLight(
  recording: Recording,
  path: string,
  { coupling: least = 0.5 }: Pick<ResponseOptions, "coupling">,
) {
  const leftOut: { pair: string; why: string }[] = [];
  const dark = new Set(darkChannels(recording).map(({ channel }) => pairName(channel)));
  for (const pair of dark) leftOut.push({ pair, why: "light that is zero, negative or no number" });
  const od = opticalDensity(withoutPairs(recording, dark));
  const loose = new Set<string>();
  for (const { pair, value } of scalpCouplingIndex(od)) {
    if (value >= least) continue;
    loose.add(pair);
    leftOut.push({ pair, why: `scalp coupling ${value.toFixed(2)} below ${least}` });
  }
  const coupled = withoutPairs(od, loose);
  const wavelengths = [
    ...new Set(
      coupled.groups.flatMap(({ channels }) =>
        opticalPairs(channels, "nirs-od").flatMap(({ members }) => members.map(({ wavelength }) => wavelength)),
      ),
    ),
  ].sort((a, b) => a - b);
  if (wavelengths.length === 0)
    throw new DataError("all-left-out", "no pair is coupled to the scalp well enough", { file: path });
  return { coupled, wavelengths, leftOut };
}

function densityRows(
  effects: readonly ChannelEffect[],
  names: readonly string[],
  wavelengths: readonly number[],
  montage: Montage,
  table: ExtinctionTableName,
): DensityRow[] {
  const byPair = new Map<string, ChannelEffect[]>();
  for (const effect of effects) {
    const sensors = effect.channel.sensors.join("\t");
    byPair.set(sensors, [...(byPair.get(sensors) ?? []), effect]);
  }
  return wavelengths.flatMap((wavelength) => {
    const { hbo, hbr } = extinction(table, wavelength);
    return [...byPair].map(([sensors, own]): DensityRow => {
      const [source = "", detector = ""] = sensors.split("\t");
      const path = (Math.LN10 * sourceDetectorDistance(montage, source, detector)) / 10;
      const of = (condition: string, kind: string): ChannelEffect | undefined =>
        own.find((effect) => effect.condition === condition && effect.channel.kind === kind);
      const both = names.map((name) => [of(name, "hbo"), of(name, "hbr")] as const);
      return {
        source,
        detector,
        wavelength,
        values: both.map(([o, r]) => path * (hbo * (o?.value ?? 0) + hbr * (r?.value ?? 0))),
        errors: both.map(([o, r]) => path * Math.hypot(hbo * (o?.standardError ?? 0), hbr * (r?.standardError ?? 0))),
      };
    });
  });
}

function lasting(events: Events, { duration, events: file }: ResponseOptions, path: string): Events {
  if (events.list.length === 0)
    throw new DataError("no-events", "an image of a response needs events", { file: file ?? path });
  const list = events.list.map((event) =>
    event.duration > 0 || duration === undefined ? event : { ...event, duration },
  );
  const instant = list.find((event) => !(event.duration > 0));
  if (instant)
    throw new DataError("no-duration", `event "${instant.type}" at ${instant.onset.toFixed(1)} s has no duration`, {
      file: file ?? path,
      expected: "a duration in the events, or one given for all (--duration)",
      found: `${instant.duration} s`,
    });
  return { ...events, list };
}
