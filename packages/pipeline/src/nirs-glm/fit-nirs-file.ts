/** The linear model of an fNIRS recording, from file to tables. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { DataError, type Events, type Montage } from "@quintet/core";
import { readEventsTsv, writeTsv } from "@quintet/io";
import { readRecording } from "@quintet/io/node";
import { falseDiscoveryThreshold } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  type BeerLambertOptions,
  beerLambert,
  type ChannelEffect,
  darkChannels,
  type LinearModel,
  type LinearModelOptions,
  linearModel,
  opticalDensity,
  opticalPairs,
  pairName,
  scalpCouplingIndex,
  selectChannels,
  sourceDetectorDistance,
  tddr,
  withoutPairs,
} from "@quintet/modalities/fnirs";
import { ResultFiles, researchUse } from "../pet-quantify/pet-image.ts";

export interface FitNirsOptions extends Pick<LinearModelOptions, "noise" | "short" | "derivatives" | "highPass"> {
  readonly light: BeerLambertOptions;
  /** events.tsv; without it what the recording holds. */
  readonly events?: string;
  /** s; of events that have none of their own. */
  readonly duration?: number;
  /** Pairs whose scalp coupling is below this are left out; default 0.5. */
  readonly coupling?: number;
  /** Repair steps and slow spikes first (TDDR). Default false: the model's noise is robust already. */
  readonly repair?: boolean;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface FittedNirs {
  readonly pairs: { readonly long: number; readonly short: number };
  /** Pairs left out, and why. */
  readonly leftOut: readonly { readonly pair: string; readonly why: string }[];
  readonly conditions: readonly {
    readonly name: string;
    readonly events: number;
    readonly inflation: number;
    /** Long pairs whose HbO passes a false discovery rate of 5 % over all long pairs and both kinds. */
    readonly found: readonly string[];
  }[];
  readonly short: string;
  readonly pathlength: string;
  readonly files: readonly string[];
  readonly note: string;
}

/** Share of false findings among those named. */
const rate = 0.05;

/**
 * Light to optical density to haemoglobin, then `linearModel` of every long pair.
 *
 * Writes desc-glm_channels.tsv (condition, source, detector, kind, distance mm, beta, SE, t, dof, p, order of the noise;
 * concentrations in umol/L) and desc-glm.json, whole or not at all.
 *
 * @throws DataError `no-positions`, `no-duration` (an event of no length and none given: a block cannot be told from an
 *   instant), `all-left-out`, and those of the reader and of linearModel
 */
export async function fitNirsFile(path: string, out: string, options: FitNirsOptions): Promise<FittedNirs> {
  const { onProgress: progress = () => {}, light, coupling: least = 0.5 } = options;
  await loadKernels();
  progress(0.05, "read");
  const read = await readRecording(path);
  const { montage } = read;
  if (!montage) {
    throw new DataError("no-positions", "without places of sources and detectors no distance is known", {
      file: path,
      expected: "optodes with positions",
    });
  }
  const events = lasting(
    await eventsOf(path, read.events, read.recording.clock, options.events),
    options.duration,
    path,
  );
  progress(0.15, "light to haemoglobin");
  const leftOut: { pair: string; why: string }[] = [];
  const dark = new Set(darkChannels(read.recording).map(({ channel }) => pairName(channel)));
  for (const pair of dark) leftOut.push({ pair, why: "light that is zero, negative or no number" });
  const od = opticalDensity(withoutPairs(read.recording, dark));
  const loose = new Set<string>();
  for (const { pair, value } of scalpCouplingIndex(od)) {
    if (value >= least) continue;
    loose.add(pair);
    leftOut.push({ pair, why: `scalp coupling ${value.toFixed(2)} below ${least}` });
  }
  const coupled = withoutPairs(od, loose);
  if (coupled.groups.every(({ channels }) => !channels.some(({ kind }) => kind === "nirs-od")))
    throw new DataError("all-left-out", "no pair is coupled to the scalp well enough", { file: path });
  const concentration = selectChannels(
    beerLambert(options.repair === true ? tddr(coupled) : coupled, montage, light),
    ({ kind }) => kind === "hbo" || kind === "hbr",
  );
  progress(0.3, "fit");
  const model = linearModel(concentration, montage, events, options);
  progress(0.9, "write");
  const files = new ResultFiles(out, nameOf(path));
  await files.text("desc-glm_channels.tsv", table(model, montage));
  const used = new Set(model.effects.map(({ channel }) => pairName(channel)));
  const all = new Set(
    coupled.groups.flatMap(({ channels }) => opticalPairs(channels, "nirs-od").map(({ name }) => name)),
  );
  const told = {
    pairs: { long: used.size, short: all.size - used.size },
    leftOut,
    conditions: conditionsOf(model, events),
    short: model.short.used,
    pathlength: "age" in light.pathlength ? `DPF of age ${light.pathlength.age}` : `ppf ${light.pathlength.ppf}`,
  };
  await files.json("desc-glm", {
    ...told,
    table: light.table ?? "prahl",
    noise: options.noise ?? "ar-irls",
    shortLeftOut: model.short.leftOut,
    method:
      "modified Beer-Lambert law; canonical response, slow cosines, constant and short channels; robust regression with autoregressive noise (Barker et al. 2013)",
  });
  progress(1, "done");
  return { ...told, files: files.written, note: researchUse };
}

