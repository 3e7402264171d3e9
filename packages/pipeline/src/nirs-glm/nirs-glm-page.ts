/** What the page of a linear model shows, from what was fitted. */
import { DataError, type Events, type Montage, type Recording } from "@quintet/core";
import {
  activation,
  type BeerLambertOptions,
  type BlockResponse,
  bandpass,
  blockAverage,
  compareMotion,
  globalVariance,
  type LinearModel,
  type MotionMethod,
  pairName,
  pairQuality,
  sourceDetectorDistance,
} from "@quintet/modalities/fnirs";
import { type NirsGlmView, renderNirsGlmPage } from "@quintet/view";
import { version } from "../version.ts";

export interface NirsGlmParts {
  readonly source: string;
  /** Light of the pairs that could be used at all. */
  readonly lit: Recording;
  /** Density of the pairs that were fitted, before any repair. */
  readonly od: Recording;
  /** Concentrations that were fitted. */
  readonly whole: Recording;
  readonly montage: Montage;
  readonly events: Events;
  readonly light: BeerLambertOptions;
  readonly model: LinearModel;
  readonly told: {
    readonly leftOut: readonly { readonly pair: string; readonly why: string }[];
    readonly conditions: readonly { readonly name: string; readonly events: number; readonly inflation: number }[];
    readonly short: string;
    readonly repair: MotionMethod;
    readonly response: string;
  };
}

/** Of the long pairs, how many responses are drawn. */
const drawn = 8;
/** Up to this distance a pair sees the scalp alone, mm. */
const shortest = 15;

export function nirsGlmPage(parts: NirsGlmParts): string {
  const { source, lit, od, whole, montage, events, light, model, told } = parts;
  const distance = (pair: string): number => {
    const [a = "", b = ""] = pair.split(/-(?=[^-]*$)/);
    return sourceDetectorDistance(montage, a, b);
  };
  const averages = attempt(() => blockAverage(bandpass(whole, { low: 0.01, high: 0.5 }), events)) ?? [];
  const { responses, scalp } = responsesOf(averages, distance, events);
  const movement = attempt(() => globalVariance(od));
  const compared = attempt(() => compareMotion(od, montage, events, light));
  const view: NirsGlmView = {
    source,
    steps: [
      "Light to optical density, natural logarithm, the mean of each channel over the recording.",
      ...(told.repair === "none" ? [] : [`Motion repaired by ${told.repair}.`]),
      `Haemoglobin by the modified Beer-Lambert law: ${whole.notes?.beerLambert ?? ""}. Concentrations scale with one over the pathlength factor.`,
      `Linear model of each pair more than ${shortest} mm apart: ${told.response} response, short channels: ${told.short}, slow cosines, constant; robust regression with autoregressive noise (Barker et al. 2013).`,
      "Responses drawn below: block average, band-pass 0.01 to 0.5 Hz, each trial's own baseline.",
    ],
    leftOut: told.leftOut,
    sensors: montage.sensors,
    quality: attempt(() => pairQuality(lit, montage)) ?? [],
    ...(movement
      ? {
          movement: {
            times: movement.times,
            values: movement.values,
            threshold: movement.threshold,
            share: movement.motion,
          },
        }
      : {}),
    ...(compared ? { motion: { used: told.repair, ...compared } } : {}),
    responses,
    scalp,
    conditions: told.conditions.map(({ name, events: n, inflation }) => ({
      name,
      events: n,
      inflation,
      effects: effectsOf(model, name),
    })),
    contrasts: model.contrasts.map(({ name, channel, kind, statistic, dof, p }) => ({
      name,
      pair: pairName(channel),
      channelKind: channel.kind,
      kind,
      statistic,
      dof,
      p,
    })),
  };
  return renderNirsGlmPage(view, {
    software: { name: "Quintet", version },
    generatedAt: new Date().toISOString(),
  });
}

/** Undefined where the recording is too short or too slow for it, or no event has its window in it. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return undefined;
  }
}

/** Pairs by their HbO's t, largest first, both kinds of a pair together. */
function effectsOf({ effects }: LinearModel, name: string): NirsGlmView["conditions"][number]["effects"] {
  const own = effects.filter(({ condition }) => condition === name);
  const order = own.filter(({ channel }) => channel.kind === "hbo").sort((a, b) => b.t - a.t);
  return order.flatMap(({ channel }) =>
    own
      .filter((effect) => pairName(effect.channel) === pairName(channel))
      .map(({ channel: { kind }, value, standardError, t, dof, p }) => ({
        pair: pairName(channel),
        kind,
        value,
        standardError,
        t,
        dof,
        p,
      })),
  );
}

function responsesOf(
  averages: readonly BlockResponse[],
  distance: (pair: string) => number,
  events: Events,
): Pick<NirsGlmView, "responses" | "scalp"> {
  const responses: NirsGlmView["responses"][number][] = [];
  const scalp: string[] = [];
  for (const average of averages) {
    const sizes = attempt(() => activation(average)) ?? [];
    const hbo = sizes
      .filter(({ kind, value }) => kind === "hbo" && Number.isFinite(value))
      .sort((a, b) => b.value - a.value);
    const [long, short] = [false, true].map((near) => hbo.filter(({ pair }) => distance(pair) <= shortest === near));
    const [top, most] = [short?.[0], long?.[0]];
    if (top && most && top.value > most.value) {
      scalp.push(
        `${top.pair} (${distance(top.pair).toFixed(0)} mm) answers to ${average.type} with ${(1e6 * top.value).toFixed(2)} µM of HbO, more than any long pair (${most.pair}: ${(1e6 * most.value).toFixed(2)} µM): it sees no brain, it is scalp. Long pairs hold scalp as well.`,
      );
    }
    const stimulus = Math.max(
      0,
      ...events.list.filter(({ type }) => type === average.type).map(({ duration }) => duration),
    );
    for (const { pair } of [...(long ?? []).slice(0, drawn), ...(short ?? []).slice(0, 2)]) {
      const curve = (kind: string) => {
        const row = average.channels.findIndex((channel) => channel.kind === kind && pairName(channel) === pair);
        const [from, to] = [row * average.times.length, (row + 1) * average.times.length];
        return { mean: average.mean.subarray(from, to), se: average.standardError.subarray(from, to) };
      };
      responses.push({
        name: `${pair}, ${distance(pair).toFixed(0)} mm`,
        condition: average.type,
        time: average.times,
        hbo: curve("hbo"),
        hbr: curve("hbr"),
        trials: average.n,
        ...(stimulus > 0 ? { stimulus } : {}),
        channels: [pair],
      });
    }
  }
  return { responses, scalp };
}
