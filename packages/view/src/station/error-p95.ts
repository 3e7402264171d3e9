/**
 * The distance that 95 of 100 points of the head keep within, of a registration whose root mean square error is known.
 *
 * Errors along the three axes taken as independent and of one spread s = rms / sqrt(3): |error|^2 / s^2 is chi-squared with
 * three degrees of freedom, whose 95th percentile is 7.8147.
 *
 *   p95 = rms sqrt(7.8147 / 3) = 1.614 rms
 *
 * @param rms mm
 */
export function errorP95(rms: number): number {
  return rms * Math.sqrt(7.8147 / 3);
}
