/** First and second derivative of ln Gamma: mean and variance of the logarithm of a chi-squared variable. */

/**
 * psi(x) = d ln Gamma / dx, x > 0: psi(x) = psi(x + 1) - 1/x up to x = 10, then
 * ln x - 1/(2x) - sum B_2k / (2k x^2k); error below 1e-13.
 *
 * @see Abramowitz & Stegun 6.3.5, 6.3.18
 */
export function digamma(x: number): number {
  let [at, sum] = [x, 0];
  for (; at < 10; at++) sum -= 1 / at;
  const y = 1 / at ** 2;
  return (
    sum + Math.log(at) - 1 / (2 * at) - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y * (1 / 132)))))
  );
}

/**
 * psi'(x), x > 0: psi'(x) = psi'(x + 1) + 1/x^2 up to x = 10, then 1/x + 1/(2 x^2) + sum B_2k / x^(2k+1); error below 1e-12.
 *
 * @see Abramowitz & Stegun 6.4.6, 6.4.12
 */
export function trigamma(x: number): number {
  let [at, sum] = [x, 0];
  for (; at < 10; at++) sum += 1 / at ** 2;
  const y = 1 / at ** 2;
  return sum + 1 / at + y / 2 + (y / at) * (1 / 6 - y * (1 / 30 - y * (1 / 42 - y * (1 / 30 - y * (5 / 66)))));
}

/** The x > 0 at which psi'(x) = value, value > 0: Newton on ln x, from the larger of the two asymptotes 1/x + 1/2x^2 and 1/x^2. */
export function inverseTrigamma(value: number): number {
  let x = 0.5 + 1 / value;
  for (let round = 0; round < 60; round++) {
    const step = 1e-5 * x;
    const slope = (trigamma(x + step) - trigamma(x - step)) / (2 * step);
    const next = x * Math.exp(Math.max(-2, Math.min(2, (value - trigamma(x)) / (slope * x))));
    if (Math.abs(next - x) <= 1e-12 * x) return next;
    x = next;
  }
  return x;
}
