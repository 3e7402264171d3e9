/** Dense linear equations by Gaussian elimination with partial pivoting; undefined when singular. Input untouched. */
export function solve(matrix: readonly ArrayLike<number>[], right: ArrayLike<number>): Float64Array | undefined {
  const n = right.length;
  const rows: Float64Array[] = matrix.map((row, i) => Float64Array.from([...Array.from(row), right[i] as number]));
  const scale = Math.max(...rows.map((row) => Math.max(...row.subarray(0, n).map(Math.abs))));
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs((rows[i] as Float64Array)[k] as number) > Math.abs((rows[pivot] as Float64Array)[k] as number))
        pivot = i;
    }
    [rows[k], rows[pivot]] = [rows[pivot] as Float64Array, rows[k] as Float64Array];
    const top = rows[k] as Float64Array;
    if (!(Math.abs(top[k] as number) > 1e-12 * scale)) return undefined;
    for (let i = k + 1; i < n; i++) {
      const row = rows[i] as Float64Array;
      const factor = (row[k] as number) / (top[k] as number);
      if (factor !== 0) for (let j = k; j <= n; j++) row[j] = (row[j] as number) - factor * (top[j] as number);
    }
  }
  const x = new Float64Array(n);
  for (let k = n - 1; k >= 0; k--) {
    const row = rows[k] as Float64Array;
    let sum = row[n] as number;
    for (let j = k + 1; j < n; j++) sum -= (row[j] as number) * (x[j] as number);
    x[k] = sum / (row[k] as number);
  }
  return x;
}
