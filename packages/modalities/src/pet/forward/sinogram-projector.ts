import { DataError, type Grid, type ListMode, type SinogramLayout } from "@quintet/core";
import {
  imageGrid,
  type ListProjector,
  listProjector,
  type Projector,
  type StackProjector,
  siddonProjector,
  stackProjector,
} from "@quintet/kernels";
import { eventLines, sinogramLines } from "./lines-of-response.ts";

/** The projector of a sinogram: data is [view][bin][tof][plane]. */
export interface SinogramProjector extends StackProjector {
  readonly layout: SinogramLayout;
  /** The same operator for some of the views, in the order given. */
  views(chosen: readonly number[]): Projector;
}

/**
 * A of the model y = n a (A x) + r + s for a whole sinogram: line integrals in mm times the image's unit.
 * @param grid axis-parallel, in scanner coordinates (its world origin is the scanner's centre)
 * @throws DataError `bad-scanner`, `bad-layout`, `bad-grid`, `oblique-grid`
 */
export function sinogramProjector(layout: SinogramLayout, grid: Grid): SinogramProjector {
  const projector = stackProjector(sinogramLines(layout), imageGrid(grid));
  return {
    ...projector,
    layout,
    views(chosen) {
      const rays = chosen.flatMap((view) => {
        if (!(Number.isInteger(view) && view >= 0 && view < layout.views)) {
          throw new DataError("bad-subset", "a subset names views of the sinogram", {
            expected: `0 to ${layout.views - 1}`,
            found: `${view}`,
          });
        }
        return Array.from({ length: layout.bins }, (_, bin) => view * layout.bins + bin);
      });
      return projector.subset(Int32Array.from(rays));
    },
  };
}

/** A for list-mode events, one value an event. @throws DataError as eventLines, and `bad-grid`, `oblique-grid` */
export function listModeProjector(
  events: ListMode,
  grid: Grid,
  options: Parameters<typeof eventLines>[1] = {},
): ListProjector {
  return listProjector(eventLines(events, options), imageGrid(grid));
}

/**
 * Line integrals through the attenuation map, one a line ([view][bin][plane], no TOF): by exact lengths, so that a map
 * that reaches the image's border counts with its whole outermost voxels.
 * @throws DataError as sinogramProjector
 */
export function attenuationProjector(layout: SinogramLayout, grid: Grid): Projector {
  return siddonProjector(sinogramLines(layout), imageGrid(grid));
}
