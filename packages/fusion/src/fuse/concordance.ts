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
/** Chance taken when a modality gives none; no chance counts for more than 0.95, so that none has no voice at all. */
const [defaultChance, mostChance] = [0.5, 0.95];

export interface ConcordanceOptions {
  /** Regions returned at most. Default 8. */
  readonly most?: number;
}

interface Located {
  readonly evidence: Evidence;
  readonly shares: RegionShares;
  /** Share of the labelled brain that would have counted as agreement. */
  readonly luck: number;
  /** -ln of its chance: how much it says against chance alone. */
  readonly strength: number;
}

/**
 * Ranks regions by how much better the evidence fits them than a random place.
 *
 *   score(r) = sum_m ln( (p_m(r) + floor) / (prior(r) + floor) ),   p_m(r) = sum_{e of m} w_e (1 - c_e) p_e(r)
 *   w_e = ln(c_e) / sum_{e' of m} ln(c_e')
 *
 * p_e(r) is the share of region r in the Gaussian of the evidence's position and error, c_e its chance (family-wise),
 * prior(r) the region's share of the labelled volume. Several places told by one modality share its voice by how much each
 * says against chance: beside a cluster of 1e-25 one of 1e-5 is no rival, however small its region. A modality without
 * evidence adds nothing: it is silent, not against.
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
  const voices = new Map<Modality, number>();
  for (const { evidence: own, strength } of located)
    voices.set(own.modality, (voices.get(own.modality) ?? 0) + strength);
  const rows: (Concordance & { readonly score: number })[] = [];
  for (const [name, prior] of priors) {
    const best = new Map<Modality, Located>();
    const shares = new Map<Modality, number>();
    for (const one of located) {
      const { modality, chance = 0 } = one.evidence;
      const share = one.shares.get(name) ?? 0;
      const weight = one.strength / (voices.get(modality) ?? one.strength);
      shares.set(modality, (shares.get(modality) ?? 0) + weight * (1 - chance) * share);
      const known = best.get(modality);
      if (points(share, one.shares) && !(known && known.strength >= one.strength)) best.set(modality, one);
    }
    if (best.size === 0) continue;
    const chosen = [...best.values()].sort((a, b) => chanceOf(a) - chanceOf(b));
    const score = [...best.keys()].reduce(
      (sum, modality) => sum + Math.log(((shares.get(modality) ?? 0) + floor) / (prior + floor)),
      0,
    );
    const chance = chosen.reduce((product, one, i) => product * chanceOf(one) * (i === 0 ? 1 : one.luck), 1);
    rows.push({
      ...regionName(name),
      evidence: chosen.map(({ evidence: own }) => own),
      pointing: best.size,
      available: available.length,
      rank: 0,
      score,
      chance,
      ...meanPosition(chosen.map(({ evidence: own }) => own)),
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
  const strength = -Math.log(Math.min(mostChance, Math.max(evidence.chance ?? defaultChance, Number.MIN_VALUE)));
  return { evidence, shares, luck: Math.min(1, luck), strength };
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
