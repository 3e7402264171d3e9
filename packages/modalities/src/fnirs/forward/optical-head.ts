import {
  affineOf,
  DataError,
  type Grid,
  identityAffine,
  type LabelVolume,
  type Montage,
  type Nanometres,
  type Point,
  sensorNamed,
  toWorld,
} from "@quintet/core";
import { type OpticalMedium, type PhotonScene, type PhotonSource, resampleLabels } from "@quintet/kernels";
import { opticalLabels, opticalTissues, type TissueTableName, tissueOptics } from "./tissue-optics.ts";

/** A head as light sees it: a grid along the world's axes, 0 outside, 1 + place in `opticalTissues` inside. */
export interface OpticalHead {
  readonly grid: Grid;
  readonly labels: Uint8Array;
  /** Voxel edge, mm. */
  readonly spacing: number;
  /** World mm of the grid's outer corner. */
  readonly corner: Point;
}

export interface PlacedOptode {
  readonly name: string;
  /** World mm. */
  readonly position: Point;
  /** Unit vector into the head. */
  readonly inward: Point;
}

/** mm round an optode within which the head's tissue tells which way is in. */
const around = 12;
/** mm from the nearest tissue at which an optode still sits on the head. */
const farthest = 10;

export interface OpticalHeadOptions {
  /** Voxel edge, mm; default 2. */
  readonly spacing?: number;
  /** World mm: only what lies within `reach` mm of one of these is kept, and light that goes farther is lost. */
  readonly near?: readonly Point[];
  /** Default 50: beyond it are less than a millionth of what a pair 40 mm apart measures. */
  readonly reach?: number;
}

/**
 * A segmented head on a grid of even spacing along the world's axes, cut to what is not air and to what light reaches.
 *
 * @throws DataError `bad-spacing`, those of opticalLabels and resampleLabels
 */
export function opticalHead(
  head: LabelVolume,
  { spacing = 2, near = [], reach = 50 }: OpticalHeadOptions = {},
): OpticalHead {
  if (!(spacing >= 0.5 && spacing <= 5))
    throw new DataError("bad-spacing", "light is walked through voxels of some millimetres", {
      expected: "0.5 to 5 mm",
      found: `${spacing} mm`,
    });
  const own: LabelVolume = { ...head, data: opticalLabels(head) };
  const [nx, ny, nz] = head.shape;
  const [low, high] = [
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ] as [number[], number[]];
  for (let k = 0; k < nz; k++)
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++) {
        if (own.data[i + nx * (j + ny * k)] === 0) continue;
        const world = toWorld(head, [i, j, k]);
        if (near.length > 0 && !within(world, near, reach)) {
          own.data[i + nx * (j + ny * k)] = 0;
          continue;
        }
        for (let c = 0; c < 3; c++) {
          low[c] = Math.min(low[c] as number, world[c] as number);
          high[c] = Math.max(high[c] as number, world[c] as number);
        }
      }
  if (!Number.isFinite(low[0] as number))
    throw new DataError("far-from-head", "optodes sit on the head", {
      expected: `tissue within ${reach} mm`,
      found: "none",
    });
  const shape = [0, 1, 2].map((c) => Math.ceil(((high[c] as number) - (low[c] as number)) / spacing) + 3);
  const origin = low.map((v) => v - spacing) as [number, number, number];
  const grid: Grid = {
    shape: shape as [number, number, number],
    affine: affineOf([spacing, 0, 0, origin[0], 0, spacing, 0, origin[1], 0, 0, spacing, origin[2]]),
    space: head.space,
  };
  const { data } = resampleLabels(own, grid, identityAffine());
  const corner: Point = [origin[0] - spacing / 2, origin[1] - spacing / 2, origin[2] - spacing / 2];
  return { grid, labels: Uint8Array.from(data), spacing, corner };
}

