/** Blood samples of a scan as the input of the models. */
import { type Blood, type BloodCurve, DataError, type Seconds } from "@quintet/core";
import { type Curve, curveThrough } from "@quintet/kernels";
import type { InputFunction } from "../kinetics/input-function.ts";
import { delayed, withoutDispersion } from "./dispersion.ts";
import { exponentialTail } from "./exponential-tail.ts";
import { between, type ParentModel, parentFraction } from "./parent-fraction.ts";

export interface PlasmaInputOptions {
  /** Default "interpolation". */
  readonly parent?: ParentModel;
  /** Seconds on the blood's clock. Default 0. */
  readonly injection?: Seconds;
  /** "interpolation" between samples, or three exponentials from the peak on. Default "interpolation". */
  readonly tail?: "interpolation" | "exponential";
  /** Dispersion constant of the sampling line, seconds. Default 0. */
  readonly dispersion?: Seconds;
  /** By how much the blood is moved, seconds. Default 0. */
  readonly delay?: Seconds;
}

export interface PlasmaInput extends InputFunction {
  /** What was assumed on the way, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * C_p(t) = plasma activity x parent fraction, and whole blood, in Bq/mL over minutes from the injection.
 *
 * Several recordings (an autosampler's and manual samples) are given one after the other: a sample of a later one stands
 * where both have the same time. Where whole blood was sampled more densely than plasma, plasma between its own
 * samples is whole blood times the ratio plasma / blood of the samples that have both, linear between them.
 *
 * @throws DataError `missing-plasma`, `missing-parent-fraction`, `too-few-samples`, those of the parts
 */
export function plasmaInput(recordings: readonly Blood[], options: PlasmaInputOptions = {}): PlasmaInput {
  const { parent = "interpolation", injection = 0, tail = "interpolation", dispersion = 0, delay = 0 } = options;
  const gather = (of: (blood: Blood) => BloodCurve | undefined): BloodCurve | undefined => together(recordings.map(of));
  const [blood, plasma, parents] = [
    gather(({ wholeBlood }) => wholeBlood),
    gather((one) => one.plasma),
    gather(({ parentFraction: own }) => own),
  ];
  if (!plasma || plasma.time.length < 2) {
    throw new DataError("missing-plasma", "the input function needs samples of plasma", {
      expected: "a column plasma_radioactivity with two samples or more",
      found: blood ? `whole blood only, ${blood.time.length} samples` : "none",
    });
  }
  const fraction = parentFraction(parents, parent, injection);
  const notes: string[] = [];
  if (parent !== "interpolation") {
    const words = Object.entries(fraction.parameters).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
    notes.push(
      `parent fraction by the ${parent} model (${words.join(", ")}), residual ${fraction.residual.toPrecision(2)}`,
    );
  }
  const total = blood && blood.time.length > plasma.time.length ? filledByBlood(plasma, blood, notes) : plasma;
  const times = total.time;
  const parentActivity = total.value.map((value, i) => value * fraction.at(times[i] as number));
  const minutes = (curve: { time: Float64Array; value: Float64Array }): Curve => {
    const kept = Array.from(curve.time.keys()).filter((i) => (curve.time[i] as number) >= injection);
    return curveThrough(
      kept.map((i) => ((curve.time[i] as number) - injection) / 60),
      kept.map((i) => curve.value[i] as number),
    );
  };
  const corrected = (curve: Curve): Curve => {
    const shaped = tail === "exponential" ? exponentialTail(curve, 0.05).curve : curve;
    const sharp = dispersion > 0 ? withoutDispersion(shaped, dispersion / 60) : shaped;
    return delay === 0 ? sharp : delayed(sharp, delay / 60);
  };
  if (tail === "exponential") notes.push("tail of the input by three exponentials");
  if (dispersion > 0) notes.push(`dispersion of ${dispersion} s taken out`);
  if (delay !== 0) notes.push(`blood moved by ${delay.toFixed(1)} s`);
  return {
    plasma: corrected(minutes({ time: times, value: parentActivity })),
    ...(blood ? { blood: corrected(minutes(blood)) } : {}),
    notes,
  };
}

function together(curves: readonly (BloodCurve | undefined)[]): BloodCurve | undefined {
  const present = curves.filter((curve) => curve !== undefined);
  const [first] = present;
  if (!first) return undefined;
  const samples = new Map(
    present.flatMap(({ time, value }) => Array.from(time, (t, i) => [t, value[i] as number] as const)),
  );
  const sorted = [...samples].sort(([a], [b]) => a - b);
  return {
    time: Float64Array.from(sorted, ([t]) => t),
    value: Float64Array.from(sorted, ([, v]) => v),
    unit: first.unit,
  };
}

function filledByBlood(plasma: BloodCurve, blood: BloodCurve, notes: string[]): BloodCurve {
  const bloodTimes = [...blood.time];
  const bloodValues = [...blood.value];
  const pairs = Array.from(plasma.time, (t, i) => {
    const whole = between(bloodTimes, bloodValues, t);
    return [t, (plasma.value[i] as number) / whole] as const;
  }).filter(([, ratio]) => Number.isFinite(ratio) && ratio > 0);
  if (pairs.length === 0) return plasma;
  notes.push(`plasma between its samples from whole blood, ratio ${pairs.length} samples long`);
  const [ratioTimes, ratios] = [pairs.map(([t]) => t), pairs.map(([, ratio]) => ratio)];
  const filled = Array.from(
    blood.time,
    (t, i) => [t, (blood.value[i] as number) * between(ratioTimes, ratios, t)] as const,
  );
  const own = new Map([...filled, ...Array.from(plasma.time, (t, i) => [t, plasma.value[i] as number] as const)]);
  const sorted = [...own].sort(([a], [b]) => a - b);
  return {
    time: Float64Array.from(sorted, ([t]) => t),
    value: Float64Array.from(sorted, ([, v]) => v),
    unit: plasma.unit,
  };
}
