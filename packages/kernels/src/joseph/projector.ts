import { DataError } from "@quintet/core";
import type { LinearOperator } from "../iterate/linear-operator.ts";
import { josephBackReference, josephForwardReference } from "./joseph.ref.ts";
import {
  checkGrid,
  checkList,
  checkStack,
  type ImageGrid,
  type LineList,
  type LineStack,
  lineCount,
  stackSize,
} from "./lines.ts";

/**
 * Line integrals (mm times the image's unit) and their adjoint. Holds memory and threads until it is closed.
 *
 * forward and adjoint write into `out` where it is given and return it. Arrays made by `newImage` and `newData` lie where
 * the kernel works: it reads and writes them without a copy. They live as long as the projector.
 */
export interface Projector extends LinearOperator {
  /** Which kernel runs, and how. */
  readonly kernel: string;
  forward(image: Float32Array, out?: Float32Array): Float32Array;
  adjoint(data: Float32Array, out?: Float32Array): Float32Array;
  newImage(): Float32Array;
  newData(): Float32Array;
  close(): void;
}

/** A projector of a stack: may be cut into subsets of its rays. */
export interface StackProjector extends Projector {
  /** The same operator for some of the rays (numbers in the stack's order); shares memory and threads with this one. */
  subset(rays: Int32Array): Projector;
}

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
  return {
    ...referenceProjector(stack, grid, stackSize(stack)),
    subset(rays) {
      const part = { ...stack, rays: raysOf(stack, rays) };
      return referenceProjector(part, grid, stackSize(part));
    },
  };
}

/** Projector of single lines. @throws DataError `bad-grid`, `bad-lines` */
export function listProjector(list: LineList, grid: ImageGrid): Projector {
  checkGrid(grid);
  checkList(list);
  return referenceProjector(list, grid, lineCount(list));
}

/** @throws DataError `bad-subset` */
export function raysOf({ rays }: LineStack, chosen: Int32Array): Float64Array {
  const out = new Float64Array(4 * chosen.length);
  for (const [i, ray] of chosen.entries()) {
    if (!(ray >= 0 && 4 * ray < rays.length)) {
      throw new DataError("bad-subset", "a subset names rays of the stack", {
        expected: `0 to ${rays.length / 4 - 1}`,
        found: `${ray}`,
      });
    }
    out.set(rays.subarray(4 * ray, 4 * ray + 4), 4 * i);
  }
  return out;
}

/** @throws DataError `shape-mismatch` */
export function checkLength(array: Float32Array, expected: number, name: string): void {
  if (array.length !== expected) {
    throw new DataError("shape-mismatch", `the projector's ${name} must fill it`, {
      expected: `${expected} values`,
      found: `${array.length}`,
    });
  }
}

function referenceProjector(lines: LineStack | LineList, grid: ImageGrid, range: number): Projector {
  const domain = grid.shape[0] * grid.shape[1] * grid.shape[2];
  return {
    kernel: "joseph, float64 reference",
    domain,
    range,
    newImage: () => new Float32Array(domain),
    newData: () => new Float32Array(range),
    forward(image, out = new Float32Array(range)) {
      checkLength(image, domain, "image");
      checkLength(out, range, "data");
      out.set(josephForwardReference(image, grid, lines, new Float64Array(range)));
      return out;
    },
    adjoint(data, out = new Float32Array(domain)) {
      checkLength(data, range, "data");
      checkLength(out, domain, "image");
      out.set(josephBackReference(data, grid, lines, new Float64Array(domain)));
      return out;
    },
    close: () => undefined,
  };
}