function within([x, y, z]: Point, near: readonly Point[], reach: number): boolean {
  return near.some(([a, b, c]) => (x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2 <= reach * reach);
}

/**
 * Sources and detectors of a montage with the way into the head: towards the middle of the tissue within 12 mm.
 *
 * @throws DataError `space-mismatch`, `no-positions` (naming them), `far-from-head`
 */
export function placeOptodes(head: OpticalHead, montage: Montage, names: readonly string[]): PlacedOptode[] {
  if (montage.space !== head.grid.space)
    throw new DataError("space-mismatch", "optodes lie in the head's space", {
      expected: head.grid.space,
      found: montage.space,
    });
  const without = names.filter((name) => sensorNamed(montage, name)?.position === undefined);
  if (without.length > 0)
    throw new DataError("no-positions", "light starts and ends at places", {
      expected: "a position for each source and detector",
      found: `none for ${without.join(", ")}`,
    });
  return names.map((name) => {
    const position = sensorNamed(montage, name)?.position as Point;
    const { middle, nearest } = tissueNear(head, position);
    if (!(nearest <= farthest))
      throw new DataError("far-from-head", `optode ${name} is not on this head`, {
        expected: `tissue within ${farthest} mm`,
        found: Number.isFinite(nearest) ? `${nearest.toFixed(1)} mm` : `none within ${around} mm`,
      });
    const way = [0, 1, 2].map((c) => (middle[c] as number) - position[c as 0 | 1 | 2]);
    const length = Math.hypot(...way);
    return { name, position, inward: way.map((v) => v / length) as [number, number, number] };
  });
}

function tissueNear({ grid, labels, spacing, corner }: OpticalHead, position: Point) {
  const [nx, ny, nz] = grid.shape;
  const at = position.map((p, c) => (p - corner[c as 0 | 1 | 2]) / spacing) as [number, number, number];
  const reach = Math.ceil(around / spacing);
  const middle = [0, 0, 0];
  let [count, nearest] = [0, Number.POSITIVE_INFINITY];
  const range = (c: 0 | 1 | 2, n: number): [number, number] => [
    Math.max(0, Math.floor(at[c]) - reach),
    Math.min(n - 1, Math.floor(at[c]) + reach),
  ];
  const [[i0, i1], [j0, j1], [k0, k1]] = [range(0, nx), range(1, ny), range(2, nz)];
  for (let k = k0; k <= k1; k++)
    for (let j = j0; j <= j1; j++)
      for (let i = i0; i <= i1; i++) {
        if (labels[i + nx * (j + ny * k)] === 0) continue;
        const distance = spacing * Math.hypot(i + 0.5 - at[0], j + 0.5 - at[1], k + 0.5 - at[2]);
        if (distance > around) continue;
        count++;
        nearest = Math.min(nearest, distance - spacing / 2);
        for (const [c, v] of [i, j, k].entries())
          middle[c] = (middle[c] as number) + corner[c as 0 | 1 | 2] + spacing * (v + 0.5);
      }
  return { middle: middle.map((v) => v / count), nearest };
}

export interface HeadOptics {
  readonly table?: TissueTableName;
  readonly anisotropy?: number;
  /** Factors on the table's absorption and scattering: another person's tissue. Default 1. */
  readonly factors?: readonly [absorption: number, scattering: number];
}

/** The head with one wavelength's optics, as the photon walk takes it. @throws DataError those of tissueOptics */
export function photonScene(
  { grid, labels, spacing }: OpticalHead,
  wavelength: Nanometres,
  { factors: [more, thicker] = [1, 1], ...options }: HeadOptics = {},
): PhotonScene {
  const air: OpticalMedium = { absorption: 0, scattering: 0, anisotropy: 0, index: 1 };
  const media = opticalTissues.map((tissue): OpticalMedium => {
    const own = tissueOptics(tissue, wavelength, options);
    return { ...own, absorption: more * own.absorption, scattering: thicker * own.scattering };
  });
  return { shape: grid.shape, size: [spacing, spacing, spacing], labels, media: [air, ...media] };
}

/** The optode as it shines, and by reciprocity as it sees. */
export function optodeSource(head: OpticalHead, optode: PlacedOptode, radius: number): PhotonSource {
  return { position: optodePlace(head, optode), inward: optode.inward, radius, beam: "lambert" };
}

/** Of the optode itself, mm from the grid's corner. */
export function optodePlace({ corner }: OpticalHead, { position }: PlacedOptode): Point {
  return [position[0] - corner[0], position[1] - corner[1], position[2] - corner[2]];
}
