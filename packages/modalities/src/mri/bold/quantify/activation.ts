import { DataError, type Mask, type Volume, type VoxelUnit } from "@quintet/core";
import { type Design, falseDiscoveryThreshold, type GlmOptions, glm } from "@quintet/kernels";
import { type ActivationCluster, activationClusters } from "./activation-clusters.ts";
import { percentSeries } from "./percent-change.ts";

/** Weights by the name of a column (a condition, "CONDITION_time" ...); several sets make an F contrast. */
export interface ContrastOf {
  readonly name: string;
  readonly weights: Readonly<Record<string, number>> | readonly Readonly<Record<string, number>>[];
}

export interface ActivationOptions extends Pick<GlmOptions, "noise" | "rhoFwhm" | "progress"> {
  /** False discovery rate; default 0.05. */
  readonly q?: number;
  /** Clusters smaller than this are not listed, mL. Default 0.2. */
  readonly minimumVolume?: number;
}

export interface ActivationMap {
  readonly name: string;
  readonly kind: "t" | "F";
  readonly dof: readonly [effect: number, error: number];
  /** Signal change in % of the voxel's mean: the peak of the response for a condition. */
  readonly effect: Volume<"%">;
  /** Of a t contrast. */
  readonly standardError?: Volume<"%">;
  readonly statistic: Volume<"1">;
  readonly z: Volume<"{z}">;
  /** |z| from which on a voxel is significant at the false discovery rate; undefined when none is. */
  readonly threshold?: number;
  readonly significantVoxels: number;
  readonly clusters: readonly ActivationCluster[];
}

export interface Activation {
  readonly maps: readonly ActivationMap[];
  readonly mask: Mask;
  /** AR(1) coefficient of the noise. */
  readonly autocorrelation: Volume<"1">;
  /** Standard deviation of the whitened residuals. */
  readonly residual: Volume<"%">;
  readonly dof: number;
  /** Voxels of the mask whose mean is not positive. */
  readonly dropped: number;
}

/** Each condition alone, and each pair's difference. */
export function standardContrasts({ conditions }: Design): ContrastOf[] {
  const alone = conditions.map(({ name }) => ({ name, weights: { [name]: 1 } }));
  const pairs = conditions.flatMap((a, i) =>
    conditions.slice(i + 1).map((b) => ({ name: `${a.name} - ${b.name}`, weights: { [a.name]: 1, [b.name]: -1 } })),
  );
  return conditions.length <= 4 ? [...alone, ...pairs] : alone;
}

/**
 * Activation by the general linear model (see `glm` of the kernels), in percent of each voxel's mean, with the voxels
 * significant at a false discovery rate (two-sided, all voxels of the mask) and their clusters.
 *
 * @throws DataError `unknown-column`, and those of glm and percentSeries
 */
export function activation(
  bold: Volume,
  mask: Mask,
  design: Design,
  contrasts: readonly ContrastOf[],
  { q = 0.05, minimumVolume = 0.2, ...options }: ActivationOptions = {},
): Activation {
  const { series, mask: inside, dropped } = percentSeries(bold, mask);
  const rows = contrasts.map(({ name, weights }) => ({
    name,
    rows: (Array.isArray(weights) ? weights : [weights]).map((own: Readonly<Record<string, number>>) =>
      weightsOf(own, design),
    ),
  }));
  const fit = glm(series.data, series, inside.data, design.rows, rows, { ...options, names: design.names });
  const [first, last] = [bold.frames[0], bold.frames.at(-1)];
  const start = first?.start ?? 0;
  const frames = [{ start, duration: (last?.start ?? 0) + (last?.duration ?? 0) - start }];
  const volume = <U extends VoxelUnit>(data: Float32Array, unit: U): Volume<U> => ({ ...bold, unit, frames, data });
  return {
    mask: inside,
    dropped,
    dof: fit.dof,
    autocorrelation: volume(fit.rho, "1"),
    residual: volume(fit.variance.map(Math.sqrt), "%"),
    maps: fit.contrasts.map((map): ActivationMap => {
      const tested = map.p.filter((_, i) => inside.data[i] !== 0);
      const p = falseDiscoveryThreshold(tested, q);
      const threshold = p > 0 ? smallestAbove(map.z, map.p, p) : undefined;
      const [effect, z] = [volume(map.effect, "%"), volume(map.z, "{z}")];
      return {
        name: map.name,
        kind: map.kind,
        dof: map.dof,
        effect,
        ...(map.kind === "t" ? { standardError: volume(map.standardError, "%") } : {}),
        statistic: volume(map.statistic, "1"),
        z,
        ...(threshold === undefined ? {} : { threshold }),
        significantVoxels: tested.reduce((n, value) => n + (p > 0 && value <= p ? 1 : 0), 0),
        clusters: threshold === undefined ? [] : activationClusters(z, effect, inside, threshold, minimumVolume),
      };
    }),
  };
}

function weightsOf(weights: Readonly<Record<string, number>>, { names }: Design): number[] {
  const unknown = Object.keys(weights).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new DataError("unknown-column", `no column of the design is called "${unknown}"`, {
      expected: names.join(", "),
    });
  }
  return names.map((name) => weights[name] ?? 0);
}

/** |z| of the least significant voxel that still is. */
function smallestAbove(z: Float32Array, p: Float64Array, most: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < z.length; i++) if ((p[i] as number) <= most) least = Math.min(least, Math.abs(z[i] as number));
  return least;
}
