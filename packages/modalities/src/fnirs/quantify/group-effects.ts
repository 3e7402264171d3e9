import { DataError } from "@quintet/core";
import { mixedEffects, studentTwoSided } from "@quintet/kernels";

/** What one subject's linear models found; several runs of a subject each have their own rows. */
export interface SubjectEffects {
  readonly subject: string;
  /** "S1-D2 hbo": what is compared over subjects. */
  readonly channel: string;
  readonly condition: string;
  /** mol/L */
  readonly value: number;
  readonly standardError: number;
}

export interface GroupEffect {
  readonly channel: string;
  readonly condition: string;
  /** mol/L, mean over subjects. */
  readonly value: number;
  readonly standardError: number;
  readonly t: number;
  readonly dof: number;
  /** Two-sided. */
  readonly p: number;
  readonly subjects: number;
  /** Standard deviation between subjects, mol/L. */
  readonly between: number;
}

/**
 * Responses over subjects, channel by channel: one mean per condition, a random intercept per subject, each first-level value weighted
 * by its own variance.
 *
 *   b_sc = mean_c + u_s + e_sc,   Var e_sc = s^2 SE_sc^2
 *
 * by restricted maximum likelihood (`mixedEffects`). Channels that fewer than 2 subjects have are left out of the result.
 *
 * @throws DataError `no-effects` (no channel of two subjects), and those of mixedEffects
 * @see Santosa et al., Algorithms 2018;11:73 (group level of the linear model); Laird & Ware, Biometrics 1982;38:963-74
 */
export function groupEffects(effects: readonly SubjectEffects[]): GroupEffect[] {
  const channels = [...new Set(effects.map(({ channel }) => channel))];
  const found = channels.flatMap((channel): GroupEffect[] => {
    const own = effects.filter((effect) => effect.channel === channel);
    const subjects = new Set(own.map(({ subject }) => subject));
    if (subjects.size < 2) return [];
    const conditions = [...new Set(own.map(({ condition }) => condition))].sort();
    // In micromole per litre; variances relative to their mean, so that s^2 says by how much they are over- or understated.
    const scale = own.reduce((sum, { standardError }) => sum + standardError ** 2 / own.length, 0);
    const fit = mixedEffects(
      own.map(({ value }) => 1e6 * value),
      own.map(({ condition }) => conditions.map((name) => (name === condition ? 1 : 0))),
      own.map(({ subject }) => subject),
      own.map(({ standardError }) => standardError ** 2 / scale),
    );
    const p = conditions.length;
    return conditions.map((condition, j) => {
      const value = (fit.coefficients[j] as number) / 1e6;
      const standardError = Math.sqrt(fit.covariance[j * p + j] as number) / 1e6;
      const t = value / standardError;
      // The mean of a condition is a mean over subjects, however many runs each has.
      const dof = subjects.size - 1;
      return {
        channel,
        condition,
        value,
        standardError,
        t,
        dof,
        p: studentTwoSided(t, dof),
        subjects: subjects.size,
        between: Math.sqrt(fit.between) / 1e6,
      };
    });
  });
  if (found.length === 0)
    throw new DataError("no-effects", "a group needs a channel that two subjects have", {
      found: `${effects.length} effects`,
    });
  return found;
}
