/** The head that sources are sought in: surfaces written by `quintet mri head`, or spheres fitted to the electrodes. */
import { readFile } from "node:fs/promises";
import { type Affine, affineOf, DataError, invert, type Montage, type Point, type Surface } from "@quintet/core";
import { headFiducials, placeMontage } from "@quintet/fusion/head";
import { readGiftiSurface, readJson } from "@quintet/io";
import { fitSphere, isInside, nearestOnSurface } from "@quintet/kernels";
import {
  boundaryElementHead,
  headShells,
  type SourceGrid,
  type SourceHead,
  sourceGrid,
  sphereGrid,
  sphereHead,
} from "@quintet/modalities/eeg";

export interface SourceSpace {
  readonly head: SourceHead;
  readonly grid: SourceGrid;
  /** Whether the model holds a source there. */
  readonly holds: (place: Point) => boolean;
  /** In words: model, surfaces, how the electrodes were placed. */
  readonly note: string;
}

export interface HeadOfFilesOptions {
  /** What leads the names of the surfaces: heads/sub-01_T1w of heads/sub-01_T1w_desc-scalp_surf.gii. */
  readonly head?: string;
  /** mm between sources; default 10. */
  readonly spacing?: number;
  /** S/m of brain, skull, scalp. */
  readonly conductivities?: readonly [number, number, number];
  /** The electrodes are already in the T1's world: no fit. */
  readonly placed?: boolean;
}

/** mm from the inner skull at which a source on the cortex may stand: nearer, where surfaces touch, the model is no head. */
const leastDistance = 2;

/**
 * @throws DataError `no-positions`, `missing-field` (no normalisation beside the surfaces), those of `placeMontage`, `boundaryElementHead`
 *   and `sphereHead`
 */
export async function headOfFiles(
  montage: Montage,
  channels: readonly string[],
  { head, spacing = 10, conductivities, placed = false }: HeadOfFilesOptions,
): Promise<SourceSpace> {
  if (head === undefined) {
    const spheres = sphereHead(montage, channels);
    const { centre, radius } = fitSphere(spheres.electrodes);
    // MNE-Python keeps sources within 90 % of the sphere; the brain's shell here is 90 % of the head, and 5 mm from it.
    const inner = headShells[0].share * radius - 5;
    return {
      head: spheres,
      holds: (p) => Math.hypot(p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]) <= inner,
      grid: sphereGrid(montage.space, centre, inner, spacing),
      note: "four spheres fitted to the electrodes, exact series",
    };
  }
  const [inner, outer, scalp] = (await Promise.all(
    ["innerskull", "outerskull", "scalp"].map(async (name) => readSurface(`${head}_desc-${name}_surf.gii`)),
  )) as [Surface, Surface, Surface];
  const own: Montage = placed
    ? { ...montage, space: scalp.space }
    : placeMontage(montage, scalp, headFiducials(await templateToHead(head, scalp.space), scalp)).montage;
  const model = boundaryElementHead([inner, outer, scalp], own, channels, conductivities);
  const near = nearestOnSurface(inner);
  return {
    head: model,
    holds: (p) => near(p).distance >= leastDistance && isInside(p, inner),
    grid: sourceGrid(inner, { spacing }),
    note: `boundary elements on ${inner.faces.length / 3} triangles a surface; electrodes ${placed ? "as given" : "fitted to the scalp"}, moved ${Math.max(...model.moved).toFixed(1)} mm at most`,
  };
}

async function readSurface(file: string): Promise<Surface> {
  return readGiftiSurface(await readFile(file), { file });
}

export async function templateToHead(
  head: string,
  space: string,
): Promise<{ from: string; to: string; matrix: Affine }> {
  const file = `${head}_desc-normalisation.json`;
  const { affine, to } = readJson(await readFile(file, "utf8"), file) as {
    readonly affine?: number[];
    readonly to?: string;
  };
  if (!Array.isArray(affine) || affine.length !== 16)
    throw new DataError("missing-field", "the normalisation holds an affine", { file, expected: "16 numbers" });
  return { from: to ?? "template", to: space, matrix: invert(affineOf(affine)) };
}