/** Of `sub-01_task-tap_nirs.snirf` what stands before `_nirs`. */
function nameOf(path: string): string {
  return basename(path)
    .replace(/\.(snirf|nirs)$/i, "")
    .replace(/_nirs$/, "");
}

async function eventsOf(path: string, own: Events, clock: string, given: string | undefined): Promise<Events> {
  const events = given === undefined ? own : readEventsTsv(await readFile(given, "utf8"), { file: given, clock });
  if (events.list.length === 0)
    throw new DataError("no-events", "a linear model needs events", { file: given ?? path });
  return events;
}

function lasting(events: Events, duration: number | undefined, file: string): Events {
  const list = events.list.map((event) =>
    event.duration > 0 || duration === undefined ? event : { ...event, duration },
  );
  const instant = list.find((event) => !(event.duration > 0));
  if (instant) {
    throw new DataError("no-duration", `event "${instant.type}" at ${instant.onset.toFixed(1)} s has no duration`, {
      file,
      expected: "a duration in the events, or one given for all (--duration)",
      found: `${instant.duration} s`,
    });
  }
  return { ...events, list };
}

function table({ effects, orders }: LinearModel, montage: Montage): string {
  const head = ["condition", "source", "detector", "kind", "distance", "beta", "se", "t", "dof", "p", "order"];
  const rows = effects.map(({ channel, condition, value, standardError, t, dof, p }) => {
    const [source = "", detector = ""] = channel.sensors;
    return [
      condition,
      source,
      detector,
      channel.kind,
      Number(sourceDetectorDistance(montage, source, detector).toFixed(1)),
      Number((1e6 * value).toPrecision(6)),
      Number((1e6 * standardError).toPrecision(6)),
      Number(t.toFixed(4)),
      dof,
      Number(p.toPrecision(4)),
      orders.get(channel.name) ?? 0,
    ];
  });
  return writeTsv(head, rows);
}

function conditionsOf({ effects, inflation }: LinearModel, events: Events): FittedNirs["conditions"] {
  return [...inflation].map(([name, value]) => {
    const own = effects.filter(({ condition }) => condition === name);
    const limit = falseDiscoveryThreshold(
      own.map(({ p }) => p),
      rate,
    );
    const found = own
      .filter(({ channel, p, t }: ChannelEffect) => channel.kind === "hbo" && t > 0 && p <= limit)
      .sort((a, b) => b.t - a.t);
    return {
      name,
      events: events.list.filter(({ type }) => type === name).length,
      inflation: Number(value.toFixed(3)),
      found: found.map(({ channel }) => pairName(channel)),
    };
  });
}
