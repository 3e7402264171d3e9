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
import { crewProjector, once } from "../joseph/crew-projector.ts";
import { type ImageGrid, type LineStack, stackSize } from "../joseph/lines.ts";
import { checkRays, type Projector, type StackProjector } from "../joseph/projector.ts";
import { Crew, crewThreads } from "../pool/crew.ts";
import { sharedModules } from "../wasm/wasm.ts";
import { type CountRoom, countedOperator, countRoom } from "./counted.ts";
import { degree, normalPolynomial } from "./normal-polynomial.ts";
import { mostTogether, planeFamilies, planeStride, type SlopeGroup, slopeGroups } from "./plane-groups.ts";
import { nearRaysTogether } from "./ray-order.ts";
import { planScratch, roundUp, type ScratchPlan, timedPitch } from "./scratch-plan.ts";
import { type FamilyPair, familyPairs, oppositeRays } from "./symmetries.ts";

/** Most pairs of rays of a chunk, and into how many a thread's share is cut at least, so that threads end together. */
const [pairsPerChunk, chunksPerThread] = [8, 24];
const planBytes = 320;

/** Undefined where the kernel is not registered. */
export function compiledStackProjector(stack: LineStack, grid: ImageGrid): StackProjector | undefined {
  if (!sharedModules().some(([name]) => name === "joseph-stack")) return undefined;
  const crew = new Crew(crewThreads());
  const place = layOut(crew, stack, grid);
  const rays = stack.rays.length / 4;
  return {
    ...partProjector(
      crew,
      stack,
      grid,
      place,
      Int32Array.from({ length: rays }, (_, i) => i),
    ),
    subset(chosen) {
      checkRays(chosen, rays);
      return partProjector(crew, stack, grid, place, chosen);
    },
    close: () => crew.close(),
  };
}

/** What all subsets of one projector share: addresses in the crew's memory. */
interface Place {
  readonly stride: number;
  readonly width: number;
  readonly families: Placed;
  readonly rays: number;
  /** Number of each ray's opposite one, -1: none; together they share what depends on the steps alone. */
  readonly opposite: Int32Array;
  readonly image: number;
  readonly own: number;
  readonly imageBytes: number;
  /** From one y of the columns to the next. */
  readonly lineBytes: number;
  readonly scratch: number;
  readonly scratchPlan: ScratchPlan;
  readonly polynomial: number;
  /** Which way is taken, for the projector's name. */
  readonly way: string;
  /** Where an image in [z][y][x] that lies elsewhere is copied to, and where one is put together. */
  readonly stage: () => number;
  readonly counts: CountRoom;
}

interface Placed {
  readonly count: number;
  readonly address: number;
}

function layOut(crew: Crew, stack: LineStack, grid: ImageGrid): Place {
  const [nx, ny, nz] = grid.shape;
  // Time of flight takes planes wherever they lie: columns stay in one piece.
  const stride = stack.tof ? 1 : planeStride(stack, grid);
  const tiled = !stack.tof && byTiles(stack, grid, stride);
  const lanes = tiled ? 16 : 8;
  const width = lanes * Math.ceil(Math.ceil(nz / stride) / lanes);
  const found = stack.tof ? [] : planeFamilies(stack, grid, stride);
  const pairs = familyPairs(found);
  // Of a family without its opposite no data of the opposite ray would be met.
  const lacking = pairs.some((pair) => !pair.turned || (pair.mirrored && !pair.turnedMirrored));
  const paired = !stack.tof && !lacking;
  const opposite = paired ? oppositeRays(stack, grid) : new Int32Array(stack.rays.length / 4).fill(-1);
  const families = stack.tof ? placeSlopes(crew, slopeGroups(stack, grid)) : placeFamilies(crew, pairs);
  const rays = crew.room(8 * stack.rays.length);
  new Float64Array(crew.buffer, rays, stack.rays.length).set(stack.rays);
  const polynomial = crew.room(4 * (degree + 1));
  crew.floats(polynomial, degree + 1).set(normalPolynomial());
  const scratchPlan = planScratch({
    steps: Math.max(nx, ny),
    width,
    stride,
    guard: stack.tof
      ? guardRows(stack, grid) * timedPitch(Math.max(nx, ny))
      : tiled
        ? 4 * Math.ceil((beyondImage(stack, grid) + 20) / 4)
        : 20,
    block: blockFor(steepest(stack, grid), tiled),
    bins: stack.tof?.bins ?? 0,
    tiled: tiled ? families.count : 0,
    paired,
    mostPlanes: found.reduce((most, { count }) => Math.max(most, count), 0),
    mostVoxels: found.reduce((most, { delta }) => Math.max(most, Math.abs(delta)), 0),
    data: 2 * pairsPerChunk * (stackSize(stack) / (stack.rays.length / 4) + 16),
  });
  const lineBytes = apartInCache(4 * width * stride, nx);
  const imageBytes = roundUp(lineBytes * ny);
  return {
    stride,
    width,
    families,
    rays,
    opposite,
    polynomial,
    way: stack.tof
      ? `${families.count} groups of one slope with time of flight`
      : `${found.length} families of planes${tiled ? " block by block" : ""}`,
    image: crew.room(imageBytes),
    own: crew.room(imageBytes * crew.threads),
    imageBytes,
    lineBytes,
    scratch: crew.room(scratchPlan.bytes * crew.threads),
    scratchPlan,
    stage: once(() => crew.room(4 * nx * ny * nz)),
    counts: countRoom(crew, nx * ny * nz),
  };
}

