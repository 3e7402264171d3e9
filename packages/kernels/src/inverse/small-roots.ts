/** Eigenvalues below this share of the largest count as 0. */
const nothing = 1e-12;
const sweeps = 12;
const pairs = [
  [0, 1],
  [0, 2],
  [1, 2],
] as const;

/**
 * M^(-1/2) of many symmetric positive semidefinite 1 x 1 or 3 x 3 matrices, in place; on their own range, 0 elsewhere.
 *
 * Jacobi's rotations: theta = (m_qq - m_pp) / (2 m_pq), t = sign(theta) / (|theta| + sqrt(theta^2 + 1)), until what is off the diagonal is 0
 * beside it.
 *
 * @param blocks [matrix][row][column]; of two numbers that should be alike the mean counts
 * @see Golub & Van Loan, Matrix Computations, 4th ed., 8.5
 */
export function inverseRoots(blocks: Float64Array, size: 1 | 3): void {
  if (size === 1) {
    for (let i = 0; i < blocks.length; i++) blocks[i] = (blocks[i] as number) > 0 ? (blocks[i] as number) ** -0.5 : 0;
    return;
  }
  const [m, v] = [new Float64Array(9), new Float64Array(9)];
  for (let at = 0; at < blocks.length; at += 9) {
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        m[3 * i + j] = ((blocks[at + 3 * i + j] as number) + (blocks[at + 3 * j + i] as number)) / 2;
    v.fill(0);
    v[0] = v[4] = v[8] = 1;
    for (let sweep = 0; sweep < sweeps && !settled(m); sweep++) for (const [p, q] of pairs) rotate(m, v, p, q);
    const values = [m[0] as number, m[4] as number, m[8] as number];
    const least = nothing * Math.max(...values);
    const roots = values.map((value) => (value > least && value > 0 ? value ** -0.5 : 0));
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        let sum = 0;
        for (let k = 0; k < 3; k++) sum += (v[3 * i + k] as number) * (roots[k] as number) * (v[3 * j + k] as number);
        blocks[at + 3 * i + j] = sum;
      }
  }
}

function settled(m: Float64Array): boolean {
  const off = Math.abs(m[1] as number) + Math.abs(m[2] as number) + Math.abs(m[5] as number);
  return off <= 1e-17 * (Math.abs(m[0] as number) + Math.abs(m[4] as number) + Math.abs(m[8] as number));
}

/** Takes m_pq to 0: m becomes R' m R, v becomes v R. */
function rotate(m: Float64Array, v: Float64Array, p: number, q: number): void {
  const off = m[3 * p + q] as number;
  if (off === 0) return;
  const theta = ((m[4 * q] as number) - (m[4 * p] as number)) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < 3; k++) {
    const [a, b] = [m[3 * k + p] as number, m[3 * k + q] as number];
    m[3 * k + p] = c * a - s * b;
    m[3 * k + q] = s * a + c * b;
  }
  for (let k = 0; k < 3; k++) {
    const [a, b] = [m[3 * p + k] as number, m[3 * q + k] as number];
    m[3 * p + k] = c * a - s * b;
    m[3 * q + k] = s * a + c * b;
  }
  for (let k = 0; k < 3; k++) {
    const [a, b] = [v[3 * k + p] as number, v[3 * k + q] as number];
    v[3 * k + p] = c * a - s * b;
    v[3 * k + q] = s * a + c * b;
  }
}
