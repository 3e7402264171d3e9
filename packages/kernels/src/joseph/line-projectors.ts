import { compiledLineProjector } from "../joseph-lines/joseph-lines.ts";
import { compiledOrbitProjector } from "../joseph-orbits/joseph-orbits.ts";
import { compiledStackProjector } from "../joseph-stack/joseph-stack.ts";
import { checkGrid, checkList, checkStack, type ImageGrid, type LineList, type LineStack } from "./lines.ts";
import type { ListProjector, StackProjector } from "./projector.ts";
import { referenceListProjector, referenceStackProjector } from "./reference-projector.ts";

/**
 * Projector of all lines of a stack.
 *
 *   (A f)(ray, tof, plane) = sum_i w_tof(i) f(p_i) step,   Joseph's method: see josephSamples in joseph.ref.ts
 *
 * @throws DataError `bad-grid`, `bad-lines`; `shape-mismatch` when applied to arrays of other lengths
 */
export function stackProjector(stack: LineStack, grid: ImageGrid): StackProjector {
  checkGrid(grid);
  checkStack(stack);
  return (
    compiledOrbitProjector(stack, grid) ?? compiledStackProjector(stack, grid) ?? referenceStackProjector(stack, grid)
  );
}

/** Projector of single lines. @throws DataError `bad-grid`, `bad-lines` */
export function listProjector(list: LineList, grid: ImageGrid): ListProjector {
  checkGrid(grid);
  checkList(list);
  return compiledLineProjector(list, grid) ?? referenceListProjector(list, grid);
}
