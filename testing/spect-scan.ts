/** A gamma camera's scan of a phantom head: projections with Poisson noise, reconstructed. One core, about two seconds. */
import { affineOf, type Grid, invert, type Mask, type Transform, type Volume } from "@quintet/core";
import { cameraProjector, fwhmPerSigma, osem, type Random, resample, runToEnd, smoothGaussian } from "@quintet/kernels";
import { collimatorNamed, collimatorResponse } from "@quintet/modalities/spect";
import type { PhantomHead } from "@quintet/twin";

export interface ScanSettings {
  /** Voxel and pixel, mm. */
  readonly edge: number;
  readonly matrix: number;
  readonly slices: number;
  readonly views: number;
  /** mm. */
  readonly radius: number;
  /** Standard deviation of collimator and detector at a distance from the face, mm. */
  readonly sigma: (distance: number) => number;
  readonly subsets: number;
  readonly iterations: number;
  /** Gaussian after reconstruction, mm FWHM. */
  readonly filter: number;
  /** Centre of the field of view in the scanner's world, mm. */
  readonly centre: readonly [number, number, number];
}

/** Siemens' low-energy high-resolution collimator at 140 keV and 15 cm; 4-mm voxels, 64 views, 48 updates. */
export const brainSpect: ScanSettings = {
  edge: 4,
  matrix: 64,
  slices: 48,
  views: 64,
  radius: 150,
  sigma: collimatorResponse(collimatorNamed("siemens-lehr"), 140),
  subsets: 8,
  iterations: 6,
  filter: 8,
  centre: [0, -15, 6],
};

export function scanGrid(
  { edge, matrix, slices, centre }: Pick<ScanSettings, "edge" | "matrix" | "slices" | "centre">,
  space: string,
): Grid {
  const shape = [matrix, matrix, slices] as const;
  const [x, y, z] = shape.map((n, k) => (centre[k] as number) - (edge * (n - 1)) / 2) as [number, number, number];
  return { shape, affine: affineOf([edge, 0, 0, x, 0, edge, 0, y, 0, 0, edge, z]), space };
}

/** Of 140 keV in soft tissue, compact bone and marrow, 1/cm (NIST XCOM, densities of ICRU 44). */
const attenuation = { soft: 0.153, bone: 0.279, marrow: 0.16 };

/** 1/cm on the head's grid. */
export function headAttenuation({ fractions }: PhantomHead): Float32Array {
  const soft = ["soft", "fat", "csf", "grey", "white", "deep-grey", "vitreous"] as const;
  return fractions.bone.map((bone, v) => {
    const rest = soft.reduce((sum, name) => sum + (fractions[name][v] as number), 0);
    return attenuation.bone * bone + attenuation.marrow * (fractions.marrow[v] as number) + attenuation.soft * rest;
  });
}

/** A map of the head as it lies in the scanner, averaged over a voxel's width. */
export function posed(head: PhantomHead, map: Float32Array, grid: Grid, pose: Transform): Float32Array {
  const [edge, fine] = [Math.cbrt(volumeOf(grid)), Math.cbrt(volumeOf(head.grid))];
  const sigma = Math.sqrt(Math.max(0, edge ** 2 - fine ** 2) / 12) / fine;
  const smooth = smoothGaussian(map, head.grid.shape, [sigma, sigma, sigma]);
  const source: Volume<"1"> = {
    ...head.grid,
    unit: "1",
    clock: "none",
    frames: [{ start: 0, duration: 0 }],
    data: smooth,
  };
  return resample(source, grid, invert(pose.matrix)).data;
}

function volumeOf({ affine }: Grid): number {
  return Math.abs((affine[0] as number) * (affine[5] as number) * (affine[10] as number));
}

export interface BrainCamera {
  readonly grid: Grid;
  /** Counts expected of each bin, for `counts` in all. */
  expected(activity: Float32Array, counts: number): Float32Array;
  /** The filtered image of projections, in counts. */
  reconstruct(projections: Float32Array): Volume<"{count}">;
  close(): void;
}

