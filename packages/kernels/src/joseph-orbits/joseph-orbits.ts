/**
 * The compiled projector of a stack whose rays a quarter turn about the axis takes into each other (joseph-orbits.as.ts).
 *
 * What is computed is what joseph-stack.ts says; what differs is the vector: its four lanes are four rays, the base ray turned by
 * 0, 90, 180 and 270 degrees. They meet the planes of the image at the same steps, so that
 *
 *   the knots and bases of a plane are found once for eight rays: four lanes, and four of the mirror image in the x axis
 *   a vector is full however few planes follow each other evenly, as in scanners whose blocks have gaps
 *   voxels along z are whole vectors: nothing is read across the border of one
 *
 * The image lies in columns of four, [y][x][z][4], the voxels that quarter turns take into each other; a base ray in another quarter
 * of it finds its lanes turned.
 *
 * Forward is bitwise the same for any number of threads; back differs by the order of float32 sums (1e-7). Tolerances: those of
 * joseph-stack.ts, 1e-6 of the RMS value to the float64 reference, 1e-6 in the dot test.
 */
import { crewProjector, once } from "../joseph/crew-projector.ts";
import { type ImageGrid, type LineStack, stackSize } from "../joseph/lines.ts";
import { checkRays, type Projector, type StackProjector } from "../joseph/projector.ts";
import { type CountRoom, countedOperator, countRoom } from "../joseph-stack/counted.ts";
import { beyondImage, byTiles } from "../joseph-stack/joseph-stack.ts";
import { planeFamilies, planeStride } from "../joseph-stack/plane-groups.ts";
import { type FamilyPair, familyPairs } from "../joseph-stack/symmetries.ts";
import { Crew, crewThreads } from "../pool/crew.ts";
import { sharedModules } from "../wasm/wasm.ts";
import { groupLength, type Orbit, orbitGroups, rayOrbits } from "./orbits.ts";

/** Most orbits of a chunk, and into how many a thread's share is cut at least, so that threads end together. */
const [groupsPerChunk, chunksPerThread] = [4, 24];
const planBytes = 256;
const familyBytes = 40;
const tableBytes = 32;
/** Steps of a block of the steepest rays: beginRay of ray.as.ts. */
const shortestBlock = 2;

/** Undefined where the kernel is not registered, or another way suits the stack better. */
export function compiledOrbitProjector(stack: LineStack, grid: ImageGrid): StackProjector | undefined {
  if (!sharedModules().some(([name]) => name === "joseph-orbits")) return undefined;
  const suited = orbitsFor(stack, grid);
  if (!suited) return undefined;
  const crew = new Crew(crewThreads());
  const place = layOut(crew, stack, grid, suited);
  const rays = stack.rays.length / 4;
  return {
    ...partProjector(
      crew,
      grid,
      place,
      Int32Array.from({ length: rays }, (_, i) => i),
    ),
    subset(chosen) {
      checkRays(chosen, rays);
      return partProjector(crew, grid, place, chosen);
    },
    close: () => crew.close(),
  };
}

interface Suited {
  readonly orbits: readonly Orbit[];
  readonly pairs: readonly FamilyPair[];
  readonly stride: number;
  /** Number of each plane with its ends swapped. */
  readonly swapped: Int32Array;
}

/** Lanes that are filled on average for this way to be taken; what others take has been measured against it. */
const fullEnough = 2.5;

function orbitsFor(stack: LineStack, grid: ImageGrid): Suited | undefined {
  if (stack.tof) return undefined;
  const stride = planeStride(stack, grid);
  if (stride > 2 || beyondImage(stack, grid) > 24) return undefined;
  if (byTiles(stack, grid, stride)) return undefined;
  const swapped = swappedPlanes(stack);
  const orbits = swapped && rayOrbits(stack, grid);
  if (!swapped || !orbits) return undefined;
  const sides = orbits.flatMap((orbit) => orbit.sides).filter(({ rays }) => rays.some((ray) => ray >= 0));
  if (stack.rays.length / 4 < fullEnough * sides.length) return undefined;
  return { orbits, pairs: familyPairs(planeFamilies(stack, grid, stride)), stride, swapped };
}

/** Undefined where a plane lacks its opposite. */
function swappedPlanes({ planes }: LineStack): Int32Array | undefined {
  const name = (a: number, b: number): string => `${Math.round(a * 1e6) + 0} ${Math.round(b * 1e6) + 0}`;
  const known = new Map<string, number>();
  for (let i = 0; i < planes.length; i += 2) known.set(name(planes[i], planes[i + 1]), i / 2);
  const out = new Int32Array(planes.length / 2);
  for (let i = 0; i < out.length; i++) {
    const other = known.get(name(planes[2 * i + 1], planes[2 * i])) ?? -1;
    // One that lies there twice would be written twice, and its double never.
    if (other < 0 || known.get(name(planes[2 * i], planes[2 * i + 1])) !== i) return undefined;
    if (Math.abs(planes[2 * other] - planes[2 * i + 1]) + Math.abs(planes[2 * other + 1] - planes[2 * i]) > 1e-9)
      return undefined;
    out[i] = other;
  }
  return out;
}

/** What all subsets of one projector share: addresses in the crew's memory. */
interface Place extends Suited {
  /** Voxels along z that a line crosses, at the most. */
  readonly most: number;
  readonly perRay: number;
  readonly fields: Uint32Array;
  readonly scratch: { readonly address: number; readonly bytes: number };
  readonly stage: () => number;
  readonly counts: CountRoom;
}

