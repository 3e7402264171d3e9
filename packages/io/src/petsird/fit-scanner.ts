/** The regular scanner whose crystals lie where a PETSIRD file says, and which detector each of its elements is. */
import { type AxialBlocks, DataError, detectorPositions, type PetScanner, ringPositions } from "@quintet/core";
import type { PetsirdHeader, PetsirdTransformation } from "./model.ts";

export interface PetsirdScannerFit {
  readonly scanner: PetScanner;
  /** Detector of the whole scanner (ring x detectors per ring + detector) of each element (element + elements x module). */
  readonly detectorOf: Uint32Array;
  /** Bins of energy of a detection bin. */
  readonly energyBins: number;
}

/** mm; positions are stored as float32. */
const tolerance = 0.05;
const millimetresPerPicosecond = 0.299792458;

/**
 * Fits rings of a circle or a regular polygon, with block gaps, to the middles of all detecting elements.
 *
 *   middle(m, e) = T_module(m) T_element(e) mean of the box's corners
 *
 * The file's axes are taken as the scanner's; the middle of the rings becomes z = 0. Every element must lie within 0.05 mm of
 * a detector of the fitted scanner, else it is refused.
 *
 * @throws DataError `unsupported-scanner` (several types of module, layers, no regular ring)
 */
export function fitPetsirdScanner({ scanner }: PetsirdHeader, file: string): PetsirdScannerFit {
  const refuse = (found: string): never => {
    throw new DataError(
      "unsupported-scanner",
      "only rings of one kind of module, on a circle or a regular polygon, are read as a scanner",
      {
        file,
        expected: "one type of module, one layer of crystals",
        found,
      },
    );
  };
  const [modules, ...more] = scanner.scannerGeometry.replicatedModules;
  if (modules === undefined || more.length > 0) return refuse(`${more.length + (modules ? 1 : 0)} types of module`);
  const { detectingElements } = modules.object;
  const corners = detectingElements.object.shape.corners.map(({ c }) => c);
  const middle = [0, 1, 2].map((k) => corners.reduce((sum, c) => sum + (c[k] as number), 0) / corners.length);
  const depth = extent(corners) / 2;
  const points = modules.transforms.flatMap((module) =>
    detectingElements.transforms.map((element) => applied(module, applied(element, middle))),
  );
  const rings = levels(points.map(([, , z]) => z as number));
  const axial = blocksOf(rings);
  const perRing = points.length / rings.length;
  if (!axial || !Number.isInteger(perRing))
    return refuse(`${points.length} elements at ${rings.length} places along the axis`);
  const first = points.filter(([, , z]) => Math.abs((z as number) - (rings[0] as number)) < tolerance);
  for (const ring of ringsOf(first, depth)) {
    const tof = timeOfFlightOf(scanner.tofBinEdges[0]?.[0]?.edges, scanner.tofResolution[0]?.[0]);
    const fitted: PetScanner = {
      name: scanner.modelName || "unknown",
      source: file,
      ...ring,
      axial,
      ...(tof ? { timeOfFlight: tof } : {}),
    };
    const detectorOf = matched(fitted, points, (rings[0] as number) - (ringPositions(fitted)[0] as number));
    if (detectorOf)
      return { scanner: fitted, detectorOf, energyBins: (scanner.eventEnergyBinEdges[0]?.edges.length ?? 2) - 1 };
  }
  return refuse("elements that lie on no circle and no regular polygon");
}

/** Radial length of the box at rest: its shortest way is across crystals, its first axis runs outwards in the model's examples. */
function extent(corners: readonly Float32Array[]): number {
  const along = corners.map((c) => c[0] as number);
  return Math.max(...along) - Math.min(...along);
}

function applied({ matrix }: PetsirdTransformation, point: readonly number[]): readonly number[] {
  return [0, 1, 2].map(
    (row) =>
      [0, 1, 2].reduce((sum, k) => sum + (matrix[4 * row + k] as number) * (point[k] as number), 0) +
      (matrix[4 * row + 3] as number),
  );
}

/** Distinct values, rising. */
function levels(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.filter((value, i) => i === 0 || value - (sorted[i - 1] as number) > tolerance);
}

/** Blocks of evenly pitched places, with one gap between blocks; undefined when they are not so. */
function blocksOf(places: readonly number[]): AxialBlocks | undefined {
  const n = places.length;
  if (n === 1) return { blocks: 1, crystals: 1, pitch: 1, blockPitch: 1 };
  const steps = places.slice(1).map((value, i) => value - (places[i] as number));
  const pitch = steps[0] as number;
  const wide = steps.findIndex((step) => Math.abs(step - pitch) > tolerance);
  const crystals = wide < 0 ? n : wide + 1;
  if (n % crystals !== 0) return undefined;
  const blockPitch = wide < 0 ? n * pitch : (places[crystals] as number) - (places[0] as number);
  return {
    blocks: n / crystals,
    crystals,
    pitch: wide < 0 ? ((places[n - 1] as number) - (places[0] as number)) / (n - 1) : pitch,
    blockPitch,
  };
}

