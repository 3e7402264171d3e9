/**
 * Concordance: which sublobar region do the available modalities point at together?
 * Research use, unvalidated: no validated score of this kind is known in the literature.
 */
import type { Concordance, Evidence, LabelVolume, Modality, Point } from "@quintet/core";
import { regionName } from "./region-name.ts";
import { type RegionShares, regionPriors, regionProbabilities } from "./region-probability.ts";

/** Share of probability kept back for "this modality's evidence is about something else". */
const floor = 0.01;
/** A modality points at a region that holds at least this share of its position's probability. */
const pointingShare = 0.15;
/** Position error taken when a modality gives none, mm. */
const defaultError = 15;

export interface ConcordanceOptions {
  /** Regions returned at most. Default 8. */
  readonly most?: number;
}

interface Located {
  readonly evidence: Evidence;
  readonly shares: RegionShares;
  /** Share of the labelled brain that would have counted as agreement. */
  readonly luck: number;
}

/**
 * Ranks regions by how much better the evidence fits them than a random place.
 *
 *   score(r) = sum_m max_{e of m} ln( ((1 - c_e) p_e(r) + floor) / (prior(r) + floor) )
 *
 * p_e(r) is the share of region r in the Gaussian of the evidence's position and error, c_e its chance (family-wise),
 * prior(r) the region's share of the labelled volume. A modality without evidence adds nothing: it is silent, not against.
 * The joint chance multiplies the chances of the modalities that point there, and for each after the first the share of the
 * brain in which its position would have agreed anyway. The position is the inverse-variance mean of theirs.
 *
 * @param evidence in the space of `regions`
 * @param available modalities that were measured and could have pointed somewhere
 * @returns regions that at least one modality points at, best first
 */
export function concordance(
  evidence: readonly Evidence[],
  available: readonly Modality[],
  regions: LabelVolume,
  { most = 8 }: ConcordanceOptions = {},
): readonly Concordance[] {
  const priors = regionPriors(regions);
  const located = evidence.map((e) => locate(e, regions, priors));
  const rows: (Concordance & { readonly score: number })[] = [];
  for (const [name, prior] of priors) {
    const best = new Map<Modality, { located: Located; gain: number }>();
    for (const one of located) {
      const share = one.shares.get(name) ?? 0;
      if (!points(share, one.shares)) continue;
      const gain = Math.log(((1 - (one.evidence.chance ?? 0)) * share + floor) / (prior + floor));
      const known = best.get(one.evidence.modality);
      if (!known || gain > known.gain) best.set(one.evidence.modality, { located: one, gain });
    }
    if (best.size === 0) continue;
    const chosen = [...best.values()].sort((a, b) => chanceOf(a.located) - chanceOf(b.located));
    const score = chosen.reduce((sum, { gain }) => sum + gain, 0);
    const chance = chosen.reduce(
      (product, { located: one }, i) => product * chanceOf(one) * (i === 0 ? 1 : one.luck),
      1,
    );
    rows.push({
      ...regionName(name),
      evidence: chosen.map(({ located: one }) => one.evidence),
      pointing: best.size,
      available: available.length,
      rank: 0,
      score,
      chance,
      ...meanPosition(chosen.map(({ located: one }) => one.evidence)),
    });
  }
  rows.sort((a, b) => b.score - a.score);
  return rows.slice(0, most).map((row, i) => ({ ...row, rank: i + 1 }));
}

/**
 * The concordance worth naming: the first, when its joint chance is small enough. Otherwise there is no finding.
 * @param alpha joint chance accepted for one scan; default 0.01
 */
export function namedFinding(ranked: readonly Concordance[], alpha = 0.01): Concordance | undefined {
  const first = ranked[0];
  return first?.chance !== undefined && first.chance <= alpha ? first : undefined;
}

function chanceOf({ evidence }: Located): number {
  return evidence.chance ?? 1;
}

function points(share: number, shares: RegionShares): boolean {
  return share >= pointingShare || (share > 0 && share === Math.max(...shares.values()));
}

function locate(evidence: Evidence, regions: LabelVolume, priors: RegionShares): Located {
  const shares = evidence.position
    ? regionProbabilities(evidence.position, evidence.positionError ?? defaultError, regions)
    : sharesOfNamed(evidence, priors);
  let luck = 0;
  for (const [name, share] of shares) if (points(share, shares)) luck += priors.get(name) ?? 0;
  return { evidence, shares, luck: Math.min(1, luck) };
}

/** Evidence without a position: its region, or its whole side when it only lateralises. */
function sharesOfNamed({ region, side }: Evidence, priors: RegionShares): RegionShares {
  const named = [...priors].filter(([name]) => {
    const here = regionName(name);
    return here.side === side && (region === "hemisphere" || here.region === region);
  });
  const total = named.reduce((sum, [, share]) => sum + share, 0);
  return new Map(named.map(([name, share]) => [name, share / total]));
}

function meanPosition(evidence: readonly Evidence[]): { position?: Point; positionError?: number } {
  let weights = 0;
  const sum: [number, number, number] = [0, 0, 0];
  for (const { position, positionError = defaultError } of evidence) {
    if (!position) continue;
    const weight = 1 / positionError ** 2;
    weights += weight;
    for (let k = 0; k < 3; k++) sum[k] = (sum[k] as number) + weight * (position[k] as number);
  }
  if (weights === 0) return {};
  return { position: [sum[0] / weights, sum[1] / weights, sum[2] / weights], positionError: Math.sqrt(1 / weights) };
}
