/** How far two images or label images of one grid agree: what studies of registration print. */
import type { LabelVolume } from "@quintet/core";
import { smoothGaussian } from "@quintet/kernels";

/** Dice of what lies above a threshold in either: 2 |A and B| / (|A| + |B|). */
export function dice(a: ArrayLike<number>, above: number, b: ArrayLike<number>, aboveB: number): number {
  let [both, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [(a[i] as number) > above, (b[i] as number) > aboveB];
    sum += Number(p) + Number(q);
    if (p && q) both++;
  }
  return sum === 0 ? 1 : (2 * both) / sum;
}

/** Dice of every label above 0 that either image holds. */
export function regionDice(a: LabelVolume, b: LabelVolume): Map<number, number> {
  const counts = new Map<number, [sum: number, both: number]>();
  const at = (label: number): [number, number] => {
    const found = counts.get(label) ?? [0, 0];
    counts.set(label, found);
    return found;
  };
  for (let i = 0; i < a.data.length; i++) {
    const [p, q] = [a.data[i] as number, b.data[i] as number];
    at(p)[0]++;
    at(q)[0]++;
    if (p === q) at(p)[1]++;
  }
  counts.delete(0);
  return new Map([...counts].map(([label, [sum, both]]) => [label, (2 * both) / sum]));
}

/** Mean correlation inside Gaussian windows of 2 voxels where both images vary by more than 0.3 % of their range. */
export function localCorrelation(
  a: Float32Array,
  b: Float32Array,
  shape: readonly [number, number, number],
  mask: ArrayLike<number>,
): number {
  const scaled = (data: Float32Array): Float32Array => {
    const most = data.reduce((x, y) => Math.max(x, y), 0);
    return data.map((v) => v / most);
  };
  const soft = (data: Float32Array): Float32Array => smoothGaussian(data, shape, [2, 2, 2]);
  const [p, q] = [scaled(a), scaled(b)];
  const [mp, mq] = [soft(p), soft(q)];
  const [pp, qq, pq] = [
    soft(p.map((v) => v * v)),
    soft(q.map((v) => v * v)),
    soft(p.map((v, i) => v * (q[i] as number))),
  ];
  let [sum, count] = [0, 0];
  for (let i = 0; i < p.length; i++) {
    const [x, y] = [mp[i] as number, mq[i] as number];
    const [vp, vq] = [(pp[i] as number) - x * x, (qq[i] as number) - y * y];
    if (mask[i] === 0 || vp < 1e-5 || vq < 1e-5) continue;
    sum += ((pq[i] as number) - x * y) / Math.sqrt(vp * vq);
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
