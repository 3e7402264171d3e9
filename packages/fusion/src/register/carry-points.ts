/**
 * Points between a person and the template. `pointsToTemplate` solves what `pointsToSubject` computes, so that a point
 * carried there and back returns to itself within 1e-3 mm, whatever the grids of the two warps are.
 */
import { apply, DataError, determinant, invert, type Point } from "@quintet/core";
import { warpMap } from "@quintet/kernels";
import type { TemplateRegistration } from "./template.ts";

type Carrier = Pick<TemplateRegistration, "warp" | "inverse">;

/** Template world -> subject world. */
export function pointsToSubject(points: readonly Point[], { inverse }: Carrier): [number, number, number][] {
  return points.map(warpMap(inverse));
}

const most = 50;
/** mm. */
const close = 1e-4;

/**
 * Subject world -> template world: the x with T(x) = p, T the map template -> subject, by Newton's method from where the
 * other warp puts p; steps that do not come nearer are halved.
 *
 * @throws DataError `no-inverse`
 */
export function pointsToTemplate(points: readonly Point[], { warp, inverse }: Carrier): [number, number, number][] {
  const [there, back] = [warpMap(warp), warpMap(inverse)];
  return points.map((p) => {
    let x = there(p);
    let [missed, distance] = miss(back(x), p);
    let share = 1;
    for (let step = 0; step < most && distance > close; step++) {
      const slope = slopes(back, x);
      if (!(Math.abs(determinant(slope)) > 1e-6)) break;
      const [dx, dy, dz] = apply(invert(slope), missed);
      const next: Point = [x[0] - share * dx, x[1] - share * dy, x[2] - share * dz];
      const [left, far] = miss(back(next), p);
      if (far < distance) {
        [x, missed, distance, share] = [[...next], left, far, Math.min(1, 2 * share)];
      } else {
        share /= 2;
      }
    }
    if (distance > 10 * close) {
      throw new DataError("no-inverse", `no template point lies at ${p.map((v) => v.toFixed(1)).join(", ")} mm`, {
        expected: "within 1e-3 mm",
        found: `${distance.toPrecision(3)} mm`,
      });
    }
    return x;
  });
}

function miss(a: Point, b: Point): [Point, number] {
  const d: Point = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  return [d, Math.hypot(...d)];
}

/** The map's derivative at x by central differences over half a millimetre, as the linear part of an affine. */
function slopes(map: (p: Point) => Point, x: Point): Float64Array {
  const out = new Float64Array(16);
  out[15] = 1;
  for (let c = 0; c < 3; c++) {
    const moved = (h: number): Point => map([0, 1, 2].map((k) => (x[k] as number) + (k === c ? h : 0)) as never);
    const [up, down] = [moved(0.25), moved(-0.25)];
    for (let row = 0; row < 3; row++) out[row * 4 + c] = ((up[row] as number) - (down[row] as number)) / 0.5;
  }
  return out;
}
