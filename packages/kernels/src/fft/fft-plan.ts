/** The passes of a compiled transform and their factors, made once for each length. */

/** Largest prime that has a pass of its own; lengths with larger ones go through the chirp in TypeScript. */
const largestRadix = 31;

/** The radices of a length, or nothing when it has a prime factor of more than 31. */
export function radicesOf(n: number): readonly number[] | undefined {
  const radices: number[] = [];
  let rest = n;
  for (let radix = 4; radix <= largestRadix; radix = radix === 4 ? 2 : radix === 2 ? 3 : radix + 2) {
    while (rest % radix === 0) {
      radices.push(radix);
      rest /= radix;
    }
  }
  return rest === 1 ? radices : undefined;
}

/** One after the other in memory: number of passes, radix and address of the factors of each, the factors. */
export interface Plan {
  readonly radices: readonly number[];
  /** Of each pass, one after the other; `starts` says where in values. */
  readonly factors: Float32Array;
  readonly starts: readonly number[];
}

const plans = new Map<number, Plan>();
const planLimit = 32;

export function planOf(n: number): Plan {
  const known = plans.get(n);
  if (known) return known;
  const radices = radicesOf(n) ?? [];
  const starts: number[] = [];
  const factors: number[] = [];
  const turn = (share: number): void => {
    factors.push(Math.cos(-2 * Math.PI * share), Math.sin(-2 * Math.PI * share));
  };
  let rest = n;
  for (const radix of radices) {
    starts.push(factors.length);
    // The general odd pass takes the sines positive.
    if (radix > 5) for (let j = 0; j < radix; j++) turn(-j / radix);
    for (let p = 0; p < rest / radix; p++) for (let j = 1; j < radix; j++) turn(((p * j) % rest) / rest);
    rest /= radix;
  }
  const made = { radices, factors: Float32Array.from(factors), starts };
  return remember(plans, n, made);
}

/** Bytes that `writePlan` takes. */
export function planBytes({ radices, factors }: Plan): number {
  return 16 * Math.ceil((4 + 8 * radices.length + factors.byteLength) / 16);
}

export function writePlan(buffer: ArrayBuffer, at: number, { radices, factors, starts }: Plan): void {
  const factorsAt = at + 4 + 8 * radices.length;
  const descriptor = radices.flatMap((radix, pass) => [radix, factorsAt + 4 * starts[pass]]);
  new Uint32Array(buffer, at, 1 + descriptor.length).set([radices.length, ...descriptor]);
  new Float32Array(buffer, factorsAt, factors.length).set(factors);
}

/** A length taken as a table of `rows` times `columns`: for fewer lines than a vector has lanes. */
export interface LongPlan {
  readonly rows: number;
  readonly columns: number;
  /** exp(-2 pi i t k / n), [t / 4][k][re or im][t % 4], t < columns, k < rows. */
  readonly factors: Float32Array;
}

const longPlans = new Map<number, LongPlan>();

/** Shorter lines than this gain nothing by being cut. */
const longFrom = 1024;

/** The cut of a long line nearest to a square, both sides multiples of four; nothing for other lengths. */
export function longPlanOf(n: number): LongPlan | undefined {
  if (n < longFrom || n % 16 !== 0) return undefined;
  const known = longPlans.get(n);
  if (known) return known;
  let rows = 4 * Math.floor(Math.sqrt(n) / 4);
  while (n % rows !== 0 || (n / rows) % 4 !== 0) rows -= 4;
  const columns = n / rows;
  // A long thin table would leave the cache again.
  if (columns > 16 * rows) return undefined;
  const factors = new Float32Array(2 * n);
  for (let t = 0; t < columns; t++) {
    for (let k = 0; k < rows; k++) {
      const angle = (-2 * Math.PI * t * k) / n;
      const at = 8 * (Math.floor(t / 4) * rows + k) + (t % 4);
      factors[at] = Math.cos(angle);
      factors[at + 4] = Math.sin(angle);
    }
  }
  return remember(longPlans, n, { rows, columns, factors });
}

/** Keeps the last few. */
function remember<T>(known: Map<number, T>, n: number, made: T): T {
  if (known.size >= planLimit) known.delete(known.keys().next().value as number);
  known.set(n, made);
  return made;
}
