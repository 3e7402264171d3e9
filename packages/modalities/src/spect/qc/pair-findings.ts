/** What quality control of a SPECT pair found, as values with verdicts. */
import { type Mask, type QcFinding, type Seconds, sameGrid, type Volume } from "@quintet/core";
import type { Siscom } from "../quantify/siscom.ts";

export interface SpectQcOptions {
  readonly ictal?: Volume;
  readonly interictal?: Volume;
  /** On the images' grid. */
  readonly brain?: Mask;
  readonly siscom?: Siscom;
  /** Seizure onset to injection. */
  readonly injectionDelay?: Seconds;
}

/** Published series inject 2 to 80 s after onset, median 13 s (J Nucl Med 2000;41:1619). */
const injectionLimits: { warn: Seconds; bad: Seconds } = { warn: 30, bad: 80 };
/** Registered images of one brain agree better; below, one of them is misplaced or of poor quality. Chosen here. */
const correlationLimits = { warn: 0.9, bad: 0.75 };
/** Below it a pair is refused by what subtracts it. */
export const leastPairCorrelation: number = correlationLimits.bad;
/** Registration must be better than one voxel (SISCOM practice; 2 mm here is half a usual voxel). */
const motionLimits = { warn: 2, bad: 4 };

/**
 * Findings: non-finite voxels, correlation of the pair inside the brain, motion left between them, how uneven the null
 * of the z map is, injection delay. What is not given gives no row.
 */
export function qc({ ictal, interictal, brain, siscom, injectionDelay }: SpectQcOptions): QcFinding[] {
  const finding = (
    name: string,
    value: number,
    unit: string,
    verdict: QcFinding["verdict"],
    note: string,
  ): QcFinding => ({ modality: "spect", name, value, unit, verdict, note });
  const out: QcFinding[] = [];
  for (const [name, image] of Object.entries({ ictal, interictal })) {
    if (!image) continue;
    const bad = image.data.reduce((n, x) => n + (Number.isFinite(x) ? 0 : 1), 0);
    out.push(
      finding(`${name}-non-finite-voxels`, bad, "{count}", bad > 0 ? "bad" : "ok", "voxels that are not numbers"),
    );
  }
  if (ictal && interictal && brain && sameGrid(ictal, interictal) && sameGrid(ictal, brain)) {
    const r = pairCorrelation(ictal, interictal, brain);
    const verdict = r >= correlationLimits.warn ? "ok" : r >= correlationLimits.bad ? "warn" : "bad";
    out.push(
      finding("pair-correlation", r, "1", verdict, "ictal with interictal inside the brain; 0.9 and 0.75 chosen here"),
    );
  }
  if (siscom) {
    const mm = siscom.residualMotion;
    const verdict = mm <= motionLimits.warn ? "ok" : mm <= motionLimits.bad ? "warn" : "bad";
    out.push(
      finding(
        "residual-motion",
        mm,
        "mm",
        verdict,
        "RMS misregistration of the pair that was taken out; 2 and 4 mm chosen here",
      ),
    );
    const [above, below] = siscom.search.inflation;
    const heavy = Math.max(above, below);
    out.push(
      finding(
        "null-inflation",
        heavy,
        "1",
        heavy <= 1.3 ? "ok" : "warn",
        "tails of the z map against a Gaussian's; 1.3 chosen here",
      ),
    );
  }
  if (injectionDelay !== undefined) {
    const verdict =
      injectionDelay <= injectionLimits.warn ? "ok" : injectionDelay <= injectionLimits.bad ? "warn" : "bad";
    out.push(
      finding(
        "injection-delay",
        injectionDelay,
        "s",
        verdict,
        "onset to injection; published 2-80 s, median 13 s (J Nucl Med 2000;41:1619)",
      ),
    );
  }
  return out;
}

/** Pearson's r of two images over a mask, all on one grid. */
export function pairCorrelation({ data: a }: Volume, { data: b }: Volume, { data: mask }: Mask): number {
  let [n, ma, mb, saa, sbb, sab] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    n++;
    const [x, y] = [(a[i] as number) - ma, (b[i] as number) - mb];
    ma += x / n;
    mb += y / n;
    saa += x * ((a[i] as number) - ma);
    sbb += y * ((b[i] as number) - mb);
    sab += x * ((b[i] as number) - mb);
  }
  return sab / Math.sqrt(saa * sbb);
}
