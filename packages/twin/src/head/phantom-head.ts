/**
 * A head made by code: tissue fractions, tissue and region labels and fiducials on a grid.
 * Variation 0 is the canonical head (the template when the machine has none); above 0 it is an individual.
 */
import type { Affine, Grid, LabelVolume, Montage, Point } from "@quintet/core";
import { affineOf, apply, identityAffine, invert, multiply } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import type { BrainShape } from "./brain.ts";
import { brainAnatomy, emptyBrainPoint } from "./brain.ts";
import type { TissueName } from "./head.ts";
import { headSurface, paintHead, tissueNames } from "./head.ts";
import type { IndividualMap } from "./individual.ts";
import { individualMap } from "./individual.ts";
import { regionNames } from "./regions.ts";

export interface PhantomHeadOptions {
  readonly seed: number;
  /** Voxel edge, mm; 1.6 when not given. */
  readonly resolution?: number;
  /** 0 the canonical head, 1 an individual; 1 when not given. */
  readonly variation?: number;
  /** Head mm -> world mm of the grid (a subject lying askew in the scanner); identity when not given. */
  readonly pose?: Affine;
  /** Name of the grid's space; "phantom:head" when not given. */
  readonly space?: string;
}

export interface PhantomHead {
  readonly grid: Grid;
  /** Share (0..1) of each tissue in each voxel; what is missing to 1 is air. */
  readonly fractions: Readonly<Record<TissueName, Float32Array>>;
  /** The tissue with the largest share; 0 air, then 1 + index into `tissueNames`. */
  readonly tissue: LabelVolume;
  readonly regions: LabelVolume;
  /** Nz, Iz, LPA, RPA in the grid's world mm. */
  readonly fiducials: Montage;
  /** World mm -> canonical mm. */
  toCanonical(world: Point): [number, number, number];
  fromCanonical(canonical: Point): [number, number, number];
  /** Where the ray from world `origin` along world `direction` leaves the head (skin without ears), world mm. */
  scalpAlong(origin: Point, direction: Point): [number, number, number];
}

/** Where the canonical head's fiducials are sought: a ray from a point inside, canonical mm. */
const fiducialRays: readonly { name: string; from: Point; towards: Point }[] = [
  { name: "Nz", from: [0, 40, -38], towards: [0, 1, 0] },
  { name: "Iz", from: [0, -40, -26], towards: [0, -1, 0] },
  { name: "LPA", from: [-30, -12, -46], towards: [-1, 0, 0] },
  { name: "RPA", from: [30, -12, -46], towards: [1, 0, 0] },
];

/** Field of view of the canonical head, mm: from ear to ear, beyond nose and occiput, neck cut. */
const fieldOfView = { from: [-100, -132, -104], to: [100, 124, 102] } as const;

