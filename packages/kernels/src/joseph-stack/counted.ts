/** Counts beside the projector's image, so that a whole update is one job of its threads (`update` of joseph-stack.as.ts). */
import type { CountedOperator } from "../iterate/counted-operator.ts";
import { once } from "../joseph/crew-projector.ts";
import { checkLength } from "../joseph/projector.ts";
import type { Crew } from "../pool/crew.ts";

/** Bytes of counts and backgrounds that one projector's subsets keep; what is beyond them shares two arrays. */
const mostKept = 128 * 2 ** 20;
/** Bytes that the kernel reads beyond the last value of data. */
const beyond = 64;

/** Memory of counts that all subsets of a projector have together. */
export interface CountRoom {
  /** Arrays of `length` values: `count` of them. */
  take(length: number, count: number): { readonly arrays: readonly Float32Array[]; readonly shared: boolean };
  /** Where an update's image is put together. */
  readonly back: () => number;
}

export function countRoom(crew: Crew, domain: number, most: number = mostKept): CountRoom {
  let kept = 0;
  const common: Float32Array[] = [];
  const room = (length: number): Float32Array => crew.floats(crew.room(4 * length + beyond), length);
  return {
    take(length, count) {
      kept += 4 * length * count;
      if (kept <= most) return { arrays: Array.from({ length: count }, () => room(length)), shared: false };
      kept -= 4 * length * count;
      const arrays = Array.from({ length: count }, (_, i) => {
        if (!((common[i]?.length ?? 0) >= length)) common[i] = room(length);
        return common[i].subarray(0, length);
      });
      return { arrays, shared: true };
    },
    back: once(() => crew.room(4 * domain)),
  };
}

export interface CountedRuns {
  readonly domain: number;
  readonly range: number;
  /** The plan, and where in it the addresses stand. */
  readonly fields: Uint32Array;
  readonly at: { readonly imageFrom: number; readonly imageTo: number; readonly counts: number };
  readonly imageStage: () => number;
  /** Each thread's address of its sums: two float64 numbers. */
  readonly sums: readonly number[];
  update(): void;
}

/** @param at.counts the fields of counts, background and of whether logarithms are summed follow each other */
export function countedOperator(
  crew: Crew,
  place: CountRoom,
  runs: CountedRuns,
  withBackground: boolean,
): CountedOperator {
  const { domain, range, fields, at, sums } = runs;
  const { arrays, shared } = place.take(range, withBackground ? 2 : 1);
  const [counts, background] = arrays;
  return {
    counts,
    ...(background ? { background } : {}),
    shared,
    update(image, logarithms) {
      checkLength(image, domain, "image");
      fields[at.imageFrom] = crew.bring(image, runs.imageStage);
      fields[at.imageTo] = place.back();
      fields.set([counts.byteOffset, background?.byteOffset ?? 0, logarithms ? 1 : 0], at.counts);
      const added = sums.map((address) => new Float64Array(crew.buffer, address, 2));
      for (const two of added) two.fill(0);
      runs.update();
      return {
        back: crew.floats(place.back(), domain),
        logarithms: added.reduce((sum, [value]) => sum + value, 0),
        unexplained: added.reduce((sum, [, value]) => sum + value, 0),
      };
    },
  };
}
