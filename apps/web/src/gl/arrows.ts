/** Arrows of current dipoles: a shaft from the place along the moment, and a head, as lines on the screen. */
import type { Point } from "@quintet/core";
import type { SceneSource } from "@quintet/view";
import type { LineSet } from "./lines.ts";

export interface DrawnArrow {
  readonly from: Point;
  readonly tip: Point;
}

/** Length of the strongest, mm. */
const longest = 25;
const colour = "#ff5fd2";

/** Lengths are as the moments are. */
export function arrowsOf(sources: readonly SceneSource[]): readonly DrawnArrow[] {
  const strongest = Math.max(...sources.map(({ moment }) => Math.hypot(...moment)));
  if (!(strongest > 0)) return [];
  return sources.map(({ position, moment }) => ({
    from: position,
    tip: position.map((v, k) => v + ((moment[k] as number) / strongest) * longest) as unknown as Point,
  }));
}

/** @param seen pixel of a world point; undefined where it is not to be seen */
export function arrowLines(
  arrows: readonly DrawnArrow[],
  seen: (point: Point) => { readonly x: number; readonly y: number } | undefined,
): LineSet {
  const segments = arrows.flatMap(({ from, tip }) => {
    const [a, b] = [seen(from), seen(tip)];
    if (!a || !b) return [];
    const [dx, dy] = [(a.x - b.x) * 0.3, (a.y - b.y) * 0.3];
    const heads = [1, -1].flatMap((side) => [b.x, b.y, b.x + dx - side * 0.6 * dy, b.y + dy + side * 0.6 * dx]);
    return [a.x, a.y, b.x, b.y, ...heads];
  });
  return { segments: Float32Array.from(segments), colour, width: 2.6 };
}
