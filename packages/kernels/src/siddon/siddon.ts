import { crewProjector, once } from "../joseph/crew-projector.ts";
import {
  checkGrid,
  checkList,
  checkStack,
  type ImageGrid,
  type LineList,
  type LineStack,
  lineCount,
  stackSize,
} from "../joseph/lines.ts";
import { checkLength, type Projector } from "../joseph/projector.ts";
import { Crew, crewThreads } from "../pool/crew.ts";
import { sharedModules } from "../wasm/wasm.ts";
import { siddonLengths } from "./siddon.ref.ts";

const linesPerChunk = 512;
const parts = 16;

/**
 * Line integrals by the exact lengths of lines in voxels, and their adjoint.
 *
 *   (A f)(line) = sum_v length(line, v) f(v),   lengths in mm between the line's two ends
 *
 * A voxel counts with its whole extent. Joseph's method lets the outermost voxels fade to zero over half a voxel beyond
 * their centres; an attenuation map that reaches the image's border needs this one. Time of flight does not enter: all
 * bins of a line are attenuated alike, so data has one value a line, [ray][plane] of a stack.
 *
 * Tolerance against the float64 reference: 1e-6 of the RMS value (sums are float64, data and images float32). A line that
 * runs exactly in a face between voxels belongs to the one on its upper side in the reference and in the compiled form
 * within rounding.
 *
 * @throws DataError `bad-grid`, `bad-lines`; `shape-mismatch` when applied to arrays of other lengths
 * @see Siddon, Med Phys 1985;12:252-255 (from the literature, not re-checked)
 */
export function siddonProjector(lines: LineStack | LineList, grid: ImageGrid): Projector {
  checkGrid(grid);
  if ("rays" in lines) {
    checkStack(lines);
    const { rays, planes } = lines;
    return compiled({ rays, planes }, grid) ?? reference({ rays, planes }, grid);
  }
  checkList(lines);
  return compiled({ ends: lines.ends }, grid) ?? reference({ ends: lines.ends }, grid);
}

const count = (lines: LineStack | LineList): number => ("rays" in lines ? stackSize(lines) : lineCount(lines));

function compiled(lines: LineStack | LineList, grid: ImageGrid): Projector | undefined {
  if (!sharedModules().some(([name]) => name === "siddon")) return undefined;
  const crew = new Crew(crewThreads());
  const [nx, ny, nz] = grid.shape;
  const [domain, range] = [nx * ny * nz, count(lines)];
  const put = (values: Float64Array | Float32Array): number => {
    const at = crew.room(values.byteLength);
    const room = {
      f64: () => new Float64Array(crew.buffer, at, values.length),
      f32: () => crew.floats(at, values.length),
    };
    (values instanceof Float64Array ? room.f64() : room.f32()).set(values);
    return at;
  };
  const stack = "rays" in lines ? [put(lines.rays), put(lines.planes), lines.planes.length / 2] : [0, 0, 1];
  const list = "rays" in lines ? [0, 0] : [put(lines.ends), lines.ends instanceof Float64Array ? 1 : 0];
  const imageBytes = 64 * Math.ceil((4 * domain) / 64);
  const own = crew.room(imageBytes * crew.threads);
  const plan = crew.room(128);
  new Float64Array(crew.buffer, plan, 6).set([...grid.size, ...grid.origin]);
  const fields = new Uint32Array(crew.buffer, plan + 64, 15);
  fields.set([nx, ny, nz, ...stack, ...list, range, linesPerChunk, 0, own, imageBytes]);
  const chunks = Math.ceil(range / linesPerChunk);
  return crewProjector(crew, {
    ...{ kernel: "siddon", domain, range, fields, at: { data: 13, imageFrom: 10, imageTo: 14 } },
    imageStage: once(() => crew.room(4 * domain)),
    forward: () => crew.run("siddon.forward", chunks, plan),
    back() {
      crew.run("siddon.clear", parts * crew.threads, plan, parts);
      crew.run("siddon.back", chunks, plan);
      crew.run("siddon.sum", parts, plan, parts, crew.threads);
    },
    close: () => crew.close(),
  });
}

function reference(lines: LineStack | LineList, grid: ImageGrid): Projector {
  const domain = grid.shape[0] * grid.shape[1] * grid.shape[2];
  const range = count(lines);
  return {
    kernel: "siddon, float64 reference",
    domain,
    range,
    newImage: () => new Float32Array(domain),
    newData: () => new Float32Array(range),
    forward(image, out = new Float32Array(range)) {
      checkLength(image, domain, "image");
      checkLength(out, range, "data");
      for (let i = 0; i < range; i++) {
        let sum = 0;
        siddonLengths(lineAt(lines, i), grid, (voxel, length) => {
          sum += length * image[voxel];
        });
        out[i] = sum;
      }
      return out;
    },
    adjoint(data, out = new Float32Array(domain)) {
      checkLength(data, range, "data");
      checkLength(out, domain, "image");
      const sums = new Float64Array(domain);
      for (let i = 0; i < range; i++) {
        siddonLengths(lineAt(lines, i), grid, (voxel, length) => {
          sums[voxel] += length * data[i];
        });
      }
      out.set(sums);
      return out;
    },
    close: () => undefined,
  };
}

function lineAt(lines: LineStack | LineList, i: number): ArrayLike<number> {
  if (!("rays" in lines)) return lines.ends.subarray(6 * i, 6 * i + 6);
  const planeCount = lines.planes.length / 2;
  const [r, p] = [4 * Math.floor(i / planeCount), 2 * (i % planeCount)];
  const { rays, planes } = lines;
  return [rays[r], rays[r + 1], planes[p], rays[r + 2], rays[r + 3], planes[p + 1]];
}
