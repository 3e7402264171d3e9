/** One model over all regions of a scan. */
import { DataError, type Tac, type Tacs } from "@quintet/core";
import {
  type BloodVolume,
  estimated,
  type InputFunction,
  irreversibleTwoTissue,
  type KineticData,
  type KineticDataOptions,
  type KineticFit,
  kineticData,
  logan,
  ma1,
  mrtm1,
  mrtm2,
  oneTissue,
  patlak,
  referenceLogan,
  referencePatlak,
  type StartTime,
  srtm,
  srtm2,
  twoTissue,
} from "@quintet/modalities/pet";
import { hasStart, type KineticModelName, needsK2prime } from "./kinetic-models.ts";

export interface FitRegionsOptions {
  readonly data?: KineticDataOptions;
  readonly reference?: Tac;
  readonly input?: InputFunction;
  readonly start?: StartTime;
  /** 1/min; from SRTM over the regions without it. */
  readonly k2prime?: number;
  readonly bloodVolume?: BloodVolume;
  readonly onRegion?: (done: number, all: number) => void;
}

export interface RegionFits {
  readonly fits: readonly KineticFit[];
  readonly k2prime?: number;
  readonly notes: readonly string[];
}

/** @throws DataError `missing-reference`, `missing-plasma`, `not-determined` (k2'), and those of the models */
export async function fitRegions(
  tacs: Tacs,
  regions: readonly Tac[],
  model: KineticModelName,
  options: FitRegionsOptions,
): Promise<RegionFits> {
  const of = (tac: Tac): KineticData => kineticData(tacs, tac, options.data);
  const notes: string[] = [];
  const reference = options.reference && of(options.reference);
  const others = regions.filter(({ name }) => name !== reference?.region);
  const k2prime =
    needsK2prime.has(model) && reference
      ? (options.k2prime ?? globalK2prime(others.map(of), reference, notes))
      : undefined;
  const { input, start, bloodVolume } = options;
  const given: Given = {
    ...(reference ? { reference } : {}),
    ...(input ? { input } : {}),
    ...(start === undefined ? {} : { start }),
    ...(bloodVolume === undefined ? {} : { bloodVolume }),
    ...(k2prime === undefined ? {} : { k2prime }),
  };
  const fits: KineticFit[] = [];
  for (const [i, tac] of others.entries()) {
    fits.push(fitOne(model, of(tac), given));
    options.onRegion?.(i + 1, others.length);
    // Lets a second Ctrl-C and the progress line through between regions.
    await new Promise(setImmediate);
  }
  return { fits, notes, ...(k2prime === undefined ? {} : { k2prime }) };
}

/**
 * k2' of the person: the median of SRTM's k2' over the regions where it is determined and where there is binding
 * (BPND above 0.2; near 0 the model does not know it).
 *
 * @throws DataError `not-determined`
 */
export function globalK2prime(regions: readonly KineticData[], reference: KineticData, notes: string[]): number {
  const found = regions.flatMap((data) => {
    const fit = srtm(data, reference);
    const [k, bp] = [estimated(fit, "k2'"), estimated(fit, "BPND")];
    return k !== undefined && bp !== undefined && bp > 0.2 ? [k] : [];
  });
  found.sort((a, b) => a - b);
  const middle = found[Math.floor(found.length / 2)];
  if (middle === undefined) {
    throw new DataError("not-determined", "no region determines k2': give it", {
      expected: "a region with BPND above 0.2 where SRTM converges, or k2' itself",
      found: `${regions.length} regions without`,
    });
  }
  notes.push(`k2′ ${middle.toFixed(4)} /min: median of SRTM over ${found.length} regions with BPND above 0.2`);
  return middle;
}

interface Given {
  readonly reference?: KineticData;
  readonly input?: InputFunction;
  readonly start?: StartTime;
  readonly k2prime?: number;
  readonly bloodVolume?: BloodVolume;
}

function fitOne(model: KineticModelName, data: KineticData, given: Given): KineticFit {
  const { input, reference, k2prime = Number.NaN, bloodVolume } = given;
  const whole = model === "mrtm1" || model === "mrtm2" ? 0 : "auto";
  const start = hasStart.has(model) ? (given.start ?? whole) : "auto";
  const ref = (): KineticData => {
    if (reference) return reference;
    throw new DataError("missing-reference", `${model} needs a reference region`);
  };
  const plasma = (): InputFunction => {
    if (input) return input;
    throw new DataError("missing-plasma", `${model} needs an input function from blood`);
  };
  const fixed = { start, bloodVolume: typeof bloodVolume === "number" ? bloodVolume : 0 };
  const volume = bloodVolume ?? (input?.blood ? "fit" : 0);
  switch (model) {
    case "srtm":
      return srtm(data, ref());
    case "srtm2":
      return srtm2(data, ref(), k2prime);
    case "mrtm1":
      return mrtm1(data, ref(), start);
    case "mrtm2":
      return mrtm2(data, ref(), k2prime, start);
    case "reference-logan":
      return referenceLogan(data, ref(), { k2prime, start });
    case "reference-patlak":
      return referencePatlak(data, ref(), start);
    case "1tcm":
      return oneTissue(data, plasma(), volume);
    case "2tcm":
      return twoTissue(data, plasma(), volume);
    case "2tcm-irreversible":
      return irreversibleTwoTissue(data, plasma(), volume);
    case "logan":
      return logan(data, plasma(), fixed);
    case "ma1":
      return ma1(data, plasma(), fixed);
    case "patlak":
      return patlak(data, plasma(), fixed);
  }
}
