/** The geometries that bench/pet-projector.ts times, and what both sides are given. */
import type { SinogramLayout } from "../packages/core/src/index.ts";
import { type ImageGrid, type LineStack, seededRandom } from "../packages/kernels/src/index.ts";
import { scannerNamed, sinogramLines } from "../packages/modalities/src/pet/index.ts";

export interface Case {
  readonly name: string;
  readonly title: string;
  readonly grid: ImageGrid;
  /** Some of the views. */
  readonly stack: () => LineStack;
  readonly whole: () => LineStack;
}

function oneCase(
  name: string,
  title: string,
  layout: SinogramLayout,
  views: readonly number[],
  shape: readonly [number, number, number],
  size: readonly [number, number, number],
  every = 1,
): Case {
  const whole = (): LineStack => sinogramLines(layout);
  return {
    name,
    title,
    grid: {
      shape,
      size,
      origin: [0, 1, 2].map((k) => (-((shape[k] as number) - 1) / 2) * (size[k] as number)) as [number, number, number],
    },
    whole,
    stack: () => {
      const all = whole();
      const rays = views.flatMap((view) =>
        Array.from({ length: Math.ceil(layout.bins / every) }, (_, i) => {
          const at = 4 * (view * layout.bins + i * every);
          return [...all.rays.subarray(at, at + 4)];
        }),
      );
      return { ...all, rays: Float64Array.from(rays.flat()) };
    },
  };
}

const steps = (count: number, step: number): number[] => Array.from({ length: count }, (_, i) => i * step);
const mmr = { scanner: scannerNamed("Siemens mMR"), views: 252, bins: 344, span: 11, maxRingDifference: 60 };
const neuroLf = { scanner: scannerNamed("NeuroLF"), views: 128, bins: 147, span: 1, maxRingDifference: 47 };
const dmi = {
  scanner: scannerNamed("GE Discovery MI 4 rings"),
  views: 272,
  bins: 415,
  span: 1,
  maxRingDifference: 35,
  timeOfFlight: { bins: 29, width: 169.3 },
};

export const cases: readonly Case[] = [
  oneCase("mmr", "mMR span 11, 12 of 252 views", mmr, steps(12, 21), [144, 144, 127], [2.08626, 2.08626, 2.03125]),
  oneCase("neurolf", "NeuroLF, 8 of 128 views", neuroLf, steps(8, 16), [120, 120, 97], [2, 2, 3.313 / 2]),
  oneCase("dmi", "DMI, 29 TOF bins, a quarter of a view", dmi, [40], [128, 128, 71], [2.78, 2.78, 2.78], 4),
];

/** An ellipsoid of half axes 100, 120 and 95 mm filled with uniform noise; [z][y][x]. */
export function phantom({ shape: [nx, ny, nz], size, origin }: ImageGrid): Float32Array {
  const random = seededRandom(1);
  return Float32Array.from({ length: nx * ny * nz }, (_, i) => {
    const at = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))].map(
      (j, k) => (origin[k] as number) + j * (size[k] as number),
    ) as [number, number, number];
    return (at[0] / 100) ** 2 + (at[1] / 120) ** 2 + (at[2] / 95) ** 2 < 1 ? random.uniform() : 0;
  });
}

/** Every line of a stack, [ray][plane]: its ends in one array of six and in two of three. */
export function linesOf({ rays, planes }: LineStack): {
  readonly ends: Float32Array;
  readonly pairs: readonly [Float32Array, Float32Array];
} {
  const count = (rays.length / 4) * (planes.length / 2);
  const [ends, a, b] = [new Float32Array(6 * count), new Float32Array(3 * count), new Float32Array(3 * count)];
  let line = 0;
  for (let r = 0; r < rays.length; r += 4) {
    for (let p = 0; p < planes.length; p += 2, line++) {
      a.set([rays[r] as number, rays[r + 1] as number, planes[p] as number], 3 * line);
      b.set([rays[r + 2] as number, rays[r + 3] as number, planes[p + 1] as number], 3 * line);
      ends.set(a.subarray(3 * line, 3 * line + 3), 6 * line);
      ends.set(b.subarray(3 * line, 3 * line + 3), 6 * line + 3);
    }
  }
  return { ends, pairs: [a, b] };
}

/** Voxel planes that the rays cross inside the image, summed. */
export function stepsOf({ rays }: LineStack, { shape, size, origin }: ImageGrid): number {
  let sum = 0;
  for (let r = 0; r < rays.length; r += 4) {
    const [xa, ya, xb, yb] = rays.subarray(r, r + 4) as unknown as [number, number, number, number];
    const d = [xb - xa, yb - ya] as const;
    const u = Math.abs(d[0]) >= Math.abs(d[1]) * (1 - 1e-9) ? 0 : 1;
    const v = 1 - u;
    const start = [xa, ya] as const;
    for (let i = 0; i < shape[u]; i++) {
      const t = (origin[u] + i * size[u] - start[u]) / (d[u] as number);
      const at = (start[v] + t * (d[v] as number) - origin[v]) / size[v];
      if (t >= 0 && t <= 1 && at > -1 && at < shape[v]) sum++;
    }
  }
  return sum;
}
