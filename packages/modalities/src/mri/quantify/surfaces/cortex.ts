import {
  apply,
  DataError,
  invert,
  type LabelVolume,
  type Mask,
  type QcFinding,
  type Surface,
  sameGrid,
  spacing,
} from "@quintet/core";
import {
  ballShaped,
  inflateSurface,
  isosurface,
  simplifySurface,
  smoothSurface,
  type UntangledSurface,
  untangleSurface,
  vertexNormals,
} from "@quintet/kernels";
import { brainParts } from "./brain-parts.ts";
import { cortexFindings } from "./cortex-findings.ts";
import { fractionalDepth, type GreyRibbon, greyRibbon } from "./grey-ribbon.ts";
import { type HemisphereSide, type Hemispheres, hemisphereMask } from "./hemispheres.ts";

export interface CortexOptions {
  /** Vertices of the surface; default 20,000. */
  readonly vertices?: number;
  /** Taken as white matter: ventricles and deep grey matter, on the labels' grid, where they are known. */
  readonly filled?: Mask;
}

export interface Cortex {
  /** Half way between white matter and the outer border of grey matter, world mm. */
  readonly surface: Surface;
  /** Outward unit normals, [vertex][x y z]. */
  readonly normals: Float32Array;
  /** The same faces, unfolded for viewing. */
  readonly inflated: Surface;
  readonly qc: readonly QcFinding[];
}

const rounds = 8;
/** Values nearer to the surface's level than this are moved off it where the topology says so. */
const off = 0.02;

/**
 * The mid-grey surface of one hemisphere, closed and of genus 0.
 *
 *   f = d_w / (d_w + d_o) in grey matter,   the surface is f = 1/2
 *
 * with d_w the distance to white matter and d_o that to the outside of grey matter, each from voxel border to voxel
 * border. {f < 1/2} is grown as a ball from the depth of white matter, so that gyri which touch are parted and handles
 * cut; its border is smoothed (Taubin) and simplified, which keep the topology, and smoothed further where faces meet.
 *
 * @param labels `headTissues`, voxels of at most 2 mm
 * @param hemisphere the cerebrum of one side, without cerebellum and brainstem
 * @throws DataError `grid-mismatch`, `empty-region`, `too-coarse`
 */
export function midGreyCortex(labels: LabelVolume, hemisphere: Mask, options: CortexOptions = {}): Cortex {
  const { vertices = 20_000, filled } = options;
  refuseOtherGrids(labels, hemisphere, filled);
  if (Math.max(...spacing(labels)) > 2 + 1e-3) {
    throw new DataError("too-coarse", "a cortex of 2 to 4 mm cannot be followed in such voxels", {
      expected: "voxels of at most 2 mm",
      found: spacing(labels)
        .map((mm) => `${mm.toFixed(1)} mm`)
        .join(", "),
    });
  }
  const ribbon = greyRibbon(labels, hemisphere, filled);
  const { box } = ribbon;
  const depth = fractionalDepth(ribbon);
  const body = ballShaped(depth, box.shape);
  const settled = depth.map((v, i) => (body[i] === 1 ? Math.max(v, off) : Math.min(v, -off)));
  const dense = smoothSurface(isosurface(settled, box, 0), rounds);
  const untangled = untangleSurface(simplifySurface(dense, vertices));
  return finished(untangled.surface, ribbon, untangled);
}

/** Of an imported cortex at least this share of the vertices must lie in the cerebrum of its side. */
const leastInside = 0.5;

/**
 * A cortex that another program made, of one hemisphere: taken as it is, with normals, an inflated copy and what can be
 * said of it against this head's own grey matter.
 *
 * @throws DataError `wrong-side` when it lies in the other hemisphere, `no-overlap` when it lies in neither, `empty-region`
 */
export function importedCortex(surface: Surface, head: Hemispheres, side: HemisphereSide): Cortex {
  const { parts, labels, deep } = head;
  const other = side === "left" ? "right" : "left";
  const [here, there] = [shareIn(surface, parts, brainParts[side]), shareIn(surface, parts, brainParts[other])];
  if (there >= leastInside && there > here)
    throw new DataError("wrong-side", `the ${side} cortex lies in the ${other} hemisphere`, {
      expected: `${side} of the midline`,
      found: `${(100 * there).toFixed(0)} % of its vertices in the ${other} cerebrum`,
    });
  if (!(here >= leastInside))
    throw new DataError("no-overlap", `the ${side} cortex does not lie on this head's brain`, {
      expected: `at least ${100 * leastInside} % of its vertices in the ${side} cerebrum`,
      found: `${(100 * here).toFixed(0)} %`,
    });
  return finished({ ...surface, space: labels.space }, greyRibbon(labels, hemisphereMask(head, side), deep));
}

/** Share of the vertices whose voxel is `part`. */
function shareIn({ vertices }: Surface, { shape, affine, data }: LabelVolume, part: number): number {
  const toVoxel = invert(affine);
  const [nx, ny, nz] = shape;
  let inside = 0;
  for (let v = 0; v < vertices.length; v += 3) {
    const [x, y, z] = apply(toVoxel, [vertices[v], vertices[v + 1], vertices[v + 2]] as [number, number, number]).map(
      Math.round,
    ) as [number, number, number];
    const within = x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz;
    if (within && data[x + nx * (y + ny * z)] === part) inside++;
  }
  return inside / (vertices.length / 3);
}

function finished(surface: Surface, ribbon: GreyRibbon, untangled?: UntangledSurface): Cortex {
  const { surface: inflated, areaDistortion } = inflateSurface(surface);
  return {
    surface,
    normals: vertexNormals(surface),
    inflated,
    qc: cortexFindings(surface, ribbon, areaDistortion, untangled),
  };
}

function refuseOtherGrids(labels: LabelVolume, ...masks: readonly (Mask | undefined)[]): void {
  if (masks.some((mask) => mask && !sameGrid(labels, mask)))
    throw new DataError("grid-mismatch", "the masks must lie on the labels' grid");
}
