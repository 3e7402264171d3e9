/**
 * The compiled projector of single lines (joseph-lines.as.ts): Joseph's method as josephSamples in joseph.ref.ts states
 * it, for list mode and moved heads. Positions are float64, values float32; the image lies in columns along z with a rim
 * of zeros, so that two loads fetch the four voxels of a step.
 *
 * A line's time-of-flight weights are found four steps a vector, and only steps within reach of its bin are taken.
 * Lines are handed to threads in chunks. Each thread adds into an image of its own, and these are summed.
 *
 * Tolerance against the float64 reference: 1e-6 of the RMS value (float32 sums; measured 1e-7). Adjoint: 1e-6.
 */
import { crewProjector, once } from "../joseph/crew-projector.ts";
import { type ImageGrid, type LineList, lineCount } from "../joseph/lines.ts";
import { checkPart, type ListProjector, type Projector } from "../joseph/projector.ts";
import { degree, normalPolynomial } from "../joseph-stack/normal-polynomial.ts";
import { Crew, crewThreads } from "../pool/crew.ts";
import { sharedModules } from "../wasm/wasm.ts";

const rim = 2;
const linesPerChunk = 256;
const clearParts = 16;

/** Undefined where the kernel is not registered. */
export function compiledLineProjector(list: LineList, grid: ImageGrid): ListProjector | undefined {
  if (!sharedModules().some(([name]) => name === "joseph-lines")) return undefined;
  const crew = new Crew(crewThreads());
  const [nx, ny, nz] = grid.shape;
  const [domain, range] = [nx * ny * nz, lineCount(list)];
  const { tof, ends } = list;
  const wide = ends instanceof Float64Array;
  const endsAt = crew.room(ends.byteLength);
  if (wide) new Float64Array(crew.buffer, endsAt, ends.length).set(ends);
  else crew.floats(endsAt, ends.length).set(ends);
  const tofAt = tof ? crew.room(4 * range) : 0;
  if (tof) crew.floats(tofAt, range).set(tof.position);
  const polynomial = crew.room(4 * (degree + 1));
  crew.floats(polynomial, degree + 1).set(normalPolynomial());
  const imageBytes = 64 * Math.ceil((4 * (nx + 2 * rim) * (ny + 2 * rim) * (nz + 2 * rim) + 64) / 64);
  const image = crew.room(imageBytes);
  const own = crew.room(imageBytes * crew.threads);
  const weightBytes = 64 * Math.ceil((4 * Math.max(nx, ny) + 16) / 64);
  const weights = crew.room(weightBytes * crew.threads);
  const lengths = [...grid.size, ...grid.origin, tof ? 1 / tof.sigma : 0, tof ? tof.width / 2 : 0];
  const imageStage = once(() => crew.room(4 * domain));
  const at = { data: 12, imageFrom: 17, imageTo: 18 };
  /** A run of the lines; all parts work on one copy of the image. */
  const partOf = (from: number, count: number): Projector => {
    const plan = crew.room(192);
    new Float64Array(crew.buffer, plan, 8).set(lengths);
    const fields = new Uint32Array(crew.buffer, plan + 64, 20);
    const [endsFrom, tofFrom] = [endsAt + (wide ? 48 : 24) * from, tof ? tofAt + 4 * from : 0];
    fields.set([nx, ny, nz, endsFrom, wide ? 1 : 0, count, linesPerChunk, tofFrom, image, own, imageBytes, 0]);
    fields.set([0, weights, weightBytes, polynomial, degree, 0, 0], 12);
    const chunks = Math.ceil(count / linesPerChunk);
    return crewProjector(crew, {
      ...{ kernel: "joseph-lines", domain, range: count, fields, at, imageStage },
      forward() {
        crew.run("joseph-lines.pack", ny, plan);
        crew.run("joseph-lines.forward", chunks, plan);
      },
      back() {
        crew.run("joseph-lines.clear", clearParts * crew.threads, plan, clearParts);
        crew.run("joseph-lines.back", chunks, plan);
        crew.run("joseph-lines.unpack", ny, plan, crew.threads);
      },
      close: () => crew.close(),
    });
  };
  return {
    ...partOf(0, range),
    part(from, count) {
      checkPart(from, count, range);
      return partOf(from, count);
    },
  };
}