export function phantomHead(options: PhantomHeadOptions): PhantomHead {
  const variation = options.variation ?? 1;
  const random = seededRandom(options.seed).fork("head");
  const map = individualMap(random.fork("shape"), variation);
  const person = random.fork("brain");
  const shape: BrainShape = {
    thickness: 2.9 + (variation > 0 ? 0.15 * variation * person.normal() : 0),
    atrophy: variation > 0 ? 0.25 * variation * person.uniform() : 0.05,
    ownFolding: Math.min(1, 0.5 * variation),
  };
  const brain = brainAnatomy(shape, seededRandom(20231122).fork("folding"), random.fork("folding"));
  const pose = options.pose ?? identityAffine();
  const grid = gridFor(options.resolution ?? 1.6, options.space ?? "phantom:head");

  const [nx, ny, nz] = grid.shape;
  const n = nx * ny * nz;
  const fractions = Object.fromEntries(tissueNames.map((name) => [name, new Float32Array(n)])) as Record<
    TissueName,
    Float32Array
  >;
  const maps = tissueNames.map((name) => fractions[name]);
  const tissue = new Uint8Array(n);
  const labels = new Uint8Array(n);
  const [point, shares, canonical] = [emptyBrainPoint(), new Float64Array(tissueNames.length), new Float64Array(3)];
  const toHead = multiply(invert(pose), grid.affine);
  const m = Array.from(toHead);
  const world = new Float64Array(3);
  const width = options.resolution ?? 1.6;
  const block = 4;
  const beyond = block * width + 6; // half a block's diagonal, with room for the distances being approximate
  const at = (i: number, j: number, k: number): void => {
    for (let row = 0; row < 3; row++) {
      const line = 4 * row;
      world[row] =
        (m[line] as number) * i + (m[line + 1] as number) * j + (m[line + 2] as number) * k + (m[line + 3] as number);
    }
    map.toCanonical(world[0] as number, world[1] as number, world[2] as number, canonical);
  };
  const fill = (i: number, j: number, k: number): void => {
    at(i, j, k);
    const voxel = (k * ny + j) * nx + i;
    const [cx, cy, cz] = [canonical[0] as number, canonical[1] as number, canonical[2] as number];
    labels[voxel] = paintHead(cx, cy, cz, width, brain, point, shares);
    let most = 1;
    let best = 0;
    for (let t = 0; t < shares.length; t++) most -= shares[t] as number;
    for (let t = 0; t < shares.length; t++) {
      const share = shares[t] as number;
      if (share > 0) (maps[t] as Float32Array)[voxel] = share;
      if (share > most) {
        most = share;
        best = t + 1;
      }
    }
    tissue[voxel] = best;
  };
  for (let k0 = 0; k0 < nz; k0 += block) {
    for (let j0 = 0; j0 < ny; j0 += block) {
      for (let i0 = 0; i0 < nx; i0 += block) {
        at(i0 + (block - 1) / 2, j0 + (block - 1) / 2, k0 + (block - 1) / 2);
        if (headSurface(canonical[0] as number, canonical[1] as number, canonical[2] as number) > beyond) continue;
        for (let k = k0; k < Math.min(nz, k0 + block); k++) {
          for (let j = j0; j < Math.min(ny, j0 + block); j++) {
            for (let i = i0; i < Math.min(nx, i0 + block); i++) fill(i, j, k);
          }
        }
      }
    }
  }
  const geometry = placed(map, pose);
  return {
    grid,
    fractions,
    tissue: { ...grid, data: tissue, names: new Map(["air", ...tissueNames].map((name, t) => [t, name])) },
    regions: { ...grid, data: labels, names: regionNames },
    fiducials: {
      space: grid.space,
      sensors: fiducialRays.map(({ name, from, towards }) => {
        const start = geometry.fromCanonical(from);
        const ahead = geometry.fromCanonical([from[0] + towards[0], from[1] + towards[1], from[2] + towards[2]]);
        const direction: Point = [ahead[0] - start[0], ahead[1] - start[1], ahead[2] - start[2]];
        return { name, kind: "fiducial", position: geometry.scalpAlong(start, direction) };
      }),
    },
    ...geometry,
  };
}

function placed(map: IndividualMap, pose: Affine): Pick<PhantomHead, "toCanonical" | "fromCanonical" | "scalpAlong"> {
  const back = invert(pose);
  const toCanonical = (world: Point): [number, number, number] => {
    const out = new Float64Array(3);
    map.toCanonical(...apply(back, world), out);
    return [out[0] as number, out[1] as number, out[2] as number];
  };
  return {
    toCanonical,
    fromCanonical: (canonical) => apply(pose, map.fromCanonical(canonical)),
    scalpAlong(origin, direction) {
      const length = Math.hypot(...direction);
      const at = (t: number): [number, number, number] => [
        origin[0] + (direction[0] * t) / length,
        origin[1] + (direction[1] * t) / length,
        origin[2] + (direction[2] * t) / length,
      ];
      let [inside, outside] = [0, 160];
      for (let t = 160; t > 0; t -= 2) {
        if (headSurface(...toCanonical(at(t)), false) < 0) {
          inside = t;
          break;
        }
        outside = t;
      }
      for (let pass = 0; pass < 40; pass++) {
        const middle = (inside + outside) / 2;
        if (headSurface(...toCanonical(at(middle)), false) < 0) inside = middle;
        else outside = middle;
      }
      return at(inside);
    },
  };
}

function gridFor(resolution: number, space: string): Grid {
  const { from, to } = fieldOfView;
  const shape = [0, 1, 2].map((k) => 2 * Math.round(((to[k] as number) - (from[k] as number)) / resolution / 2));
  const corner = [0, 1, 2].map(
    (k) => ((from[k] as number) + (to[k] as number)) / 2 - (resolution * ((shape[k] as number) - 1)) / 2,
  );
  return {
    shape: shape as [number, number, number],
    affine: affineOf([
      resolution,
      0,
      0,
      corner[0] as number,
      0,
      resolution,
      0,
      corner[1] as number,
      0,
      0,
      resolution,
      corner[2] as number,
    ]),
    space,
  };
}
