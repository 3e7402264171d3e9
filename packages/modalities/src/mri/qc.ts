/** What quality control of a T1-weighted image found, as values with verdicts. */
import type { QcFinding, Volume } from "@quintet/core";
import type { BiasCorrection } from "./correct.ts";
import type { BrainMask } from "./quantify/brain-mask.ts";
import type { TissueSegmentation } from "./quantify/tissue.ts";

export interface MriQcOptions {
  readonly brain?: BrainMask;
  readonly bias?: BiasCorrection;
  readonly tissue?: TissueSegmentation;
}

/**
 * Findings, each when its part is given: brain volume and cut-off, bias range, and of the classes
 *
 *   SNR = m_white / s_white,   CNR = |m_white - m_grey| / sqrt(s_white^2 + s_grey^2),   CJV = (s_white + s_grey) / |m_white - m_grey|
 *
 * with means and SDs of the voxels whose share of the class is above 0.9. The SDs hold true variation inside a tissue
 * as well as noise, so SNR is a lower bound.
 *
 * @see Ganzetti et al., Front Neuroinform 2016;10:10 (CJV); limits chosen here
 */
export function qc(t1: Volume, { brain, bias, tissue }: MriQcOptions = {}): QcFinding[] {
  const bad = t1.data.reduce((n, x) => n + (Number.isFinite(x) ? 0 : 1), 0);
  const out: QcFinding[] = [
    {
      modality: "mri",
      name: "non-finite-voxels",
      value: bad,
      unit: "{count}",
      verdict: bad > 0 ? "bad" : "ok",
      note: "voxels that are not numbers",
    },
    ...(brain?.qc ?? []),
    ...(bias?.qc ?? []),
  ];
  if (!tissue) return out;
  const grey = purest(t1, tissue.probabilities.grey);
  const white = purest(t1, tissue.probabilities.white);
  const contrast = Math.abs(white.mean - grey.mean);
  const add = (name: string, value: number, verdict: QcFinding["verdict"], note: string): number =>
    out.push({ modality: "mri", name, value, unit: "1", verdict, note });
  const snr = white.mean / white.sd;
  add(
    "snr",
    snr,
    snr < 5 ? "bad" : snr < 10 ? "warn" : "ok",
    "mean over SD in white matter, a lower bound; 10 and 5 chosen here",
  );
  const cnr = contrast / Math.hypot(white.sd, grey.sd);
  add("cnr", cnr, cnr < 1 ? "bad" : cnr < 1.8 ? "warn" : "ok", "grey-white contrast over noise; 1.8 and 1 chosen here");
  const cjv = (white.sd + grey.sd) / contrast;
  add(
    "cjv",
    cjv,
    cjv > 1.2 ? "bad" : cjv > 0.8 ? "warn" : "ok",
    "coefficient of joint variation (Ganzetti 2016); 0.8 and 1.2 chosen here",
  );
  return out;
}

function purest(t1: Volume, share: Volume<"{probability}">): { mean: number; sd: number } {
  let [n, mean, squares] = [0, 0, 0];
  for (let i = 0; i < share.data.length; i++) {
    if ((share.data[i] as number) <= 0.9) continue;
    const step = (t1.data[i] as number) - mean;
    n++;
    mean += step / n;
    squares += step * ((t1.data[i] as number) - mean);
  }
  return { mean, sd: Math.sqrt(squares / Math.max(1, n - 1)) };
}
