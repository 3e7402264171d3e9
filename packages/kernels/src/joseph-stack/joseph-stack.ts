/**
 * The compiled projector of a stack (joseph-stack.as.ts).
 *
 * All planes of a ray share its in-plane part: at each step two columns of the image along z are mixed once, and a plane
 * only interpolates along z,
 *
 *   L_k(z) = (1 - w_k) f(u_k, v_k, z) + w_k f(u_k, v_k + 1, z)
 *   (A f)(ray, plane) = step sum_k L_k(j) + g_k (L_k(j + 1) - L_k(j)),   j + g_k = base + delta (t_k - 1/2)
 *
 * For planes of one slope that lie whole voxels apart (a group) g_k is one number, so four planes are one vector; their
 * sums stay in registers over all steps of the ray. With time of flight the weight of (step, bin) depends on the slope
 * alone: each bin is a weighted sum over the group's interpolated values.
 *
 * Rays are handed to threads in chunks; each thread adds into an image of its own, and these are summed. Forward is
 * therefore bitwise the same for any number of threads; back differs by the order of float32 sums (1e-7).
 *
 * Tolerance against the float64 reference: 1e-6 of the RMS value (float32 sums of some hundred terms; measured 1e-7 to
 * 3e-7). Adjoint: 1e-6 in the dot test.
 */
import { DataError } from "@quintet/core";
import { type ImageGrid, type LineStack, stackSize } from "../joseph/lines.ts";
import { checkLength, type Projector, type StackProjector } from "../joseph/projector.ts";
import { Crew, crewThreads } from "../pool/crew.ts";
import { sharedModules } from "../wasm/wasm.ts";
import { degree, normalPolynomial } from "./normal-polynomial.ts";
import { planeGroups, planeStride } from "./plane-groups.ts";

const guard = 20;
const raysPerChunk = 16;
const planBytes = 192;
const clearParts = 16;

/** Undefined where the kernel is not registered. */
export function compiledStackProjector(stack: LineStack, grid: ImageGrid): StackProjector | undefined {
  if (!sharedModules().some(([name]) => name === "joseph-stack")) return undefined;
  const crew = new Crew(crewThreads());
  const place = layOut(crew, stack, grid);
  const rays = stack.rays.length / 4;
  return {
    ...partProjector(crew, stack, grid, place, undefined, rays),
    subset(chosen) {
      const wrong = chosen.find((ray) => !(ray >= 0 && ray < rays));
      if (wrong !== undefined) {
        throw new DataError("bad-subset", "a subset names rays of the stack", {
          expected: `0 to ${rays - 1}`,
          found: `${wrong}`,
        });
      }
      return partProjector(crew, stack, grid, place, chosen, chosen.length);
    },
    close: () => crew.close(),
  };
}

/** What all subsets of one projector share: addresses in the crew's memory. */
interface Place {
  readonly stride: number;
  readonly width: number;
  readonly groupCount: number;
  readonly groups: number;
  readonly rays: number;
  readonly image: number;
  readonly own: number;
  readonly imageBytes: number;
  readonly scratch: number;
  readonly scratchBytes: number;
  readonly polynomial: number;
  /** Where an image in [z][y][x] that lies elsewhere is copied to, and where one is put together. */
  readonly stage: () => number;
}