/** @param mu 1/cm on the grid: what attenuates, known to the reconstruction as well */
export function brainCamera(settings: ScanSettings, grid: Grid, mu: Float32Array): BrainCamera {
  const { edge, matrix, slices, views, radius, sigma, subsets, iterations, filter } = settings;
  const half = (n: number): number => (-edge * (n - 1)) / 2;
  const projector = cameraProjector(
    {
      columns: matrix,
      rows: slices,
      size: [edge, edge],
      angles: Float64Array.from({ length: views }, (_, v) => (2 * Math.PI * v) / views),
      radii: new Float64Array(views).fill(radius),
    },
    { shape: grid.shape, size: [edge, edge, edge], origin: [half(matrix), half(matrix), half(slices)] },
    { sigma, attenuation: mu },
  );
  const view = matrix * slices;
  const parts = Array.from({ length: subsets }, (_, s) => {
    const chosen = Array.from({ length: views / subsets }, (_, k) => s + k * subsets);
    return { chosen, operator: projector.subset(chosen) };
  });
  return {
    grid,
    expected(activity, counts) {
      const data = projector.forward(activity).slice();
      const scale = counts / data.reduce((sum, y) => sum + y, 0);
      return data.map((y) => y * scale);
    },
    reconstruct(projections) {
      const all = parts.map(({ chosen, operator }) => ({
        parts: [{ operator, counts: chosen.map((v) => projections.subarray(v * view, (v + 1) * view)) }],
      }));
      const { image } = runToEnd(osem(all, { iterations }));
      const s = filter / fwhmPerSigma / edge;
      return {
        ...grid,
        unit: "{count}",
        clock: grid.space,
        frames: [{ start: 0, duration: 0 }],
        data: smoothGaussian(image, grid.shape, [s, s, s]),
      };
    },
    close: () => projector.close(),
  };
}

export function poisson(expected: Float32Array, random: Random): Float32Array {
  return expected.map((mean) => random.poisson(mean));
}

/** Where brain tissue and its fluid fill half of a voxel or more. */
export function brainOf(head: PhantomHead): Float32Array {
  const { grey, white, "deep-grey": deep } = head.fractions;
  return grey.map((share, v) => share + (white[v] as number) + (deep[v] as number));
}

export function maskAbove(data: Float32Array, grid: Grid, limit = 0.5): Mask {
  return { ...grid, data: Uint8Array.from(data, (x) => (x >= limit ? 1 : 0)) };
}

/**
 * Full width at half maximum of what a voxel's own activity becomes, mm along x, y, z: the difference of two reconstructions without
 * noise, with and without one unit more of activity in it (the reconstruction is not linear: it holds for this background).
 */
export function localResolution(
  camera: BrainCamera,
  activity: Float32Array,
  voxel: readonly [number, number, number],
): [number, number, number] {
  const { shape, affine } = camera.grid;
  const [nx, ny] = shape;
  const at = (voxel[2] * ny + voxel[1]) * nx + voxel[0];
  const more = activity.slice();
  more[at] = (more[at] as number) + 1;
  const total = activity.reduce((sum, a) => sum + a, 0);
  const [with1, without] = [
    camera.reconstruct(camera.expected(more, 5e6 * (1 + 1 / total))),
    camera.reconstruct(camera.expected(activity, 5e6)),
  ];
  const peak = with1.data.map((x, v) => x - (without.data[v] as number));
  const half = (peak[at] as number) / 2;
  const width = (stride: number): number =>
    [-1, 1].reduce((sum, sign) => {
      let k = 0;
      while ((peak[at + sign * stride * (k + 1)] as number) > half) k++;
      const [inner, outer] = [peak[at + sign * stride * k] as number, peak[at + sign * stride * (k + 1)] as number];
      return sum + k + (inner - half) / (inner - outer);
    }, 0) * (affine[0] as number);
  return [width(1), width(nx), width(nx * ny)];
}
