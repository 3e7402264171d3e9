import type { Mask, Millimetres, Volume } from "@quintet/core";
import { DataError, toVoxel } from "@quintet/core";
import type { Cluster } from "@quintet/kernels";
import { type Siscom, type SiscomMap, type SiscomOptions, searchedSiscom, siscomFocus, siscomMap } from "./siscom.ts";

/** One way to compute SISCOM, with the name it goes by in a report. */
export interface SiscomSetting {
  readonly name: string;
  readonly options: SiscomOptions;
}

export interface SettingResult {
  readonly name: string;
  readonly clusters: number;
  /** The least likely by chance of those above the threshold. */
  readonly first?: Cluster;
  /** Dice overlap of its hyperperfusion with that of the first setting. */
  readonly overlap: number;
}

export interface SiscomAgreement {
  /** Share of the settings in which a voxel lies above +z, 0 to 1. */
  readonly share: Volume<"1">;
  readonly settings: readonly SettingResult[];
  /** Settings whose first cluster has its centre within `reach` of that of the first setting. */
  readonly concordant: number;
  /** Those of them whose first cluster is a finding (siscomAlpha): noise peaks high in one place whatever the setting. */
  readonly finding: number;
  readonly reach: Millimetres;
}

/**
 * The settings that packages in use differ by: z of 1.5, 2 and 2.5, no smoothing and 8 mm of it, what residual motion explains taken
 * out or left in, each image over its mean in the brain or, where one is given, in a region of reference too. Mean or median of the
 * brain is no other setting: z is about the map's own middle, and what their ratio leaves of the mean image is taken out with the
 * motion; every figure would be counted twice.
 *
 * @param base what is not varied: spread, smallest cluster
 */
export function siscomSettings(base: SiscomOptions = {}, reference?: Mask): SiscomSetting[] {
  const forms: readonly (readonly [string, Pick<SiscomOptions, "removeMotion" | "normalisation">])[] = [
    ["motion taken out", { removeMotion: true, normalisation: "mean" }],
    ["motion left in", { removeMotion: false, normalisation: "mean" }],
    ...(reference === undefined
      ? []
      : [["motion taken out, over the reference region", { removeMotion: true, normalisation: reference }] as const]),
  ];
  const { z = 2, smoothingFwhm = 0, normalisation = "mean", removeMotion = true } = base;
  const all = forms.flatMap(([called, form]) =>
    [0, 8].flatMap((mm) =>
      [1.5, 2, 2.5].map((limit) => ({
        name: `z ${limit}, ${mm === 0 ? "not smoothed" : `${mm} mm`}, ${called}`,
        options: { ...base, z: limit, smoothingFwhm: mm, ...form },
      })),
    ),
  );
  const own = all.findIndex(
    ({ options }) =>
      options.z === z &&
      options.smoothingFwhm === smoothingFwhm &&
      options.normalisation === normalisation &&
      options.removeMotion === removeMotion,
  );
  const first = own < 0 ? [{ name: "as asked for", options: base }] : all.splice(own, 1);
  return [...first, ...all];
}

/**
 * How far the answer hangs on the settings: two packages in use agree poorly on one person (published: both 70 % concordant
 * with surgery, poor agreement between them).
 *
 *   share(v) = settings in which v is hyperperfused / settings,   Dice = 2 |A & B| / (|A| + |B|)
 *
 * @param settings the first is what the others are compared with
 * @param reach mm between the centres of two first clusters that count as one place; 20 by default, a gyrus or two
 * @throws DataError `no-data` without a setting, those of siscom
 */
export function siscomAgreement(
  ictal: Volume,
  interictal: Volume,
  brain: Mask,
  settings: readonly SiscomSetting[],
  { reach = 20 }: { readonly reach?: Millimetres } = {},
): SiscomAgreement {
  if (settings.length === 0) throw new DataError("no-data", "agreement needs one setting at least");
  const results = siscomOfAll(ictal, interictal, brain, settings);
  const active = results.map((result, k) => hyperperfused(result, settings[k]?.options.z ?? 2));
  const data = new Float32Array(brain.data.length);
  for (const one of active) for (let v = 0; v < data.length; v++) data[v] = (data[v] as number) + (one[v] as number);
  const [main] = results as [Siscom, ...Siscom[]];
  const place = main.search.above[0]?.centre;
  const near = results.filter(({ search: { above } }) => {
    const other = above[0]?.centre;
    return (
      place !== undefined &&
      other !== undefined &&
      Math.hypot(...place.map((x, k) => x - (other[k] as number))) <= reach
    );
  });
  return {
    share: { ...main.difference, data: data.map((n) => n / settings.length) },
    settings: results.map(({ search }, k) => ({
      name: (settings[k] as SiscomSetting).name,
      clusters: search.above.length,
      ...(search.above[0] ? { first: search.above[0] } : {}),
      overlap: dice(active[0] as Uint8Array, active[k] as Uint8Array),
    })),
    concordant: near.length,
    finding: near.filter((one) => siscomFocus(one) !== undefined).length,
    reach,
  };
}

/** Settings that differ by threshold and smallest cluster alone share their maps. */
function siscomOfAll(ictal: Volume, interictal: Volume, brain: Mask, settings: readonly SiscomSetting[]): Siscom[] {
  const made: { readonly of: SiscomOptions; readonly map: SiscomMap }[] = [];
  const mapOf = (options: SiscomOptions): SiscomMap => {
    const known = made.find(({ of }) => sameMap(of, options));
    if (known) return known.map;
    const map = siscomMap(ictal, interictal, brain, options);
    made.push({ of: options, map });
    return map;
  };
  return settings.map(({ options }) => searchedSiscom(mapOf(options), options));
}

function sameMap(a: SiscomOptions, b: SiscomOptions): boolean {
  return (["smoothingFwhm", "normalisation", "removeMotion", "spread"] as const).every((k) => a[k] === b[k]);
}

/** Share of the settings in which a cluster's peak is hyperperfused. */
export function shareAtPeak({ peakPosition }: Pick<Cluster, "peakPosition">, share: Volume<"1">): number {
  const [nx, ny] = share.shape;
  const [x, y, z] = toVoxel(share, peakPosition).map(Math.round) as [number, number, number];
  return share.data[(z * ny + y) * nx + x] ?? 0;
}

function hyperperfused({ z }: Siscom, limit: number): Uint8Array {
  return Uint8Array.from(z.data, (value) => (value > limit ? 1 : 0));
}

function dice(a: Uint8Array, b: Uint8Array): number {
  let [both, sum] = [0, 0];
  for (let v = 0; v < a.length; v++) {
    both += (a[v] as number) & (b[v] as number);
    sum += (a[v] as number) + (b[v] as number);
  }
  return sum === 0 ? 1 : (2 * both) / sum;
}
