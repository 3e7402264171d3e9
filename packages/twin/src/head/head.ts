/**
 * The analytic head round the brain, in canonical mm: skin, fat, muscle, skull with diploe, face with nose, eyes and air
 * sinuses, ears, jaw, neck with spine. It paints tissue fractions (partial volume) by the coverage of signed distances.
 */
import type { BrainPoint } from "./brain.ts";
import { cranialCavity, spinalCanal } from "./brain.ts";
import { brainstemLabel, corticalRegion, regionLabel, regions } from "./regions.ts";
import { coverage, ellipsoid, smoothUnion, taperedCapsule } from "./shapes.ts";

export const tissueNames = ["soft", "fat", "bone", "marrow", "csf", "grey", "white", "deep-grey", "vitreous"] as const;
export type TissueName = (typeof tissueNames)[number];
const tissueIndex: Readonly<Record<TissueName, number>> = Object.fromEntries(
  tissueNames.map((name, k) => [name, k]),
) as Record<TissueName, number>;

const T = tissueIndex;
const skullThickness = 6.5;
const scalpThickness = 6.5;

/** Outer surface of the head (skin), ears included unless `ears` is false. */
export function headSurface(x: number, y: number, z: number, ears = true): number {
  const X = Math.abs(x);
  const vault = cranialCavity(X, y, z) - skullThickness - scalpThickness;
  if (vault > 90) return vault - 60;
  const base = ellipsoid(X, y + 18, z + 42, 76, 92, 52);
  const face = ellipsoid(X, y - 28, z + 64, 63, 57, 66);
  const neck = Math.max(ellipsoid(X, y + 30, 0, 58, 62, 1e4), z + 48);
  let head = smoothUnion(smoothUnion(smoothUnion(vault, base, 12), face, 16), neck, 22);
  const sockets = ellipsoid(X - 31, y - 88, z + 33, 15, 10, 11);
  head = -smoothUnion(-head, sockets, 8);
  if (y > 60) {
    const bridge = taperedCapsule(X, y, z, [0, 78, -38], [0, 97, -70], 5.5, 9.5);
    const wings = taperedCapsule(X, y, z, [0, 76, -66], [0, 96, -72], 15, 10);
    const lips = ellipsoid(X, y - 80, z + 92, 22, 10, 12);
    head = smoothUnion(head, smoothUnion(smoothUnion(bridge, wings, 5), lips, 4), 8);
  }
  if (ears && X > 62) {
    const lean = X - 79 - 0.35 * (-18 - y);
    head = smoothUnion(head, ellipsoid(lean, y + 28, z + 40, 4.5, 16, 29), 4);
  }
  return head;
}

/**
 * Paints one point.
 *
 * @param width edge of the voxel in canonical mm: surfaces are smeared over it
 * @param fractions written: share of each of `tissueNames` (the rest is air)
 * @returns the region label there, 0 outside the regions
 */
export function paintHead(
  x: number,
  y: number,
  z: number,
  width: number,
  brain: (x: number, y: number, z: number, out: BrainPoint) => BrainPoint,
  point: BrainPoint,
  fractions: Float64Array,
): number {
  fractions.fill(0);
  const skin = headSurface(x, y, z);
  if (skin > width) return 0;
  const X = Math.abs(x);
  const paint = (tissue: number, share: number): void => {
    if (share <= 0) return;
    for (let k = 0; k < fractions.length; k++) fractions[k] = (fractions[k] as number) * (1 - share);
    if (tissue >= 0) fractions[tissue] = (fractions[tissue] as number) + share;
  };
  const solid = (d: number, tissue: number): void => paint(tissue, coverage(d, width));

  solid(skin, T.soft);
  const cavity = cranialCavity(X, y, z);
  // Voxels that the cavity only half fills are bone for the rest.
  if (cavity > -0.5 * width) {
    solid(skin + 1.8, T.fat);
    solid(skin + 5.2 + 1.5 * Math.sin(0.08 * y) * Math.sin(0.07 * z), T.soft);
    if (z < 0) paintFace(X, y, z, skin, solid);
    if (cavity < 14) {
      solid(cavity - skullThickness, T.bone);
      solid(Math.max(cavity - skullThickness + 1.7, 1.7 - cavity), T.marrow);
    }
  }
  solid(cavity, T.csf);
  if (z < -40) paintSpine(X, y, z, solid);
  if (cavity > 6 && z > -45) return 0;

  const b = brain(x, y, z, point);
  solid(b.cerebellum, T.grey);
  if (b.cerebellum < 0) {
    const folia = Math.cos(1.35 * (z * 0.9 + y * 0.35) + 0.4 * Math.sin(0.2 * X));
    if (b.cerebellum > -9) paint(T.csf, 0.16 * Math.max(0, folia));
    solid(b.cerebellarWhite, T.white);
  }
  solid(b.pial, T.grey);
  solid(Math.max(b.white, b.hull), T.white);
  if (b.deep < 2) solid(b.deep, T["deep-grey"]);
  solid(b.stem, T.white);
  if (b.stem < -3 && b.stem > -8 && z < -4) paint(T["deep-grey"], 0.35);
  if (b.ventricle < 2) solid(b.ventricle, T.csf);
  return labelAt(x, y, z, b);
}