function layOut(crew: Crew, stack: LineStack, grid: ImageGrid): Place {
  const [nx, ny, nz] = grid.shape;
  const stride = planeStride(stack, grid);
  const width = 8 * Math.ceil(Math.ceil(nz / stride) / 8);
  const groups = planeGroups(stack, grid, stride);
  const at = crew.room(32 * groups.length);
  for (const [i, group] of groups.entries()) {
    new Float64Array(crew.buffer, at + 32 * i, 3).set([group.base, group.delta, group.rise ** 2]);
    new Int32Array(crew.buffer, at + 32 * i + 24, 2).set([group.first, group.count]);
  }
  const rays = crew.room(8 * stack.rays.length);
  new Float64Array(crew.buffer, rays, stack.rays.length).set(stack.rays);
  const polynomial = crew.room(4 * (degree + 1));
  crew.floats(polynomial, degree + 1).set(normalPolynomial());
  const most = Math.max(nx, ny);
  const bins = stack.tof?.bins ?? 0;
  const column = 4 * width * stride;
  const row = (stride > 1 ? stride + 1 : 1) * (4 * width + 8 * guard);
  const perBin = ((4 * (most + 4)) & ~15) + 8;
  const scratchBytes =
    Math.ceil(
      (column + 16 * most + 8 * (most + 8) + 64 * (most + 4) + perBin * (bins + 1) + 64 + row * (most + 2)) / 64,
    ) *
      64 +
    64;
  /** Both orders of the columns. */
  const imageBytes = Math.ceil((2 * column * nx * ny) / 64) * 64;
  let stage: number | undefined;
  return {
    stride,
    width,
    groupCount: groups.length,
    groups: at,
    rays,
    polynomial,
    image: crew.room(imageBytes),
    own: crew.room(imageBytes * crew.threads),
    imageBytes,
    scratch: crew.room(scratchBytes * crew.threads),
    scratchBytes,
    stage: () => {
      stage ??= crew.room(4 * nx * ny * nz);
      return stage;
    },
  };
}

function partProjector(
  crew: Crew,
  stack: LineStack,
  grid: ImageGrid,
  place: Place,
  chosen: Int32Array | undefined,
  rayCount: number,
): Projector {
  const [nx, ny, nz] = grid.shape;
  const domain = nx * ny * nz;
  const planes = stack.planes.length / 2;
  const range = (stackSize(stack) / (stack.rays.length / 4)) * rayCount;
  const list = chosen === undefined ? 0 : crew.room(4 * chosen.length);
  if (chosen) new Int32Array(crew.buffer, list, chosen.length).set(chosen);
  const plan = crew.room(planBytes);
  const { tof } = stack;
  new Float64Array(crew.buffer, plan, 6).set([
    grid.size[0],
    grid.size[1],
    grid.origin[0],
    grid.origin[1],
    tof ? 1 / tof.sigma : 0,
    tof?.width ?? 0,
  ]);
  const fields = new Uint32Array(crew.buffer, plan + 64, 24);
  fields.set([nx, ny, nz, place.stride, Math.log2(place.stride), place.width]);
  fields.set([place.groupCount, place.groups, place.rays, planes, tof?.bins ?? 0, raysPerChunk, rayCount, list], 6);
  fields.set([place.image, place.own, place.imageBytes, 0, place.scratch, place.scratchBytes], 14);
  fields.set([place.polynomial, degree, 0, 0], 20);
  const [dataField, imageFrom, imageTo] = [17, 22, 23];
  let stage: number | undefined;
  const dataStage = (): number => {
    stage ??= crew.room(4 * range + 64);
    return stage;
  };
  const chunks = Math.ceil(rayCount / raysPerChunk);
  return {
    kernel: `joseph-stack, groups of up to 16 planes at a stride of ${place.stride}, ${crew.threads} ${crew.threads > 1 ? "threads" : "thread"}`,
    domain,
    range,
    newImage: () => crew.floats(crew.room(4 * domain), domain),
    newData: () => crew.floats(crew.room(4 * range + 64), range),
    forward(image, out = new Float32Array(range)) {
      checkLength(image, domain, "image");
      checkLength(out, range, "data");
      fields[imageFrom] = crew.bring(image, place.stage);
      crew.run("joseph-stack.pack", ny, plan);
      const to = crew.addressOf(out) ?? dataStage();
      fields[dataField] = to;
      crew.run("joseph-stack.forward", chunks, plan);
      return crew.fetch(to, out);
    },
    adjoint(data, out = new Float32Array(domain)) {
      checkLength(data, range, "data");
      checkLength(out, domain, "image");
      fields[dataField] = crew.bring(data, dataStage);
      crew.run("joseph-stack.clear", clearParts * crew.threads, plan, clearParts);
      crew.run("joseph-stack.back", chunks, plan);
      const to = crew.addressOf(out) ?? place.stage();
      fields[imageTo] = to;
      crew.run("joseph-stack.unpack", ny, plan, crew.threads);
      return crew.fetch(to, out);
    },
    close: () => undefined,
  };
}
