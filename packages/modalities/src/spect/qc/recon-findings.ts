import type { QcFinding, SpectProjections } from "@quintet/core";
import type { CentreOfRotation } from "../correct/centre-of-rotation.ts";
import type { SpectReconstruction } from "../recon/reconstruct.ts";
import type { DirectionEvidence } from "./rotation-direction.ts";

/** Half a pixel of 4 mm and a whole one: chosen here. */
const offsetLimits = { warn: 2, bad: 4 };
/** Brain perfusion SPECT wants 5 million counts and more (EANM guideline of 2009; from the literature, not re-checked). */
const countLimits = { warn: 5e6, bad: 1e6 };

/**
 * Findings of one reconstruction: counts, how even the views' counts are, the centre of rotation, the direction, what the model
 * explains.
 */
export function reconFindings(
  { angles, data, offsets }: SpectProjections,
  result: SpectReconstruction | undefined,
  about: {
    readonly centre?: CentreOfRotation;
    readonly direction?: DirectionEvidence;
    /** Whether scatter is a term of the model; default true. */
    readonly scatter?: boolean;
  },
): QcFinding[] {
  const finding = (
    name: string,
    value: number,
    unit: string,
    verdict: QcFinding["verdict"],
    note: string,
  ): QcFinding => ({
    modality: "spect",
    name,
    value,
    unit,
    verdict,
    note,
  });
  const perView = data.length / angles.length;
  const counts = Float64Array.from(angles, (_, v) =>
    data.subarray(v * perView, (v + 1) * perView).reduce((s, y) => s + y, 0),
  );
  const total = counts.reduce((s, y) => s + y, 0);
  const jump = counts.reduce((most, y, v) => {
    const [a, b] = [counts[v - 1] ?? counts.at(-1), counts[v + 1] ?? counts[0]] as [number, number];
    return Math.max(most, Math.abs(y / ((a + b) / 2) - 1));
  }, 0);
  const limit = (value: number, { warn, bad }: { warn: number; bad: number }): QcFinding["verdict"] =>
    value <= warn ? "ok" : value <= bad ? "warn" : "bad";
  const out = [
    finding(
      "counts",
      total,
      "{count}",
      total >= countLimits.warn ? "ok" : total >= countLimits.bad ? "warn" : "bad",
      "sum of all views; brain perfusion wants 5 million and more, below 1 million is bad",
    ),
    finding(
      "view-jump",
      100 * jump,
      "%",
      limit(100 * jump, { warn: 5, bad: 15 }),
      "largest difference of a view's counts from the mean of its neighbours; look again above 5 %, bad above 15 % (limits of this program)",
    ),
  ];
  if (about.centre) {
    const { offset, error, residual } = about.centre;
    const left = Math.abs(offset - (offsets?.[0] ?? 0));
    out.push(
      finding(
        "centre-of-rotation",
        offset,
        "mm",
        limit(Math.max(0, left - 2 * error), offsetLimits),
        `middle of the columns from the axis, +- ${error.toFixed(2)} mm, views scatter by ${residual.toFixed(2)} mm; of what the model does not take in, look again above 2 mm, bad above 4 mm (limits of this program)`,
      ),
    );
  }
  if (about.direction) {
    const gain = about.direction.stated - about.direction.reversed;
    out.push(
      finding(
        "rotation-direction",
        gain,
        "1",
        gain > 50 ? "ok" : gain > -50 ? "warn" : "bad",
        "log-likelihood of the stated direction less that of the reversed one; below 50 look again, below -50 it is reversed",
      ),
    );
  }
  if (result) {
    const { fit, totals } = result;
    const share = (100 * totals.scatter) / totals.counts;
    out.push(
      about.scatter === false
        ? {
            modality: "spect",
            name: "scatter-share",
            value: "not modelled",
            verdict: "warn",
            note: "scatter is no term of the model: the image holds whatever of it was measured",
          }
        : finding(
            "scatter-share",
            share,
            "%",
            share <= 60 ? "ok" : "warn",
            "scatter and downscatter of all counts; look twice above 60 % (limit of this program)",
          ),
    );
    const lost = (100 * fit.unexplained) / fit.counts;
    out.push(
      finding(
        "unexplained-counts",
        lost,
        "%",
        limit(lost, { warn: 0.1, bad: 1 }),
        "counts where the model expects none; look again above 0.1 %, bad above 1 % (limits of this program)",
      ),
    );
  }
  return out;
}
