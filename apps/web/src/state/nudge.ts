/** A small rigid move by hand: turn about the image's middle, then shift. */
import type { Point } from "@quintet/core";
import { rigid } from "@quintet/core";

export interface Nudge {
  /** mm along x, y, z. */
  readonly shift: Point;
  /** Degrees about x, then y, then z. */
  readonly turn: Point;
}

export const noNudge: Nudge = { shift: [0, 0, 0], turn: [0, 0, 0] };

export const isMoved = ({ shift, turn }: Nudge): boolean => [...shift, ...turn].some((v) => v !== 0);

/** Row-major 4x4, world mm. */
export function nudgeMatrix({ shift, turn }: Nudge, centre: Point): readonly number[] {
  return [...rigid(turn, shift, centre)];
}
