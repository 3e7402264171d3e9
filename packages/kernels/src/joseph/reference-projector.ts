import { josephBackReference, josephForwardReference } from "./joseph.ref.ts";
import { type ImageGrid, type LineList, type LineStack, lineCount, stackSize } from "./lines.ts";
import {
  checkLength,
  checkPart,
  type ListProjector,
  type Projector,
  raysOf,
  type StackProjector,
} from "./projector.ts";

/** The float64 reference behind the same door. */
export function referenceStackProjector(stack: LineStack, grid: ImageGrid): StackProjector {
  return {
    ...referenceProjector(stack, grid, stackSize(stack)),
    subset(rays) {
      const part = { ...stack, rays: raysOf(stack, rays) };
      return referenceProjector(part, grid, stackSize(part));
    },
  };
}

/** The same for single lines. */
export function referenceListProjector(list: LineList, grid: ImageGrid): ListProjector {
  return {
    ...referenceProjector(list, grid, lineCount(list)),
    part(from, count) {
      checkPart(from, count, lineCount(list));
      const { ends, tof } = list;
      const own: LineList = {
        ends: ends.subarray(6 * from, 6 * (from + count)),
        ...(tof ? { tof: { ...tof, position: tof.position.subarray(from, from + count) } } : {}),
      };
      return referenceProjector(own, grid, count);
    },
  };
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