function paintFace(X: number, y: number, z: number, skin: number, solid: (d: number, tissue: number) => void): void {
  const inside = skin + 7;
  const jaw = Math.min(
    taperedCapsule(X, y, z, [50, 2, -56], [46, 2, -92], 6, 7),
    taperedCapsule(X, y, z, [46, 2, -92], [8, 62, -108], 7, 9),
  );
  solid(Math.max(jaw, inside), T.bone);
  solid(Math.max(jaw + 2.2, inside), T.marrow);
  const midface = ellipsoid(X, y - 50, z + 58, 44, 24, 26);
  solid(Math.max(midface, inside), T.bone);
  solid(Math.max(midface + 3, inside), T.soft);
  const sinus = Math.min(
    ellipsoid(X - 27, y - 50, z + 64, 11, 14, 14),
    ellipsoid(X, y - 20, z + 44, 9, 10, 7),
    ellipsoid(X - 7, y - 44, z + 34, 6, 18, 8),
  );
  const nasal = Math.max(ellipsoid(X - 5, y - 56, z + 64, 3.5, 28, 15), -(X - 1.2));
  const pharynx = taperedCapsule(X, y, z, [0, 18, -66], [0, -2, -120], 8, 8);
  solid(sinus - 1.4, T.bone);
  solid(Math.min(sinus, nasal, pharynx), -1);
  const mastoid = ellipsoid(X - 56, y + 32, z + 48, 11, 12, 14);
  solid(mastoid, T.bone);
  solid(mastoid + 3, -1);
  solid(Math.max(mastoid + 4, Math.sin(1.1 * X) * Math.cos(1.3 * y) * 2), T.bone);
  const canal = taperedCapsule(X, y, z, [58, -24, -44], [78, -24, -46], 2.5, 2.5);
  solid(canal, -1);
  const orbit = ellipsoid(X - 29, y - 56, z + 34, 17, 24, 17);
  solid(Math.max(orbit, skin + 3), T.fat);
  const globe = Math.hypot(X - 31, y - 63, z + 34) - 12.3;
  solid(globe, T.soft);
  solid(globe + 1, T.vitreous);
  solid(ellipsoid(X - 31.5, y - 72, z + 34, 4.5, 2, 4.5), T.soft);
}

function paintSpine(X: number, y: number, z: number, solid: (d: number, tissue: number) => void): void {
  const vertebra = Math.max(
    smoothUnion(ellipsoid(X, y + 32 + 0.08 * (z + 90), 0, 12, 10, 1e4), ellipsoid(X, y + 56, 0, 16, 14, 1e4), 4),
    z + 66,
  );
  const disc = Math.abs(((z + 200) % 16) - 8) - 5.8;
  solid(vertebra, T.bone);
  solid(Math.max(vertebra + 2, disc), T.marrow);
  solid(spinalCanal(X, y, z), T.csf);
}

const deepRegion = new Map<string, number>(
  ["caudate", "putamen", "pallidum", "thalamus"].map((name) => [name, regions.findIndex((r) => r.name === name)]),
);
const mesialTemporal = regions.findIndex((r) => r.name === "mesial-temporal");

function labelAt(x: number, y: number, z: number, b: BrainPoint): number {
  const side = x < 0 ? "left" : "right";
  if (b.deep < 0 && b.hull < 0) {
    return regionLabel((regions[deepRegion.get(b.deepName) ?? mesialTemporal] as { name: string }).name, side);
  }
  if (b.stem < 0 && z < -2 && z > -70) return brainstemLabel;
  if (b.cerebellum < 0) return regionLabel("cerebellum", side);
  if (b.hull > 1 || b.depth > 18 || b.ventricle < 0) return 0;
  if (b.core < 0 && Math.abs(x) < 22) return 0;
  return regionLabel((regions[corticalRegion(Math.abs(x), y, z)] as { name: string }).name, side);
}
