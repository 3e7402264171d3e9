import type { Millimetres, Volume } from "@quintet/core";
import type { Cavity } from "./cavity.ts";
import { type Columns, slope, smoothOverRim } from "./columns.ts";

/** The skull as a closed shell round the brain: two surfaces, as fields on the cavity's grid. */
export interface SkullShell {
  /** mm outside the inner and outside the outer surface (negative inside). */
  readonly beyondInner: Volume<"mm">;
  readonly beyondOuter: Volume<"mm">;
  /** Halfway between bone and the scalp next to it, in the image's scale. */
  readonly scalpEdge: Volume;
  /** Halfway between bone and CSF. */
  readonly csfEdge: number;
  readonly levels: BoneLevels;
  /** Share of columns that show an edge of bone and scalp within 3 mm of the outer surface. */
  readonly seen: number;
  /** Median over the columns, mm. */
  readonly thickness: { readonly skull: Millimetres; readonly scalp: Millimetres };
}

/** Intensities: compact bone, and the soft tissue outside it. */
export interface BoneLevels {
  readonly bone: number;
  readonly soft: number;
}

/** Bone of adults is thicker than this nearly everywhere and thinner than that, mm (a judgement: bounds for doubt only). */
const thickness = { least: 2.5, most: 16 };
/** Half the thickness of the inner table where its contrast to CSF is lost in the voxels, mm. */
const halfTable = 0.8;
/** Skin and fat over the bone are never thinner, mm. */
const leastScalp = 2;

/**
 * Finds the outer and the inner surface of the skull along the columns.
 *
 * Outer: the edge from dark (bone) to bright (scalp), S(t) = mean I(t..t+2.5) - mean I(t-2..t), that lies nearest to what
 * the neighbours show: t = argmin -S(t) / (soft - bone) + (t - R)^2 / (2 tau^2), R the smooth mean of the neighbours'
 * edges weighted by S, tau from 8 to 3 mm. Inner: where the image first falls below halfway from bone to CSF (`csfEdge`),
 * smoothed likewise; CSF outside the brain's rim is kept inside. In between lies bone, whatever its marrow looks like.
 *
 * @param csfEdge intensity halfway between bone and CSF as a function of the bone's level
 */
export function skullShell(columns: Columns, cavity: Cavity, { csf, grey }: { csf: number; grey: number }): SkullShell {
  const levels = boneLevels(columns, grey);
  const soft = localSoft(columns, levels);
  const outer = outerEdges(columns, cavity, levels);
  const csfEdge = (levels.bone + Math.max(csf, levels.bone)) / 2;
  const inner = innerEdges(columns, cavity, outer.field, levels, csf);
  const ones = new Float32Array(columns.count).fill(1);
  const softField = smoothOverRim(columns, cavity, soft(outer.at), ones, 3);
  const extended = footVoxels(cavity);
  const { data: phi } = cavity.distance;
  const beyond = (field: Float32Array): Volume<"mm"> => ({
    ...cavity.distance,
    data: phi.map((d, i) => d - (field[extended[i] as number] as number)),
  });
  const scalpEdge = phi.map((_, i) => (levels.bone + (softField[extended[i] as number] as number)) / 2);
  return {
    beyondInner: beyond(inner),
    beyondOuter: beyond(outer.field),
    scalpEdge: { ...cavity.distance, unit: "{arbitrary}", data: scalpEdge },
    csfEdge,
    levels,
    seen: outer.seen,
    thickness: {
      skull: middle(Float32Array.from(columns.voxel, (i) => (outer.field[i] as number) - (inner[i] as number))),
      scalp: middle(
        Float32Array.from(columns.voxel, (i, c) => (columns.exit[c] as number) - (outer.field[i] as number)),
      ),
    },
  };
}

/** Muscle's T1 signal as a share of grey matter's (a judgement from T1-weighted images of several scanners). */
const muscleToGrey = 0.75;

