/** Tail probabilities of Student's and Fisher's distributions as z values, and the false discovery rate. */
import { incompleteBeta, studentTwoSided } from "../statistics/distribution.ts";

/** P(F >= f) with (n, d) degrees of freedom. */
export function fisherTail(f: number, n: number, d: number): number {
  return f > 0 ? incompleteBeta(d / (d + n * f), d / 2, n / 2) : 1;
}

/**
 * The z whose upper normal tail is p, 0 < p < 1: algorithm AS 241 (PPND16), relative error about 1e-16.
 * @see Wichura, Appl Stat 1988;37:477-84
 */
export function normalUpperQuantile(p: number): number {
  const q = 0.5 - p;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(centreTop, r)) / polynomial(centreBottom, r);
  }
  const r = Math.sqrt(-Math.log(q > 0 ? p : 1 - p));
  const far = r > 5;
  const s = r - (far ? 5 : 1.6);
  const z = polynomial(far ? farTop : nearTop, s) / polynomial(far ? farBottom : nearBottom, s);
  return q > 0 ? z : -z;
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, c) => sum * x + c, 0);
}

const centreTop = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const centreBottom = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852546,
];
const nearTop = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const nearBottom = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const farTop = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 0.000027115555687434876, 2.0103343992922881e-7,
];
const farBottom = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 0.000018463183175100548,
  1.421511758316446e-7, 2.0442631033899397e-15,
];

/** Smallest tail a float64 can tell from 0; beyond it z is held at 37.5. */
const leastTail = 1e-307;

/** z with the same upper tail as t; odd in t. */
export function zOfStudent(t: number, dof: number): number {
  const tail = Math.max(leastTail, studentTwoSided(t, dof) / 2);
  const z = normalUpperQuantile(tail);
  return t < 0 ? -z : z;
}

/** z with the same upper tail as F. */
export function zOfFisher(f: number, n: number, d: number): number {
  return normalUpperQuantile(Math.min(1 - 1e-16, Math.max(leastTail, fisherTail(f, n, d))));
}

/**
 * The largest p value that is significant at false discovery rate q: p_(k) for the largest k with p_(k) <= k q / m.
 * 0 when there is none. Holds for independent tests and for positively dependent ones, as neighbouring voxels are.
 *
 * @see Benjamini & Hochberg, J R Stat Soc B 1995;57:289-300; Genovese et al., NeuroImage 2002;15:870-8
 */
export function falseDiscoveryThreshold(p: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(p).sort();
  for (let k = sorted.length; k > 0; k--)
    if ((sorted[k - 1] as number) <= (k * q) / sorted.length) return sorted[k - 1] as number;
  return 0;
}
