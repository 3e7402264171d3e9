import { DataError, type Nanometres } from "@quintet/core";

/**
 * Differential pathlength factor of the adult and young frontal head,
 *
 *   DPF(l, A) = 223.3 + 0.05624 A^0.8493 - 5.723e-7 l^3 + 0.001245 l^2 - 0.9025 l
 *
 * fitted to measurements between 690 and 832 nm and ages 0 to about 70; outside it is an extrapolation.
 *
 * @param age years
 * @param wavelength nm
 * @throws DataError `bad-age` (0 to 120), `bad-wavelength` (600 to 1000)
 * @see Scholkmann & Wolf, J Biomed Opt 2013;18:105004, equation 7
 */
export function dpf(age: number, wavelength: Nanometres): number {
  if (!(age >= 0 && age <= 120))
    throw new DataError("bad-age", "an age is in years", { expected: "0 to 120", found: `${age}` });
  if (!(wavelength >= 600 && wavelength <= 1000)) {
    throw new DataError("bad-wavelength", "no pathlength factor is known there", {
      expected: "600 to 1000 nm",
      found: `${wavelength}`,
    });
  }
  return (
    223.3 + 0.05624 * age ** 0.8493 - 5.723e-7 * wavelength ** 3 + 0.001245 * wavelength ** 2 - 0.9025 * wavelength
  );
}