/** Bone: the 20 % quantile over columns of the darkest sample from the brain on; soft tissue: muscle, 0.75 of grey matter. */
function boneLevels({ count, at, profile, entry, exit }: Columns, grey: number): BoneLevels {
  const darkest: number[] = [];
  for (let c = 0; c < count; c++) {
    const [from, until] = [entry[c] as number, exit[c] as number];
    if (until < 6 || until > 28) continue; // columns into face and neck, or out of the image
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < at.length; k++) {
      const t = at[k] as number;
      if (t < from || t > Math.min(14, until - leastScalp)) continue;
      least = Math.min(least, profile[c * at.length + k] as number);
    }
    if (Number.isFinite(least)) darkest.push(least);
  }
  const bone = quantile(Float32Array.from(darkest), 0.2);
  return { bone, soft: Math.max(muscleToGrey * grey, 1.2 * bone) };
}

/** Per column the brightness 0.5 to 1.25 mm outside an edge: what touches the bone, muscle or fat, without what lies behind it. */
function localSoft(
  { count, at, profile, exit }: Columns,
  { bone, soft }: BoneLevels,
): (edges: Float32Array) => Float32Array {
  return (edges) => {
    const out = new Float32Array(count);
    for (let c = 0; c < count; c++) {
      const [from, to] = [(edges[c] as number) + 0.5, Math.min((edges[c] as number) + 1.25, (exit[c] as number) - 1)];
      const row = profile.subarray(c * at.length, (c + 1) * at.length);
      const seen = row.filter((_, k) => (at[k] as number) >= from && (at[k] as number) <= to);
      const level = seen.length > 1 ? quantile(seen, 0.25) : soft;
      out[c] = Math.min(Math.max(level, bone + 0.5 * (soft - bone)), bone + 3 * (soft - bone));
    }
    return out;
  };
}

function outerEdges(
  columns: Columns,
  cavity: Cavity,
  { bone, soft }: BoneLevels,
): { field: Float32Array; at: Float32Array; seen: number } {
  const { count, at, profile, entry, exit, voxel } = columns;
  const step = (at[1] as number) - (at[0] as number);
  const [within, outside] = [Math.round(2 / step), Math.round(2.5 / step)];
  const contrast = new Float32Array(count * at.length);
  for (let c = 0; c < count; c++) {
    const row = c * at.length;
    for (let k = within; k < at.length - outside; k++) {
      const t = at[k] as number;
      if (t < (entry[c] as number) + thickness.least || t > thickness.most + 6 || t > (exit[c] as number) - leastScalp)
        continue;
      let [dark, light, least] = [0, 0, Number.POSITIVE_INFINITY];
      for (let j = 1; j <= within; j++) {
        const value = profile[row + k - j] as number;
        dark += value / within;
        least = Math.min(least, value);
      }
      for (let j = 1; j <= outside; j++) light += Math.min(profile[row + k + j] as number, 1.5 * soft) / outside;
      const s = (light - dark) / (soft - bone);
      contrast[row + k] = least < bone + 0.5 * (soft - bone) ? Math.min(1, Math.max(0, s)) : 0;
    }
  }
  const best = new Float32Array(count);
  const weight = new Float32Array(count);
  const pick = (expected: (c: number) => number, tau: number): void => {
    for (let c = 0; c < count; c++) {
      let [cost, where, score] = [Number.POSITIVE_INFINITY, expected(c), 0];
      for (let k = 0; k < at.length; k++) {
        const s = contrast[c * at.length + k] as number;
        if (s <= 0) continue;
        const e = -s + ((at[k] as number) - expected(c)) ** 2 / (2 * tau * tau);
        if (e < cost) [cost, where, score] = [e, at[k] as number, s];
      }
      best[c] = where;
      weight[c] = score + 1e-4;
    }
  };
  const start = startingEdge(columns, contrast);
  let field: Float32Array = new Float32Array(cavity.distance.data.length).fill(start);
  for (const [tau, sigma] of [
    [8, 12],
    [6, 8],
    [4, 5],
    [3, 3],
  ] as const) {
    const now = field;
    pick((c) => now[voxel[c] as number] as number, tau);
    field = smoothOverRim(columns, cavity, best, weight, sigma);
  }
  let near = 0;
  for (let c = 0; c < count; c++)
    if ((weight[c] as number) > 0.3 && Math.abs((best[c] as number) - (field[voxel[c] as number] as number)) < 3)
      near++;
  return { field, at: best, seen: near / Math.max(1, count) };
}

