/** Activity that went into the patient: what was drawn up less what stayed in the syringe, where the file says both. */
import { DataError, type Seconds } from "@quintet/core";
import { latin1 } from "../bytes/byte-reader.ts";
import type { Radiopharmaceutical } from "./radiopharmaceutical.ts";
import type { ScanTimes } from "./scan-times.ts";
import type { DicomDataset } from "./tags.ts";
import { numbersOf, privateElement } from "./values.ts";

/**
 * RadionuclideTotalDose, the activity at the time of administration; DICOM leaves open whether the rest in the syringe was
 * taken off. GE's own elements give both measurements:
 *
 *   A = A_drawn exp(-lambda (t - t_drawn)) - A_rest exp(-lambda (t - t_rest))
 *
 * Where these agree with the stated dose as net or as gross activity within 2 % (in MBq, or another unit: nothing in the file
 * states it), the net one is taken; otherwise refused.
 *
 * @throws DataError `missing-dose`, `implausible-dose`, `disagreement`
 */
export function netActivity(
  dataset: DicomDataset,
  { dose }: Radiopharmaceutical,
  { administeredAt }: ScanTimes,
  halfLife: Seconds,
): { readonly activity: number; readonly notes: readonly string[] } {
  const { file } = dataset;
  if (dose === undefined)
    throw new DataError("missing-dose", "SUV needs the injected activity", { file, found: "nothing" });
  const stated = dose.value;
  // Human brain PET uses about 4 MBq (children) to 1 GBq (O-15 water, each): outside, the unit is wrong.
  if (!(stated >= 1e6 && stated <= 5e9)) {
    throw new DataError("implausible-dose", "no human brain PET uses that dose; DICOM states it in Bq", {
      file,
      expected: "1e6 to 5e9 Bq",
      found: `${stated}`,
    });
  }
  const at = Date.parse(`${administeredAt}Z`) / 1000;
  const drawn = measured(dataset, 0x38, 0x39, at, halfLife);
  const rest = measured(dataset, 0x3c, 0x3d, at, halfLife);
  if (drawn === undefined || rest === undefined) return { activity: stated, notes: [] };
  for (const unit of [1e6, 1, 1e3, 37e6]) {
    const near = (value: number): boolean => Math.abs(stated / (value * unit) - 1) <= 0.02;
    const said = `${Math.round(rest * unit)} Bq stayed in the syringe`;
    if (near(drawn - rest)) return { activity: stated, notes: [`${said}; the stated dose is net`] };
    if (near(drawn)) {
      return { activity: (drawn - rest) * unit, notes: [`${said}; the stated dose was gross, the net one is used`] };
    }
  }
  throw new DataError("disagreement", "the stated dose is neither what was drawn up nor what is left of it", {
    file,
    expected: `${drawn} drawn up, ${drawn - rest} net, in MBq, kBq, Bq or mCi`,
    found: `${stated} Bq`,
  });
}

/** A measurement of GE's private block, decayed to `at`, in the unit it was written in. */
function measured(
  dataset: DicomDataset,
  value: number,
  time: number,
  at: number,
  halfLife: Seconds,
): number | undefined {
  const element = (low: number): ReturnType<typeof privateElement> =>
    privateElement(dataset, 0x0009, "GEMS_PETD_01", low);
  const [activity] = numbersOf(dataset, element(value), "FL");
  const text = element(time)?.value;
  const parts = text && latin1(text).match(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d(?:\.\d+)?)/);
  if (activity === undefined || !(activity > 0) || !parts) return undefined;
  const [, y, mo, d, h, mi, s] = parts;
  const when = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:00Z`) / 1000 + Number(s);
  return activity * Math.exp((-Math.LN2 / halfLife) * (at - when));
}