/**
 * Bytes from one y of the columns to the next: one column more where a ray along y would meet columns that a cache of 4 KiB a way
 * keeps in one place.
 */
function apartInCache(column: number, nx: number): number {
  const beyond = (column * nx) % 4096;
  return column * (beyond < column || beyond > 4096 - column ? nx + 1 : nx);
}

/** Few long families that tiles suit: on average 24 planes each, no line steep or far out of the image. */
export function byTiles(stack: LineStack, grid: ImageGrid, stride: number): boolean {
  if (stride > 1 || beyondImage(stack, grid) > 64 || steepest(stack, grid) > 0.7) return false;
  return planeFamilies(stack, grid, stride).length * 24 <= stack.planes.length / 2;
}

/** How far lines reach out of the image along z, voxels. */
export function beyondImage({ planes }: LineStack, { shape, size, origin }: ImageGrid): number {
  const ends = [...planes].map((z) => (z - origin[2]) / size[2]);
  return ends.reduce((most, z) => Math.max(most, -z, z - (shape[2] - 1)), 0);
}

/**
 * Running sums of steep lines grow fast, and with them what float32 loses: measured 1e-7 to 9e-7 of the RMS value. Of mMR's tiles (0.4)
 * 2.4e-7 with blocks of 16 steps, 3.9e-7 with 24, 6.4e-7 with 32.
 */
function blockFor(slope: number, tiled: boolean): number {
  if (tiled && slope <= 0.5) return 24;
  return slope <= 0.7 ? 16 : slope <= 1.2 ? 8 : slope <= 2.5 ? 4 : 2;
}

/** Most voxels that a line crosses along z from one step to the next, of rays that may meet the image. */
function steepest({ rays, planes }: LineStack, { shape, size, origin }: ImageGrid): number {
  const [cx, cy] = [0, 1].map((k) => origin[k] + ((shape[k] - 1) / 2) * size[k]) as [number, number];
  const reach = Math.hypot((shape[0] + 1) * size[0], (shape[1] + 1) * size[1]) / 2;
  let [shortest, most] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < rays.length; i += 4) {
    const [dx, dy] = [rays[i + 2] - rays[i], rays[i + 3] - rays[i + 1]];
    if (Math.abs((rays[i] - cx) * dy - (rays[i + 1] - cy) * dx) > reach * Math.hypot(dx, dy)) continue;
    shortest = Math.min(shortest, Math.max(Math.abs(dx) / size[0], Math.abs(dy) / size[1]));
  }
  for (let i = 0; i < planes.length; i += 2) most = Math.max(most, Math.abs(planes[i + 1] - planes[i]) / size[2]);
  return most / shortest;
}

/** As lines.as.ts and tiles.as.ts read them. */
function placeFamilies(crew: Crew, pairs: readonly FamilyPair[]): Placed {
  const bytes = 48;
  const address = crew.room(bytes * pairs.length);
  for (const [i, { family, mirrored, sum, turned, turnedMirrored }] of pairs.entries()) {
    new Float64Array(crew.buffer, address + bytes * i, 3).set([family.base, family.delta, family.rise ** 2]);
    const first = [
      family.first,
      family.count,
      mirrored?.first ?? -1,
      sum,
      turned?.first ?? -1,
      turnedMirrored?.first ?? -1,
    ];
    new Int32Array(crew.buffer, address + bytes * i + 24, 6).set(first);
  }
  return { address, count: pairs.length };
}

/** Rows of zeros on either side that four steps of a plane outside the image may meet. */
function guardRows(stack: LineStack, grid: ImageGrid): number {
  return Math.ceil(1 + 3 * steepest(stack, grid)) + 3;
}