type RingFit = Pick<PetScanner, "ring" | "depth" | "tilt">;

/** Circles and polygons that might carry these points; the caller checks each. */
function* ringsOf(points: readonly (readonly number[])[], depth: number): Generator<RingFit> {
  const sorted = points
    .map(([x = 0, y = 0]) => ({
      x,
      y,
      angle: (Math.atan2(y, x) + 2 * Math.PI) % (2 * Math.PI),
      radius: Math.hypot(x, y),
    }))
    .toSorted((a, b) => a.angle - b.angle);
  const [start] = sorted;
  if (!start) return;
  const n = sorted.length;
  const radius = sorted.reduce((sum, p) => sum + p.radius, 0) / n;
  yield { ring: { kind: "cylinder", detectors: n, radius: radius - depth }, depth, tilt: start.angle };
  for (let sides = 3; sides <= n / 2; sides++) {
    if (n % sides !== 0) continue;
    const each = n / sides;
    for (let shift = 0; shift < each; shift++) {
      const side = Array.from({ length: each }, (_, i) => sorted[(shift + i) % n] as (typeof sorted)[number]);
      const [from, to] = [side[0], side.at(-1)] as [(typeof sorted)[number], (typeof sorted)[number]];
      const length = Math.hypot(to.x - from.x, to.y - from.y);
      const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length];
      // The outward normal of a side that runs counter-clockwise.
      const [nx, ny] = [uy, -ux];
      const along = side.map(({ x, y }) => x * ux + y * uy);
      const blocks = blocksOf(along);
      const away = from.x * nx + from.y * ny;
      if (!blocks || !(away > depth) || Math.abs((along[0] as number) + (along.at(-1) as number)) > 2 * tolerance)
        continue;
      yield {
        ring: {
          kind: "polygon",
          sides,
          blocks: blocks.blocks,
          crystals: blocks.crystals,
          pitch: blocks.pitch,
          blockPitch: blocks.blockPitch,
          apothem: away - depth,
        },
        depth,
        tilt: Math.atan2(ny, nx),
      };
    }
  }
}

/** The detector of each point; undefined unless every point has one of its own. */
function matched(scanner: PetScanner, points: readonly (readonly number[])[], shift: number): Uint32Array | undefined {
  const xy = detectorPositions(scanner);
  const z = ringPositions(scanner);
  const perRing = xy.length / 2;
  if (perRing * z.length !== points.length) return undefined;
  const cell = (x: number, y: number): string => `${Math.round(x)},${Math.round(y)}`;
  const near = new Map<string, number[]>();
  for (let i = 0; i < perRing; i++) {
    const key = cell(xy[2 * i] as number, xy[2 * i + 1] as number);
    near.set(key, [...(near.get(key) ?? []), i]);
  }
  const out = new Uint32Array(points.length);
  const taken = new Set<number>();
  for (const [p, [x = 0, y = 0, height = 0]] of points.entries()) {
    const ring = z.findIndex((at) => Math.abs(at + shift - height) < tolerance);
    const around = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].flatMap((dy) => near.get(cell(x + dx, y + dy)) ?? []));
    const found = around.find((i) => Math.hypot((xy[2 * i] as number) - x, (xy[2 * i + 1] as number) - y) < tolerance);
    if (ring < 0 || found === undefined) return undefined;
    out[p] = ring * perRing + found;
    taken.add(out[p] as number);
  }
  return taken.size === points.length ? out : undefined;
}

/** Bins of even width around 0, in ps: (t1 - t2) c / 2 in mm there. */
function timeOfFlightOf(edges: Float32Array | undefined, resolution: number | undefined): PetScanner["timeOfFlight"] {
  const bins = (edges?.length ?? 0) - 1;
  if (edges === undefined || bins < 2 || resolution === undefined || !(resolution > 0)) return undefined;
  const width = ((edges[bins] as number) - (edges[0] as number)) / bins;
  const even = edges.every((edge, i) => Math.abs(edge - (i - bins / 2) * width) < 0.01 * width);
  return even
    ? { bins, width: (2 * width) / millimetresPerPicosecond, fwhm: (2 * resolution) / millimetresPerPicosecond }
    : undefined;
}