/** The median over columns of the place of the strongest edge. */
function startingEdge({ count, at }: Columns, contrast: Float32Array): number {
  const places: number[] = [];
  for (let c = 0; c < count; c++) {
    let [most, where] = [0.3, -1];
    for (let k = 0; k < at.length; k++) {
      const s = contrast[c * at.length + k] as number;
      if (s > most) [most, where] = [s, at[k] as number];
    }
    if (where > 0) places.push(where);
  }
  return places.length > 0 ? middle(Float32Array.from(places)) : 8;
}

function innerEdges(
  columns: Columns,
  cavity: Cavity,
  outer: Float32Array,
  { bone, soft }: BoneLevels,
  csf: number,
): Float32Array {
  const { count, at, profile, entry, voxel } = columns;
  const found = new Float32Array(count);
  const weight = new Float32Array(count);
  for (let c = 0; c < count; c++) {
    const row = profile.subarray(c * at.length, (c + 1) * at.length);
    const last = (outer[voxel[c] as number] as number) - 1;
    const edge = innerEdge(row, at, (entry[c] as number) - 1, last, (bone + soft) / 2, csf);
    found[c] = edge ?? 0;
    weight[c] = edge === undefined ? 0 : 1;
  }
  const rough = smoothOverRim(columns, cavity, found, weight, 6);
  for (let c = 0; c < count; c++) {
    const apart = (found[c] as number) - (rough[voxel[c] as number] as number);
    weight[c] = (weight[c] as number) * Math.exp(-(apart * apart) / (2 * 2 * 2)) + 1e-4;
    if ((weight[c] as number) < 2e-4) found[c] = rough[voxel[c] as number] as number;
  }
  const field = smoothOverRim(columns, cavity, found, weight, 3);
  return field.map((r, i) => Math.min(r, (outer[i] as number) - thickness.least));
}

/** Where CSF turns into the inner table: from its darkest sample back towards the brain, halfway up to CSF. */
function innerEdge(
  row: Float32Array,
  at: readonly number[],
  first: number,
  last: number,
  marrow: number,
  csf: number,
): number | undefined {
  let [least, where] = [Number.POSITIVE_INFINITY, -1];
  for (let k = 0; k < at.length && (at[k] as number) <= last; k++) {
    const [t, value] = [at[k] as number, row[k] as number];
    if (t < first) continue;
    if (value > marrow && least < marrow && t > first + 2) break;
    if (value < least) [least, where] = [value, k];
  }
  if (where < 1 || least > marrow) return undefined;
  const flat = least + 0.25 * Math.max(0, csf - least);
  while (where > 1 && (at[where - 1] as number) >= first && (row[where - 1] as number) <= flat) where--;
  const half = (least + csf) / 2;
  if (!(least < 0.9 * csf)) return (at[where] as number) - halfTable;
  for (let k = where; k > 0; k--) {
    const [inwards, now] = [row[k - 1] as number, row[k] as number];
    if (inwards < half) continue;
    const t = (at[k] as number) - ((half - now) / (inwards - now)) * ((at[k] as number) - (at[k - 1] as number));
    return t;
  }
  return at[where];
}

/** Farther from the rim than this no surface of the skull is near, mm. */
const far = 40;

/** For every voxel near the rim the voxel in which the rim lies nearest: down the slope by its distance; else the voxel. */
function footVoxels({ distance, step }: Cavity): Int32Array {
  const { data: phi, shape } = distance;
  const [nx, ny, nz] = shape;
  const out = new Int32Array(phi.length);
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, i++) {
        out[i] = i;
        if (Math.abs(phi[i] as number) > far) continue;
        const n = slope(phi, shape, i);
        const t = -(phi[i] as number) / step;
        const clamp = (v: number, most: number): number => Math.min(most - 1, Math.max(0, Math.round(v)));
        out[i] = clamp(x + t * n[0], nx) + nx * (clamp(y + t * n[1], ny) + ny * clamp(z + t * n[2], nz));
      }
  return out;
}

function quantile(values: Float32Array, share: number): number {
  return Float32Array.from(values).sort()[Math.floor(share * values.length)] ?? 0;
}

function middle(values: Float32Array): number {
  return quantile(values, 0.5);
}
