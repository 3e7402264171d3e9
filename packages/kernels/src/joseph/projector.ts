import { DataError } from "@quintet/core";
import type { CountedOperator } from "../iterate/counted-operator.ts";
import type { LinearOperator } from "../iterate/linear-operator.ts";
import type { LineStack } from "./lines.ts";

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
  /** The operator with room for counts (and a background) beside it, where the kernel can do an update in one pass. */
  counted?(withBackground: boolean): CountedOperator;
  close(): void;
}

/** A projector of a stack: may be cut into subsets of its rays. */
export interface StackProjector extends Projector {
  /** The same operator for some of the rays (numbers in the stack's order); shares memory and threads with this one. */
  subset(rays: Int32Array): Projector;
}

/** A projector of single lines: may be cut into runs of them. */
export interface ListProjector extends Projector {
  /**
   * The same operator for `count` lines from number `from` on; shares memory and threads with this one.
   * @throws DataError `bad-subset`
   */
  part(from: number, count: number): Projector;
}

/** @throws DataError `bad-subset` */
export function checkPart(from: number, count: number, lines: number): void {
  if (Number.isInteger(from) && Number.isInteger(count) && from >= 0 && count > 0 && from + count <= lines) return;
  throw new DataError("bad-subset", "a part is a run of the list's lines", {
    expected: `within 0 to ${lines}`,
    found: `${count} from ${from}`,
  });
}

/** @throws DataError `bad-subset` */
export function checkRays(chosen: Int32Array, rays: number): void {
  const wrong = chosen.find((ray) => !(ray >= 0 && ray < rays));
  if (wrong === undefined) return;
  throw new DataError("bad-subset", "a subset names rays of the stack", {
    expected: `0 to ${rays - 1}`,
    found: `${wrong}`,
  });
}

/** @throws DataError `bad-subset` */
export function raysOf({ rays }: LineStack, chosen: Int32Array): Float64Array {
  checkRays(chosen, rays.length / 4);
  const out = new Float64Array(4 * chosen.length);
  for (const [i, ray] of chosen.entries()) out.set(rays.subarray(4 * ray, 4 * ray + 4), 4 * i);
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
