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
  channelsBeyond,
  darkChannels,
  type LinearModel,
  type LinearModelOptions,
  linearModel,
  type MotionMethod,
  opticalDensity,
  opticalPairs,
  pairName,
  qcLimits,
  repairConcentration,
  repairDensity,
  saturation,
  scalpCouplingIndex,
  selectChannels,
  sourceDetectorDistance,
  withoutPairs,
} from "@quintet/modalities/fnirs";
import { ResultFiles, researchUse } from "../pet-quantify/pet-image.ts";
import { nirsGlmPage } from "./nirs-glm-page.ts";

export interface FitNirsOptions
  extends Pick<LinearModelOptions, "noise" | "short" | "derivatives" | "highPass" | "response" | "form" | "contrasts"> {
  readonly light: BeerLambertOptions;
  /** events.tsv; without it what the recording holds. */
  readonly events?: string;
  /** s; of events that have none of their own. */
  readonly duration?: number;
  /** Pairs whose scalp coupling is below this are left out; default 0.5. */
  readonly coupling?: number;
  /** Repair motion first. Default "none": the model's noise is robust already. */
  readonly repair?: MotionMethod;
  /** Pairs farther apart than this are left out, mm; default 60. */
  readonly farthest?: number;
  /** Write the page with responses, quality and the comparison of repairs, too. Default true. */
  readonly page?: boolean;
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
  readonly repair: MotionMethod;
  readonly response: string;
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
 * concentrations in umol/L), desc-glm_contrasts.tsv and desc-glm_responses.tsv where such are asked for, desc-glm.json and
 * desc-glm_report.html. Left out and named, never repaired: dark and saturated channels' pairs, pairs that are loose, too far apart,
 * or of no place.
 *
 * @throws DataError `no-positions`, `no-duration` (an event of no length and none given: a block cannot be told from an
 *   instant), `one-wavelength`, `all-left-out`, and those of the reader and of linearModel
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
  const unusable = new Set<string>();
  const refuse = (pair: string, why: string): void => {
    if (!unusable.has(pair)) leftOut.push({ pair, why });
    unusable.add(pair);
  };
  for (const { channel } of darkChannels(read.recording))
    refuse(pairName(channel), "light that is zero, negative or no number");
  for (const { pair, why } of channelsBeyond(read.recording, montage, options.farthest ?? 60)) refuse(pair, why);
  const named = new Map(
    read.recording.groups.flatMap(({ channels }) => channels.map((channel) => [channel.name, channel])),
  );
  for (const { channel, value } of saturation(read.recording)) {
    const own = named.get(channel);
    if (own && value > qcLimits.saturation)
      refuse(pairName(own), `saturated: ${(100 * value).toFixed(1)} % of the samples at the maximum`);
  }
  const lit = withoutPairs(read.recording, unusable);
  if (lit.groups.every(({ channels }) => !channels.some(({ kind }) => kind === "nirs-intensity")))
    throw new DataError("all-left-out", "no pair has light that can be used", {
      file: path,
      found: leftOut[0]?.why ?? "no light",
    });
  const od = opticalDensity(lit);
  const loose = new Set<string>();
  for (const { pair, value } of scalpCouplingIndex(od)) {
    if (value >= least) continue;
    loose.add(pair);
    leftOut.push({ pair, why: `scalp coupling ${value.toFixed(2)} below ${least}` });
  }
  const coupled = withoutPairs(od, loose);
  if (coupled.groups.every(({ channels }) => !channels.some(({ kind }) => kind === "nirs-od")))
    throw new DataError("all-left-out", "no pair is coupled to the scalp well enough", { file: path });
  const method = options.repair ?? "none";
  const whole = repairConcentration(beerLambert(repairDensity(coupled, method), montage, light), method);
  const concentration = selectChannels(whole, ({ kind }) => kind !== "hbt");
  progress(0.3, "fit");
  const model = linearModel(concentration, montage, events, options);
  progress(0.9, "write");
  const files = new ResultFiles(out, nameOf(path));
  await files.text("desc-glm_channels.tsv", table(model, montage));
  if (model.contrasts.length > 0) await files.text("desc-glm_contrasts.tsv", contrastTable(model));
  if (model.responses.length > 0) await files.text("desc-glm_responses.tsv", responseTable(model));
  const used = new Set(model.effects.map(({ channel }) => pairName(channel)));
  const all = new Set(
    coupled.groups.flatMap(({ channels }) => opticalPairs(channels, "nirs-od").map(({ name }) => name)),
  );
  const told = {
    pairs: { long: used.size, short: all.size - used.size },
    leftOut,
    conditions: conditionsOf(model, events),
    short: model.short.used,
    repair: method,
    response: options.response ?? "canonical",
    pathlength: "age" in light.pathlength ? `DPF of age ${light.pathlength.age}` : `ppf ${light.pathlength.ppf}`,
  };
  await files.json("desc-glm", {
    ...told,
    table: light.table ?? "prahl",
    noise: options.noise ?? "ar-irls",
    shortLeftOut: model.short.leftOut,
    beerLambert: whole.notes?.beerLambert ?? "",
    method:
      "modified Beer-Lambert law; canonical response, slow cosines, constant and short channels; robust regression with autoregressive noise (Barker et al. 2013)",
  });
  if (options.page !== false) {
    progress(0.92, "page");
    const page = nirsGlmPage({ source: basename(path), lit, od: coupled, whole, montage, events, light, model, told });
    await files.text("desc-glm_report.html", page);
  }
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
      Number(dof.toFixed(1)),
      Number(p.toPrecision(4)),
      orders.get(channel.name) ?? 0,
    ];
  });
  return writeTsv(head, rows);
}

function contrastTable({ contrasts }: LinearModel): string {
  const head = [
    "contrast",
    "source",
    "detector",
    "kind",
    "statistic",
    "value",
    "se",
    "dof_effect",
    "dof_error",
    "test",
    "p",
  ];
  const rows = contrasts.map(({ channel, name, kind, statistic, value, standardError, dof, p }) => [
    name,
    ...channel.sensors.slice(0, 2),
    channel.kind,
    Number(statistic.toFixed(4)),
    value === undefined ? "n/a" : Number((1e6 * value).toPrecision(6)),
    standardError === undefined ? "n/a" : Number((1e6 * standardError).toPrecision(6)),
    dof[0],
    Number(dof[1].toFixed(1)),
    kind,
    Number(p.toPrecision(4)),
  ]);
  return writeTsv(head, rows);
}

function responseTable({ responses }: LinearModel): string {
  const head = ["condition", "source", "detector", "kind", "time", "value", "se", "F", "dof_effect", "dof_error", "p"];
  const rows = responses.flatMap(({ channel, condition, times, values, standardErrors, test }) =>
    Array.from(times, (time, k) => [
      condition,
      ...channel.sensors.slice(0, 2),
      channel.kind,
      time,
      Number((1e6 * (values[k] as number)).toPrecision(6)),
      Number((1e6 * (standardErrors[k] as number)).toPrecision(6)),
      Number(test.statistic.toFixed(4)),
      test.dof[0],
      Number(test.dof[1].toFixed(1)),
      Number(test.p.toPrecision(4)),
    ]),
  );
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
