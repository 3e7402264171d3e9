/**
 * The electric potential of a current dipole in a head of concentric spheres, exact.
 *
 * Outside the innermost shell's source the potential of order n is A r^n + B r^-(n+1) in each shell; potential and normal
 * current are continuous at the borders and no current leaves the outermost. With u the electrode's direction, r0 the
 * dipole's place (eccentricity b = |r0|/R, direction e), q its moment and c = u.e,
 *
 *   V = 1/(4 pi s_N R^2) sum_{n>=1} (2n+1)/n f_n b^(n-1) [ n (q.e) P_n(c) + q.(u - c e) P_n'(c) ]
 *
 * where f_n is the potential of order n at the surface against that of one shell of s_N. In one shell f_n = 1 and the sum
 * has the closed form used here. The potential has no mean over the sphere.
 *
 * @see Zhang, Phys Med Biol 1995;40:335-349; de Munck & Peters, IEEE TBME 1993;40:1166-1174
 */
import { DataError, type Point } from "@quintet/core";

/** A shell from the radius of the one before (or the centre) to its own. */
export interface SphereShell {
  /** Outer radius in m. */
  readonly radius: number;
  /** S/m */
  readonly conductivity: number;
}

/** Terms are added until they are this small against the sum of their sizes. */
const smallest = 1e-14;
const mostTerms = 20_000;

/**
 * The factors f_1 .. f_count, from the outer border inwards: with V = 1 and no current at R, (V, J r / s) are carried
 * through the shells, each scaled by (inner/outer)^(n+1) so that nothing overflows.
 *
 * @throws DataError `bad-shells`
 */
export function shellFactors(shells: readonly SphereShell[], count: number): Float64Array {
  checkShells(shells);
  const [inner, outer] = [shells[0] as SphereShell, shells.at(-1) as SphereShell];
  return Float64Array.from({ length: count }, (_, i) => {
    const n = i + 1;
    let [potential, current] = [1, 0];
    for (let k = shells.length - 1; k > 0; k--) {
      const { radius, conductivity } = shells[k] as SphereShell;
      const q = (shells[k - 1] as SphereShell).radius / radius;
      const rising = ((n + 1) * potential + current / conductivity) / (2 * n + 1);
      const falling = (n * potential - current / conductivity) / (2 * n + 1);
      const risen = rising * q ** (2 * n + 1);
      potential = risen + falling;
      current = conductivity * (n * risen - (n + 1) * falling);
    }
    return ((outer.conductivity / inner.conductivity) * n) / (n * potential - current / inner.conductivity);
  });
}

/**
 * Potentials of unit dipoles along x, y and z.
 *
 * @param electrodes points in m, relative to the sphere's centre; taken to the surface along their radius
 * @param place of the dipole in m, relative to the centre
 * @param shells inner to outer
 * @returns [electrode][x, y, z] in V per A m, no mean over the sphere
 * @throws DataError `bad-shells`, `outside-brain` (the dipole must lie inside the innermost shell), `not-converged`
 *   (nearer to the border than 20,000 terms resolve), `bad-electrode` (one at the centre)
 */
export function spherePotential(
  electrodes: readonly Point[],
  place: Point,
  shells: readonly SphereShell[],
): Float64Array {
  checkShells(shells);
  const distance = Math.hypot(...place);
  const innermost = (shells[0] as SphereShell).radius;
  if (!(distance < innermost)) {
    throw new DataError("outside-brain", "a dipole lies inside the innermost shell", {
      expected: `less than ${innermost} m from the centre`,
      found: `${distance}`,
    });
  }
  const { radius, conductivity } = shells.at(-1) as SphereShell;
  const b = distance / radius;
  const e: Point = distance > 0 ? [place[0] / distance, place[1] / distance, place[2] / distance] : [0, 0, 1];
  const sum = shells.length === 1 ? closedForm : series(shells, b);
  const scale = 1 / (4 * Math.PI * conductivity * radius * radius);
  const out = new Float64Array(3 * electrodes.length);
  for (const [i, electrode] of electrodes.entries()) {
    const size = Math.hypot(...electrode);
    if (!(size > 0)) throw new DataError("bad-electrode", "an electrode at the sphere's centre has no direction");
    const u = electrode.map((x) => x / size);
    const c = Math.min(1, Math.max(-1, (u[0] as number) * e[0] + (u[1] as number) * e[1] + (u[2] as number) * e[2]));
    const [radial, tangential] = sum(b, c);
    for (let k = 0; k < 3; k++)
      out[3 * i + k] = scale * (radial * (e[k] as number) + tangential * ((u[k] as number) - c * (e[k] as number)));
  }
  return out;
}

/** Sums over n of the radial and the tangential factors, at eccentricity b and cosine c. */
type Sums = (b: number, c: number) => readonly [radial: number, tangential: number];

/** One shell: with D = sqrt(1 + b^2 - 2 b c), both sums in closed form, without a pole at b = 0. */
const closedForm: Sums = (b, c) => {
  const d = Math.sqrt(1 + b * b - 2 * b * c);
  return [(2 * (c - b)) / d ** 3 + (2 * c - b) / (d * (1 + d)), 2 / d ** 3 + (1 + d) / (d * (1 + d - b * c))];
};

function series(shells: readonly SphereShell[], b: number): Sums {
  const factors = shellFactors(shells, termsFor(b));
  return (_, c) => {
    // P_n and P_n' by their recurrences: P_{n+1} = ((2n+1) c P_n - n P_{n-1}) / (n+1), P_{n+1}' = P_{n-1}' + (2n+1) P_n
    let [before, now] = [1, c];
    let [slopeBefore, slope] = [0, 1];
    let [radial, tangential, power] = [0, 0, 1];
    for (let n = 1; n <= factors.length; n++) {
      const weight = ((2 * n + 1) / n) * (factors[n - 1] as number) * power;
      radial += weight * n * now;
      tangential += weight * slope;
      const next = ((2 * n + 1) * c * now - n * before) / (n + 1);
      const slopeNext = slopeBefore + (2 * n + 1) * now;
      [before, now, slopeBefore, slope] = [now, next, slope, slopeNext];
      power *= b;
    }
    return [radial, tangential];
  };
}

/** |P_n| <= 1 and |P_n'| <= n (n+1)/2, so a term is below about n^2 b^(n-1). */
function termsFor(b: number): number {
  for (let n = 1; n <= mostTerms; n++) if (n * n * b ** (n - 1) < smallest) return n;
  throw new DataError("not-converged", "a dipole so near to the border needs too many terms", {
    expected: `${mostTerms} terms at most`,
    found: `eccentricity ${b}`,
  });
}

function checkShells(shells: readonly SphereShell[]): void {
  const right =
    shells.length > 0 &&
    shells.every(
      ({ radius, conductivity }, k) =>
        radius > (k > 0 ? (shells[k - 1] as SphereShell).radius : 0) &&
        conductivity > 0 &&
        Number.isFinite(radius) &&
        Number.isFinite(conductivity),
    );
  if (!right)
    throw new DataError("bad-shells", "shells go from inner to outer with conductivities above 0", {
      expected: "radii that rise, in m; S/m above 0",
      found: shells.map(({ radius, conductivity }) => `${radius} m, ${conductivity} S/m`).join("; "),
    });
}
