import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix";

/** Inverse of a positive definite matrix that is symmetric but for rounding, symmetric to the bit. */
export function symmetricInverse(matrix: Matrix): Matrix {
  return evened(new CholeskyDecomposition(evened(matrix)).solve(Matrix.eye(matrix.rows, matrix.rows)));
}

/** (M + M') / 2 */
function evened(matrix: Matrix): Matrix {
  return Matrix.add(matrix, matrix.transpose()).mul(0.5);
}

/** Eigenvalues below this share of the largest count as 0. */
const nothing = 1e-12;

/** M^(-1/2) of a symmetric positive semidefinite matrix on its own range; 0 elsewhere. */
export function inverseRoot(matrix: Matrix): Matrix {
  if (matrix.rows === 1) {
    const value = matrix.get(0, 0);
    return new Matrix([[value > 0 ? 1 / Math.sqrt(value) : 0]]);
  }
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(evened(matrix), {
    assumeSymmetric: true,
  });
  const least = nothing * Math.max(...values);
  const roots = Matrix.diag(values.map((v) => (v > least && v > 0 ? 1 / Math.sqrt(v) : 0)));
  return vectors.mmul(roots).mmul(vectors.transpose());
}