/** As timed.as.ts reads them. */
function placeSlopes(crew: Crew, groups: readonly SlopeGroup[]): Placed {
  const bytes = 232;
  const address = crew.room(bytes * groups.length);
  for (const [i, { delta, rise, places, numbers }] of groups.entries()) {
    const at = address + bytes * i;
    new Float64Array(crew.buffer, at, 4).set([delta, rise ** 2, Math.min(...places), Math.max(...places)]);
    new Int32Array(crew.buffer, at + 32, 2).set([places.length, numbers.every((n, k) => n === numbers[0] + k) ? 1 : 0]);
    const padded = [...places, ...Array<number>(mostTogether - places.length).fill(places[0])];
    new Float64Array(crew.buffer, at + 40, mostTogether).set(padded);
    new Int32Array(crew.buffer, at + 168, numbers.length).set(numbers);
  }
  return { address, count: groups.length };
}

/** [pair][ray whose steps are taken, where its data lie, where its opposite's lie]; -1 where a part of the rays lacks one. */
function pairRays({ opposite }: Place, chosen: Int32Array): Int32Array {
  const pairs: [number, number, number][] = [];
  const open = new Map<number, [number, number, number][]>();
  for (const [at, ray] of chosen.entries()) {
    const leader = opposite[ray] < 0 ? ray : Math.min(ray, opposite[ray]);
    const side = ray === leader ? 1 : 2;
    const lacking = open.get(leader) ?? [];
    const found = lacking.find((pair) => pair[side] < 0);
    if (found) found[side] = at;
    else {
      const pair: [number, number, number] = [leader, -1, -1];
      pair[side] = at;
      pairs.push(pair);
      open.set(leader, [...lacking, pair]);
    }
  }
  return Int32Array.from(pairs.flat());
}

function partProjector(crew: Crew, stack: LineStack, grid: ImageGrid, place: Place, chosen: Int32Array): Projector {
  const [nx, ny, nz] = grid.shape;
  const domain = nx * ny * nz;
  const planes = stack.planes.length / 2;
  const range = (stackSize(stack) / (stack.rays.length / 4)) * chosen.length;
  const pairs = nearRaysTogether(pairRays(place, chosen), stack, grid);
  const pairCount = pairs.length / 3;
  const perChunk = Math.max(1, Math.min(pairsPerChunk, Math.floor(pairCount / (chunksPerThread * crew.threads))));
  const list = crew.room(4 * pairs.length);
  new Int32Array(crew.buffer, list, pairs.length).set(pairs);
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
  const fields = new Uint32Array(crew.buffer, plan + 64, 56);
  fields.set([nx, ny, nz, place.stride, Math.log2(place.stride), place.width]);
  const { families, scratchPlan } = place;
  fields.set([families.count, families.address, place.rays, planes, tof?.bins ?? 0, perChunk, pairCount, list], 6);
  fields.set([place.image, place.own, place.imageBytes, 0, place.scratch, scratchPlan.bytes], 14);
  fields.set([place.polynomial, degree, 0, 0], 20);
  fields.set(scratchPlan.fields, 24);
  fields[47] = place.lineBytes;
  fields.set(scratchPlan.tileFields, 48);
  const chunks = Math.ceil(pairCount / perChunk);
  const projector = crewProjector(crew, {
    kernel: `joseph-stack, ${place.way} at a stride of ${place.stride}`,
    ...{ domain, range, fields, at: { data: 17, imageFrom: 22, imageTo: 23 }, imageStage: place.stage, beyond: 64 },
    forward() {
      crew.run("joseph-stack.pack", ny, plan);
      crew.run("joseph-stack.forward", chunks, plan);
    },
    back() {
      crew.run("joseph-stack.back", chunks, plan);
      crew.run("joseph-stack.unpack", ny, plan, crew.threads);
    },
    close: () => undefined,
  });
  const runs = {
    ...{ domain, range, fields, at: { imageFrom: 22, imageTo: 23, counts: 44 }, imageStage: place.stage },
    sums: Array.from({ length: crew.threads }, (_, thread) => place.scratch + thread * scratchPlan.bytes + 16),
    update() {
      crew.run("joseph-stack.pack", ny, plan);
      crew.run("joseph-stack.update", chunks, plan);
      crew.run("joseph-stack.unpack", ny, plan, crew.threads);
    },
  };
  return { ...projector, counted: (withBackground) => countedOperator(crew, place.counts, runs, withBackground) };
}
