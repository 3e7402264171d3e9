import { apply, type LabelVolume, type Millimetres, type Point, type QcFinding, type Surface } from "@quintet/core";
import { isSphere, meshTopology, nestedDistance, selfIntersections } from "@quintet/kernels";
import { headTissues } from "../head-tissue/head-tissues.ts";
import { intracranialMask } from "../head-tissue/intracranial-mask.ts";
import { type Body, bodyDistance } from "./body-distance.ts";
import { pushApart } from "./push-apart.ts";
import {
  outermostCrossings,
  type Sampled,
  type StarSurface,
  smoothRadii,
  starMesh,
  toSurface,
} from "./star-surface.ts";

export interface BemSurfaceOptions {
  /** Vertices of each surface: 642 (1280 faces), 2562 (5120, default) or 10242 (20480). */
  readonly vertices?: 642 | 2562 | 10242;
  /** Least distance from inner to outer skull and from outer skull to scalp, mm; default 3 and 2. */
  readonly gaps?: readonly [skull: Millimetres, scalp: Millimetres];
}

export interface BemSurfaces {
  readonly scalp: Surface;
  readonly outerSkull: Surface;
  readonly innerSkull: Surface;
  readonly qc: readonly QcFinding[];
}

const subdivisions = { 642: 3, 2562: 4, 10242: 5 } as const;
/** Sulci and the angle between cerebrum and cerebellum; nostrils, ear canals and the folds of ears. */
const closed = { brain: 10, skull: 10, head: 6 } as const;
const smoothing: Millimetres = 2;
/** Rounds of smoothing over the sphere: 3 keep what is wider than two edges. */
const rounds = 3;
const farthest: Millimetres = 250;
/** Bone farther from the cavity than this along a ray is face or spine, mm. */
const thickest: Millimetres = 20;
/** The head ends flat this far below the inner skull: the neck is no part of the volume conductor. */
const below: Millimetres = 40;

/**
 * The three surfaces of a boundary element model from the five-tissue head: inner skull (around CSF and brain
 * down to the foramen magnum), outer skull, scalp.
 *
 * Each is the outermost crossing of its body's smooth signed distance along the rays of one icosphere around the middle
 * of the cranial cavity, smoothed over the sphere, then moved outwards where it lies nearer to the one inside than its
 * gap. So all three are closed, of genus 0 and free of self-intersection by construction, which is counted all the same.
 *
 * @param labels `headTissues`
 * @returns surfaces in the labels' world mm; faces counter-clockwise from outside
 * @throws DataError `empty-region`, `no-surface`, `not-converged`
 */
export function bemSurfaces(labels: LabelVolume, options: BemSurfaceOptions = {}): BemSurfaces {
  const { vertices = 2562, gaps = [3, 2] } = options;
  const mesh = starMesh(subdivisions[vertices]);
  const body = (least: number, width: Millimetres): Body => {
    const share = new Float32Array(labels.data.length);
    for (let i = 0; i < share.length; i++) if ((labels.data[i] as number) >= least) share[i] = 1;
    return bodyDistance(share, labels, { closed: width, smoothing });
  };
  const enclosed = Float32Array.from(intracranialMask(labels).data);
  const cavity = bodyDistance(enclosed, labels, { closed: closed.brain, smoothing });
  const centre = middleOf(cavity);
  const star = (of: Sampled): StarSurface => {
    const radii = smoothRadii(outermostCrossings(of, centre, mesh, { level: 0, farthest }), mesh, rounds);
    return { centre, mesh, radii };
  };
  const inner = star(cavity);
  const floor = lowest(toSurface(inner, labels.space)) - below;
  const skull = star(cutBelow(body(headTissues.skull, closed.skull), floor));
  const bounded = { ...skull, radii: skull.radii.map((r, v) => Math.min(r, (inner.radii[v] as number) + thickest)) };
  const outer = pushApart(inner, bounded, gaps[0]);
  const skin = pushApart(outer.surface, star(cutBelow(body(headTissues.scalp, closed.head), floor)), gaps[1]);
  const [innerSkull, outerSkull, scalp] = [inner, outer.surface, skin.surface].map((s) =>
    toSurface(s, labels.space),
  ) as [Surface, Surface, Surface];
  const qc = [
    ...nestingFindings(innerSkull, outerSkull, scalp),
    movedFinding("outer-skull-moved", outer.moved, gaps[0]),
    movedFinding("scalp-moved", skin.moved, gaps[1]),
  ];
  return { scalp, outerSkull, innerSkull, qc };
}

/** The middle of a body, world mm. */
function middleOf({ grid, mask }: Body): Point {
  const [nx, ny] = grid.shape;
  const sum = [0, 0, 0];
  let n = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const at = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    for (let k = 0; k < 3; k++) sum[k] = (sum[k] as number) + (at[k] as number);
    n++;
  }
  return apply(grid.affine, sum.map((s) => s / n) as [number, number, number]);
}

function lowest({ vertices }: Surface): number {
  return vertices.reduce((least, z, i) => (i % 3 === 2 ? Math.min(least, z) : least), Number.POSITIVE_INFINITY);
}

/** A body that ends flat at world height `floor`: the larger of its distance and that to the plane. */
function cutBelow({ grid, at }: Body, floor: Millimetres): Sampled {
  const [c, d] = [grid.affine[10] as number, grid.affine[11] as number];
  return { grid, at: (x, y, z) => Math.max(at(x, y, z), floor - (c * z + d)) };
}

function nestingFindings(innerSkull: Surface, outerSkull: Surface, scalp: Surface): QcFinding[] {
  const surfaces = { "inner-skull": innerSkull, "outer-skull": outerSkull, scalp };
  const faults = Object.entries(surfaces).map(([name, surface]): QcFinding => {
    const [sound, crossings] = [isSphere(meshTopology(surface)), selfIntersections(surface).length];
    return {
      modality: "mri",
      name: `${name}-self-intersections`,
      value: crossings,
      verdict: sound && crossings === 0 ? "ok" : "bad",
      note: sound ? "closed, genus 0, faces outwards" : "not a closed surface of genus 0",
    };
  });
  const pairs = [
    ["skull", nestedDistance(innerSkull, outerSkull)],
    ["scalp", nestedDistance(outerSkull, scalp)],
  ] as const;
  const apart = pairs.map(
    ([name, { nested, least }]): QcFinding => ({
      modality: "mri",
      name: `${name}-least-thickness`,
      value: least,
      unit: "mm",
      verdict: nested ? "ok" : "bad",
      note: nested ? "least distance of the two surfaces, which do not meet" : "the two surfaces meet",
    }),
  );
  return [...faults, ...apart];
}

function movedFinding(
  name: string,
  { share, farthest: most }: { readonly share: number; readonly farthest: number },
  gap: Millimetres,
): QcFinding {
  return {
    modality: "mri",
    name,
    value: 100 * share,
    unit: "%",
    verdict: share > 0.25 || most > 10 ? "warn" : "ok",
    note: `vertices moved outwards to be ${gap} mm from the surface inside, by up to ${most.toFixed(1)} mm; limits of 25 % and 10 mm chosen here`,
  };
}
