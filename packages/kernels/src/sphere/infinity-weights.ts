import type { Point } from "@quintet/core";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { fitSphere } from "./fit-sphere.ts";
import { spherePotential } from "./sphere-potential.ts";

/** Radii (shares of the head's) and conductivities of the three spheres, S/m. */
const head = [
  { share: 0.87, conductivity: 0.33 },
  { share: 0.92, conductivity: 0.0042 },
  { share: 1, conductivity: 0.33 },
];
/** Radius of the layer of sources, share of the head's: just inside the innermost sphere. */
const layer = 0.86;
const sources = 2000;
/** Eigenvalues of G G' below this share of the largest are noise: singular values below 1e-5 of it. */
const cutoff = 1e-10;

/**
 * Weights that carry potentials of any one reference to a reference at infinity:
 *
 *   R = G (H G)^+ H,   H = I - 11'/N
 *
 * with G the potentials of radial dipoles on a layer below the skull (over the whole sphere: what is measured is then the
 * upper part of what they make). (H G)^+ = (H G)' ((H G)(H G)')^+, so that only N x N matrices are turned over.
 *
 * @param positions of the electrodes, any unit
 * @returns [electrode][electrode]
 * @throws DataError as `fitSphere`
 * @see Yao, Physiol Meas 2001;22:693-711
 */
export function infinityWeights(positions: readonly Point[]): readonly Float64Array[] {
  const { centre } = fitSphere(positions);
  const n = positions.length;
  const electrodes = positions.map((p): Point => [p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]]);
  const shells = head.map(({ share, conductivity }) => ({ radius: share, conductivity }));
  const gram = Matrix.zeros(n, n);
  for (let k = 0; k < sources; k++) {
    const z = 1 - (2 * (k + 0.5)) / sources;
    const [r, phi] = [Math.sqrt(1 - z * z), k * Math.PI * (3 - Math.sqrt(5))];
    const e: Point = [r * Math.cos(phi), r * Math.sin(phi), z];
    const lead = spherePotential(electrodes, [layer * e[0], layer * e[1], layer * e[2]], shells);
    const radial = Float64Array.from({ length: n }, (_, i) => dot(lead.subarray(3 * i, 3 * i + 3), e));
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) gram.set(i, j, gram.get(i, j) + (radial[i] as number) * (radial[j] as number));
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) gram.set(j, i, gram.get(i, j));
  const centring = Matrix.eye(n, n).sub(Matrix.ones(n, n).div(n));
  const inverse = pseudoInverse(centring.mmul(gram).mmul(centring));
  const weights = gram.mmul(centring).mmul(inverse).mmul(centring);
  return Array.from({ length: n }, (_, i) => Float64Array.from(weights.getRow(i)));
}

function pseudoInverse(symmetric: Matrix): Matrix {
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(symmetric, {
    assumeSymmetric: true,
  });
  const least = cutoff * Math.max(...values);
  return vectors.mmul(Matrix.diag(values.map((v) => (v > least ? 1 / v : 0)))).mmul(vectors.transpose());
}

function dot(a: ArrayLike<number>, b: Point): number {
  return (a[0] as number) * b[0] + (a[1] as number) * b[1] + (a[2] as number) * b[2];
}
