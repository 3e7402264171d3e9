import { channelData, DataError, type Events, type Montage, type Recording } from "@quintet/core";
import { median } from "@quintet/kernels";
import { bandpass } from "../correct/bandpass.ts";
import { type MotionMask, type MotionOptions, maskedShare, motionArtefacts } from "../correct/motion-artefacts.ts";
import { splitByDistance } from "../correct/pairs.ts";
import {
  type MotionMethod,
  motionMethods,
  repairConcentration,
  repairDensity,
  repairLimits,
} from "../correct/repair.ts";
import { activation } from "../quantify/activation.ts";
import { blockAverage } from "../quantify/block-average.ts";
import { type BeerLambertOptions, beerLambert } from "../recon/beer-lambert.ts";
import { globalVariance } from "./gvtd.ts";

/** What one method did to one run; medians over the long pairs' HbO. */
export interface MotionRow {
  readonly method: MotionMethod;
  /** Share of the samples whose global variance is still above the threshold of the run before any repair. */
  readonly marked: number;
  /** Mean square within the stretches marked before any repair over that outside; undefined where none was marked. */
  readonly artefactPower?: number;
  /** Root mean square of what was changed outside those stretches, share of that signal's own. */
  readonly changed: number;
  /** Contrast to noise of the response: |mean| / sd over trials of the mean 5 to 10 s; undefined with fewer than 3 trials. */
  readonly contrast?: number;
  /** Median size of that response, mol/L. */
  readonly amplitude?: number;
  /** Why the method could not be used here. */
  readonly refused?: string;
}

export interface MotionComparison {
  readonly rows: readonly MotionRow[];
  /** Share of the samples in which any pair was marked before any repair. */
  readonly marked: number;
}

const band = { low: 0.01, high: 0.5 } as const;

/**
 * Every way to repair motion on the same run, each followed by the same concentration, band-pass 0.01 to 0.5 Hz and block average:
 * what it leaves of the artefacts, what it does where nothing moved, and what becomes of the response. No way wins on every run
 * (Brigadoi et al., NeuroImage 2014;85:181-91): a small `artefactPower` with a small `changed` and a large `contrast` is what to look for.
 *
 * @param options limits of motion; default `repairLimits`
 * @throws DataError `no-channels`, `one-recording`, and those of beerLambert; what a single method refuses stands in its row
 */
export function compareMotion(
  od: Recording,
  montage: Montage,
  events: Events,
  light: BeerLambertOptions,
  options: MotionOptions = repairLimits,
): MotionComparison {
  const mask = motionArtefacts(od, options);
  const { threshold } = globalVariance(od);
  const before = haemoglobin(od, montage, light, "none");
  const rows = motionMethods.map((method): MotionRow => {
    try {
      const repaired = repairDensity(od, method, options);
      const course = haemoglobin(repaired, montage, light, method);
      const { values } = globalVariance(repaired);
      const marked = values.reduce((count, v) => count + (v > threshold ? 1 : 0), 0) / values.length;
      return { method, marked, ...powers(course, before, mask, od), ...response(course, events) };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return { method, marked: Number.NaN, changed: Number.NaN, refused: error.message };
    }
  });
  return { rows, marked: maskedShare(mask, od.groups) };
}

/** HbO of the long pairs, band-passed. */
function haemoglobin(od: Recording, montage: Montage, light: BeerLambertOptions, method: MotionMethod): Recording {
  const { long } = splitByDistance(repairConcentration(beerLambert(od, montage, light), method), montage);
  return bandpass(long, band);
}

function powers(
  course: Recording,
  before: Recording,
  mask: MotionMask,
  od: Recording,
): Pick<MotionRow, "artefactPower" | "changed"> {
  const [ratios, changes]: [number[], number[]] = [[], []];
  course.groups.forEach((group) => {
    const g = od.groups.findIndex(
      ({ rate, segments }) => rate === group.rate && segments.length === group.segments.length,
    );
    const source = before.groups.find(({ rate }) => rate === group.rate);
    group.channels.forEach((channel, c) => {
      if (channel.kind !== "hbo") return;
      const own =
        od.groups[g]?.channels.findIndex(
          ({ kind, sensors }) => kind === "nirs-od" && sensors.join() === channel.sensors.join(),
        ) ?? -1;
      let [inside, insideCount, outside, outsideCount, moved, whole] = [0, 0, 0, 0, 0, 0];
      group.segments.forEach((segment, s) => {
        const marked = mask[g]?.[s]?.[own];
        const x = channelData(group, segment, c);
        const first = source?.segments[s];
        const y = source && first ? channelData(source, first, c) : x;
        for (let t = 0; t < x.length; t++) {
          const square = (x[t] as number) ** 2;
          if (marked?.[t]) {
            inside += square;
            insideCount++;
            continue;
          }
          outside += square;
          outsideCount++;
          moved += ((x[t] as number) - (y[t] as number)) ** 2;
          whole += (y[t] as number) ** 2;
        }
      });
      if (insideCount > 0 && outside > 0) ratios.push(inside / insideCount / (outside / outsideCount));
      if (whole > 0) changes.push(Math.sqrt(moved / whole));
    });
  });
  return { ...(ratios.length > 0 ? { artefactPower: median(ratios) } : {}), changed: median(changes) };
}

function response(course: Recording, events: Events): Pick<MotionRow, "contrast" | "amplitude"> {
  if (events.list.length === 0) return {};
  const found = blockAverage(course, events).flatMap((own) => (own.n > 2 ? activation(own) : []));
  const hbo = found.filter(({ kind, t }) => kind === "hbo" && Number.isFinite(t));
  if (hbo.length === 0) return {};
  return {
    contrast: median(hbo.map(({ t, n }) => Math.abs(t) / Math.sqrt(n))),
    amplitude: median(hbo.map(({ value }) => Math.abs(value))),
  };
}
