import type { CountedOperator } from "../iterate/counted-operator.ts";
import { type EmissionPart, type EmissionSubset, spreadFactor, type Tally } from "./emission-data.ts";

/** A part whose operator holds the counts: an update of it is one call, and no projected data is kept. */
export interface CountedPart {
  /** A'f, as the operator gives it. */
  sensitivity(): Float32Array;
  /** A'(f y / (f A x + b)), and what it adds to the tally but for f A x, which is the sensitivity's to tell. */
  ratioBack(image: Float32Array, sums: { readonly logarithm: boolean; readonly tally: Tally }): Float32Array;
}

/**
 * Parts of a subset by operators that hold their counts; undefined where one of them cannot, or where the sensitivity is given:
 * its lines are then not all lines.
 *
 * f y / (f p + b) = y / (p + b / f), so that only y and b / f are held: a line without f cannot be seen, its counts are told
 * beforehand.
 */
export function countedParts({ parts, sensitivity }: EmissionSubset): readonly CountedPart[] | undefined {
  if (sensitivity || parts.some(({ operator }) => !operator.counted)) return undefined;
  return parts.map(countedPart);
}

function countedPart(part: EmissionPart): CountedPart {
  const operator = part.operator.counted?.(part.background !== undefined) as CountedOperator;
  let constants: Tally | undefined;
  return {
    sensitivity: () => part.operator.adjoint(spreadFactor(part, operator.counts)),
    ratioBack(image, { logarithm, tally }) {
      if (constants === undefined || operator.shared) constants = fill(part, operator);
      const { back, logarithms, unexplained } = operator.update(image, logarithm);
      tally.logLikelihood += logarithms + constants.logLikelihood - constants.expected;
      tally.expected += constants.expected;
      tally.unexplained += unexplained + constants.unexplained;
      return back;
    },
  };
}

/** Counts and b / f of every line that f lets be seen; what is left is the same for every image. */
function fill({ counts, factor, background, shared }: EmissionPart, operator: CountedOperator): Tally {
  const held = operator.background;
  const constants: Tally = { logLikelihood: 0, expected: 0, unexplained: 0 };
  let from = 0;
  for (let piece = 0; piece < counts.length; piece++) {
    const [y, f, b] = [counts[piece], factor?.[piece], background?.[piece]];
    operator.counts.set(y, from);
    if (b) held?.set(b, from);
    for (let i = 0; b && i < b.length; i++) constants.expected += b[i];
    const [length, times] = [shared?.length ?? y.length, shared?.times ?? 1];
    for (let start = 0, row = 0, turn = 0; f && start < y.length; start += length) {
      for (let k = 0; k < length; k++) {
        const [fi, yi, bi] = [f[row + k], y[start + k], b ? b[start + k] : 0];
        const at = from + start + k;
        if (fi > 0) {
          if (held) held[at] = bi / fi;
          if (yi > 0) constants.logLikelihood += yi * Math.log(fi);
        } else {
          operator.counts[at] = 0;
          if (!(bi > 0)) constants.unexplained += yi;
          else if (yi > 0) constants.logLikelihood += yi * Math.log(bi);
        }
      }
      if (++turn === times) {
        turn = 0;
        row += length;
      }
    }
    from += y.length;
  }
  return constants;
}