function roundUp(bytes: number): number {
  return 64 * Math.ceil(bytes / 64);
}

function layOut(crew: Crew, stack: LineStack, grid: ImageGrid, suited: Suited): Place {
  const { orbits, pairs, stride, swapped } = suited;
  const [n, , nz] = grid.shape;
  const planes = swapped.length;
  const half = Math.ceil(n / 2);
  const cells = Math.floor((nz + stride) / stride);
  const column = 16 * (cells * stride + 1);
  const guard = 32 * (Math.ceil((beyondImage(stack, grid) + 4) / stride) + 2);
  const sub = 32 * cells + 2 * guard;
  const families = crew.room(familyBytes * pairs.length);
  for (const [i, { family, mirrored, sum }] of pairs.entries()) {
    new Float64Array(crew.buffer, families + familyBytes * i, 3).set([family.base, family.delta, family.rise ** 2]);
    const numbers = [family.first, family.count, mirrored?.first ?? -1, sum];
    new Int32Array(crew.buffer, families + familyBytes * i + 24, 4).set(numbers);
  }
  const bases = crew.room(32 * orbits.length);
  for (const [i, { base }] of orbits.entries()) new Float64Array(crew.buffer, bases + 32 * i, 4).set(base);
  const opposite = crew.room(4 * (planes + 4));
  new Int32Array(crew.buffer, opposite, planes).set(swapped);
  let top = 64;
  const room = (bytes: number): number => {
    const at = top;
    top += roundUp(bytes) + 64;
    return at;
  };
  const blocks = Math.ceil(n / shortestBlock);
  const most = pairs.reduce((voxels, { family }) => Math.max(voxels, Math.abs(family.delta)), 0);
  const knots = pairs.reduce((sum, { family }) => sum + 16 * (Math.ceil(Math.abs(family.delta)) + 8 + blocks + 8), 64);
  const [zero, odd, table] = [room(column), room(column), room(16 * (n + 4))];
  const [tables, knotsAt] = [room(tableBytes * pairs.length), room(knots)];
  const rows = room(stride * sub * (n + 3));
  const blockRows = room(3 * stride * (sub / 2) * (blocks + 1));
  const rowBytes = top - rows;
  const running = room(32 * (nz + 8));
  const values = room(16 * (planes + 4));
  const lines = room(4 * (4 * planes + 64));
  const imageBytes = roundUp(half * half * column + 64);
  const scratch = crew.room(top * crew.threads);
  const fields = new Uint32Array(48);
  fields.set([n, nz, planes, stride, Math.log2(stride), 0, column, sub, guard]);
  fields.set([pairs.length, families, bases, 0, 0, 0, opposite], 9);
  fields.set([crew.room(imageBytes), crew.room(imageBytes * crew.threads), imageBytes], 16);
  fields.set([scratch, top, zero, odd, table, tables, knotsAt, rows, blockRows, rowBytes, running, values, lines], 25);
  return {
    ...suited,
    most,
    perRay: stackSize(stack) / (stack.rays.length / 4),
    fields,
    scratch: { address: scratch, bytes: top },
    stage: once(() => crew.room(4 * n * n * nz)),
    counts: countRoom(crew, n * n * nz),
  };
}

function partProjector(crew: Crew, grid: ImageGrid, place: Place, chosen: Int32Array): Projector {
  const [n, , nz] = grid.shape;
  const domain = n * n * nz;
  const range = place.perRay * chosen.length;
  const groups = orbitGroups(place.orbits, chosen);
  const count = groups.length / groupLength;
  const perChunk = Math.max(1, Math.min(groupsPerChunk, Math.floor(count / (chunksPerThread * crew.threads))));
  const list = crew.room(4 * groups.length);
  new Int32Array(crew.buffer, list, groups.length).set(groups);
  const plan = crew.room(planBytes);
  new Float64Array(crew.buffer, plan, 3).set([grid.size[0], grid.origin[0], place.most]);
  const fields = new Uint32Array(crew.buffer, plan + 64, 48);
  fields.set(place.fields);
  fields.set([count, list, perChunk], 12);
  const chunks = Math.ceil(count / perChunk);
  const squares = Math.ceil(n / 8) ** 2;
  const pack = (): void => crew.run("joseph-orbits.pack", squares, plan);
  const unpack = (): void =>
    n % 2 === 0
      ? crew.run("joseph-orbits.unpack", squares, plan, crew.threads)
      : crew.run("joseph-orbits.unpackSlices", Math.ceil(nz / 4), plan, crew.threads);
  const projector = crewProjector(crew, {
    kernel: `joseph-orbits, ${place.pairs.length} pairs of families of planes at a stride of ${place.stride}`,
    ...{ domain, range, fields, at: { data: 19, imageFrom: 20, imageTo: 21 }, imageStage: place.stage, beyond: 64 },
    forward() {
      pack();
      crew.run("joseph-orbits.forward", chunks, plan);
    },
    back() {
      crew.run("joseph-orbits.back", chunks, plan);
      unpack();
    },
    close: () => undefined,
  });
  const { address, bytes } = place.scratch;
  const runs = {
    ...{ domain, range, fields, at: { imageFrom: 20, imageTo: 21, counts: 22 }, imageStage: place.stage },
    sums: Array.from({ length: crew.threads }, (_, thread) => address + thread * bytes + 16),
    update() {
      pack();
      crew.run("joseph-orbits.update", chunks, plan);
      unpack();
    },
  };
  return { ...projector, counted: (withBackground) => countedOperator(crew, place.counts, runs, withBackground) };
}
