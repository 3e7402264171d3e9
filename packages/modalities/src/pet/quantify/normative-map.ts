/** A person's image against a folder of normals, voxel by voxel. */
import { DataError, type Mask, sameGrid, spacing, type Volume } from "@quintet/core";
import { fwhmPerSigma, leastSquares, smoothGaussian, zOfStudent } from "@quintet/kernels";

export interface NormalPerson {
  /** Years. */
  readonly age: number;
  readonly sex: "F" | "M";
}

export interface NormalImage extends NormalPerson {
  /** In the template, one frame, scaled to its reference region. */
  readonly image: Volume;
  /** Resolution of the image, mm. */
  readonly fwhm: number;
}

export interface NormativeMap {
  readonly brain: Mask;
  readonly unit: Volume["unit"];
  /** Resolution that all images were brought to, mm. */
  readonly fwhm: number;
  readonly n: number;
  /** b0, b1 (per year from the mean age), b2 (male), each a map; b2 is left out when all are of one sex. */
  readonly coefficients: readonly Float32Array[];
  /** Residual standard deviation. */
  readonly sd: Float32Array;
  /** (X'X)^-1, row-major. */
  readonly spread: Float64Array;
  readonly meanAge: number;
  readonly ages: readonly [number, number];
  readonly sexes: readonly ("F" | "M")[];
}

/** As few as these tell little of a spread; fewer are refused. */
const fewest = 10;

/**
 * value = b0 + b1 (age - mean age) + b2 male + e in every voxel of the brain. Images are first brought to one resolution,
 * that of the coarsest, or `fwhm`: sqrt(target^2 - own^2) of smoothing each.
 *
 * @throws DataError `too-few-normals`, `grid-mismatch`, `unit-mismatch`, `bad-sigma` (finer than an image is), `not-finite`
 */
export function normativeMap(normals: readonly NormalImage[], brain: Mask, fwhm?: number): NormativeMap {
  const [first] = normals;
  if (!first || normals.length < fewest) {
    throw new DataError("too-few-normals", "a spread of normals needs people", {
      expected: `at least ${fewest}`,
      found: `${normals.length}`,
    });
  }
  const target = fwhm ?? Math.max(...normals.map((one) => one.fwhm));
  const { unit } = first.image;
  const images = normals.map((one) => matched(one.image, one.fwhm, brain, target, unit));
  const meanAge = normals.reduce((sum, { age }) => sum + age, 0) / normals.length;
  const sexes = [...new Set(normals.map(({ sex }) => sex))].sort();
  const design = normals.map((one) => rowOf(one, meanAge, sexes));
  const columns = design[0]?.length ?? 0;
  const { spread } = leastSquares(design, new Float64Array(normals.length));
  // (X'X)^-1 X' once: every voxel is then a few sums.
  const solver = design.map((row) =>
    Array.from({ length: columns }, (_, j) =>
      row.reduce((sum, x, k) => sum + (spread[j * columns + k] as number) * x, 0),
    ),
  );
  const coefficients = Array.from({ length: columns }, () => new Float32Array(brain.data.length));
  const sd = new Float32Array(brain.data.length);
  const b = new Float64Array(columns);
  for (let v = 0; v < sd.length; v++) {
    if (brain.data[v] === 0) continue;
    b.fill(0);
    for (const [i, data] of images.entries())
      for (let j = 0; j < columns; j++) b[j] = (b[j] as number) + (solver[i]?.[j] as number) * (data[v] as number);
    let squares = 0;
    for (const [i, data] of images.entries()) {
      const fit = (design[i] as readonly number[]).reduce((sum, x, j) => sum + x * (b[j] as number), 0);
      squares += ((data[v] as number) - fit) ** 2;
    }
    sd[v] = Math.sqrt(squares / (normals.length - columns));
    coefficients.forEach((map, j) => {
      map[v] = b[j] as number;
    });
  }
  const years = normals.map(({ age }) => age);
  const ages = [Math.min(...years), Math.max(...years)] as const;
  return { brain, unit, fwhm: target, n: normals.length, coefficients, sd, spread, meanAge, ages, sexes };
}

/**
 * z of a new person, with the error of the normals' own line in the denominator:
 *
 *   t = (y - x'b) / (sd sqrt(1 + x' (X'X)^-1 x))
 *
 * which under the null is Student's t with n - p degrees of freedom; z has the same tail in a normal distribution. Of few normals
 * a t of 4 is less rare: with 14 normals it is a z of 3.1. 0 outside the brain.
 *
 * @throws DataError `grid-mismatch`, `unit-mismatch`, `bad-sigma`, `out-of-range` (a sex or an age more than 5 years outside the normals)
 */
export function normativeZ(norms: NormativeMap, person: NormalImage): Volume<"{z}"> {
  const { brain, coefficients, sd, spread, meanAge, ages, sexes, fwhm, unit } = norms;
  if (person.age < ages[0] - 5 || person.age > ages[1] + 5 || !sexes.includes(person.sex)) {
    throw new DataError("out-of-range", "the normals are no match for this person", {
      expected: `${ages[0]} to ${ages[1]} years, ${sexes.join(" or ")}`,
      found: `${person.age} years, ${person.sex}`,
    });
  }
  const data = matched(person.image, person.fwhm, brain, fwhm, unit);
  const x = rowOf(person, meanAge, sexes);
  let leverage = 1;
  for (const [i, a] of x.entries())
    for (const [j, c] of x.entries()) leverage += a * (spread[i * x.length + j] as number) * c;
  const scale = Math.sqrt(leverage);
  const normal = normalOfStudent(norms.n - x.length);
  const z = data.map((y, v) => {
    const s = (sd[v] as number) * scale;
    if (brain.data[v] === 0 || !(s > 0)) return 0;
    return normal((y - x.reduce((sum, a, j) => sum + a * (coefficients[j]?.[v] as number), 0)) / s);
  });
  return { ...person.image, unit: "{z}", data: z };
}

/** zOfStudent from a table with steps of 0.01, exact beyond 20: within 1e-5. */
function normalOfStudent(freedom: number): (t: number) => number {
  const table = Float64Array.from({ length: 2002 }, (_, i) => zOfStudent(i / 100, freedom));
  return (t) => {
    const size = Math.abs(t) * 100;
    if (!(size < 2000)) return Number.isNaN(t) ? t : zOfStudent(t, freedom);
    const i = Math.floor(size);
    const z = (table[i] as number) + (size - i) * ((table[i + 1] as number) - (table[i] as number));
    return t < 0 ? -z : z;
  };
}

function rowOf({ age, sex }: NormalPerson, meanAge: number, sexes: readonly string[]): readonly number[] {
  return [1, age - meanAge, ...(sexes.length > 1 ? [sex === "M" ? 1 : 0] : [])];
}

function matched(image: Volume, own: number, brain: Mask, target: number, unit: Volume["unit"]): Float32Array {
  if (!sameGrid(image, brain))
    throw new DataError("grid-mismatch", "images of normals lie on the brain's grid", {
      expected: `${brain.shape} in ${brain.space}`,
      found: `${image.shape} in ${image.space}`,
    });
  if (image.unit !== unit)
    throw new DataError("unit-mismatch", "images are compared in one unit", { expected: unit, found: image.unit });
  return atResolution(image, own, target).data;
}

/**
 * An image smoothed from its own resolution to a coarser one, by a Gaussian of FWHM sqrt(target^2 - own^2).
 * @throws DataError `bad-sigma` (finer than it is)
 */
export function atResolution<V extends Volume>(image: V, own: number, target: number): V {
  const missing = target ** 2 - own ** 2;
  if (!(missing > -0.01 * target ** 2))
    throw new DataError("bad-sigma", "an image cannot be made sharper", {
      expected: `${target} mm or finer`,
      found: `${own} mm`,
    });
  if (missing <= 0) return image;
  const sigma = Math.sqrt(missing) / fwhmPerSigma;
  const [x, y, z] = spacing(image);
  return { ...image, data: smoothGaussian(image.data, image.shape, [sigma / x, sigma / y, sigma / z]) };
}
