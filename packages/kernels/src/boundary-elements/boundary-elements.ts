/**
 * Potentials of current dipoles in a head of nested surfaces: boundary elements with potentials that are linear on triangles,
 * collocated at the vertices (equations and sources: boundary-elements.ref.ts).
 *
 * Only what the electrodes see is solved for. With P the electrodes' weights on the outermost surface, A the system and b = L U what
 * the endless-medium potentials U at all vertices make of it (L holds the isolated problem), the transfer T = P A^-1 L is found by one
 * solution per electrode, and the lead field of any dipole is T U: one LU, then a product per dipole.
 *
 * Tolerance against the reference: 1e-9 of the largest potential (rounding of an LU whose condition is below 1e4 at the ratio of
 * skull to brain of a head).
 */
import { DataError, type Point } from "@quintet/core";
import { isSphere, meshTopology } from "../mesh/mesh-topology.ts";
import { nearestOnTriangle } from "../mesh/nearest-on-triangle.ts";
import { wasmKernel } from "../wasm/wasm.ts";
import {
  type BoundaryShell,
  endlessPotential,
  linearSolidAngles,
  weighedEndlessReference,
} from "./boundary-elements.ref.ts";
import { layout, packSurface, recordBytes, storeSurface } from "./boundary-memory.ts";
import { boundarySystem } from "./boundary-system.ts";
import { deepest, type HatWeights, hatRule, hatWeights, sourceReach } from "./hat-weights.ts";

export interface BoundaryHead {
  /** Inner to outer. */
  readonly shells: readonly BoundaryShell[];
  /** Where each electrode stands on the outermost surface, mm. */
  readonly electrodes: readonly Point[];
  /** How far it was moved to stand there, mm. */
  readonly moved: readonly number[];
  /** [electrode][vertex of all shells, inner to outer]: potential per potential in an endless conductor of 1 S/m. */
  readonly transfer: readonly Float64Array[];
  /** Whether the isolated problem was split off. */
  readonly isolated: boolean;
  /** Of each shell, where the equations hold in the mean under hat functions; without it at the vertices. */
  readonly weights?: readonly HatWeights[];
}

export interface BoundaryOptions {
  /**
   * Where the equations are made to hold: at the vertices (`collocation`, MNE-Python's way and the default) or in the mean under each
   * vertex's hat function (`galerkin`), which costs six times the integrals and is nearer to the truth (docs/science/eeg-sources.md).
   */
  readonly weighting?: "collocation" | "galerkin";
}

/** Ratio of the second conductivity to the innermost one at which the isolated problem is split off: Hamalainen & Sarvas 1989. */
const poorConductor = 0.1;
/** Solid angles of closed surfaces are 4 pi inside and 0 outside but for rounding; a vertex on the other surface sees 2 pi. */
const angleTolerance = 1e-3;

/**
 * @param shells inner to outer, each closed, within the next
 * @param electrodes in mm in the surfaces' space; each is moved to the nearest point of the outermost surface
 * @throws DataError `bad-shells` (none, a conductivity not above 0, a surface that is not a closed sphere or leaves the next one),
 *   `bad-electrode` (none, or not finite), `singular`
 */
export function boundaryHead(
  shells: readonly BoundaryShell[],
  electrodes: readonly Point[],
  { weighting = "collocation" }: BoundaryOptions = {},
): BoundaryHead {
  checkShells(shells);
  if (electrodes.length === 0 || !electrodes.every((p) => p.every(Number.isFinite)))
    throw new DataError("bad-electrode", "electrodes have finite positions", {
      found: `${electrodes.length} electrodes`,
    });
  const weights = weighting === "galerkin" ? shells.map(hatWeights) : undefined;
  const system = boundarySystem(shells, weights);
  checkNested(system.seen);
  const counts = shells.map(({ vertices }) => vertices.length / 3);
  const total = counts.reduce((a, b) => a + b, 0);
  const outermost = shells.at(-1) as BoundaryShell;
  const placed = electrodes.map((p) => nearestFace(outermost, p));
  const from = total - (counts.at(-1) as number);
  const wanted = placed.map(({ corners, weights }) => {
    const row = new Float64Array(total);
    for (const [k, corner] of corners.entries()) row[from + corner] += weights[k] as number;
    return row;
  });
  const [brain, skull] = [(shells[0] as BoundaryShell).conductivity, shells[1]?.conductivity ?? 0];
  const isolated = shells.length > 1 && skull <= poorConductor * brain;
  const solved = system.whole(wanted);
  // 2 / (s- + s+) of each surface's own equation, and b of the isolated problem.
  const mean = shells.map((s, j) => (s.conductivity + (shells[j + 1]?.conductivity ?? 0)) / 2);
  const ratio = isolated ? skull / brain : 1;
  const transfer = solved.map((row) => {
    let at = 0;
    const scaled = new Float64Array(total);
    for (const [j, count] of counts.entries())
      for (const end = at + count; at < end; at++) scaled[at] = (ratio * (row[at] as number)) / (mean[j] as number);
    return scaled;
  });
  if (isolated) {
    const inner = system.alone(solved.map((row) => averaged(row.slice(0, counts[0]), weights?.[0])));
    const factor = (2 * skull) / (brain * (mean[0] as number));
    for (const [e, row] of inner.entries())
      for (const [v, value] of row.entries()) (transfer[e] as Float64Array)[v] -= factor * value;
  }
  return {
    shells,
    electrodes: placed.map(({ point }) => point),
    moved: placed.map(({ distance }) => distance),
    transfer,
    isolated,
    ...(weights ? { weights } : {}),
  };
}

/** x' M, M the means of the vertices' hats under each other; x itself without weights. */
function averaged(row: Float64Array, weights: HatWeights | undefined): Float64Array {
  if (!weights) return row;
  const out = new Float64Array(row.length);
  for (const [i, overlaps] of weights.overlaps.entries())
    for (const [v, part] of overlaps) out[v] += (row[i] as number) * part;
  return out;
}

/**
 * Potentials of unit dipoles along x, y and z.
 *
 * @param places of the dipoles, mm
 * @returns [electrode][3 x place + axis], V per A m, up to a constant of each column: take the average reference
 * @throws DataError `outside-brain` (a place not inside the innermost surface)
 */
export function boundaryLeadField(head: BoundaryHead, places: readonly Point[]): Float64Array[] {
  const innermost = head.shells[0] as BoundaryShell;
  for (const [i, place] of places.entries()) {
    if (insideAngle(innermost, place) < 4 * Math.PI - angleTolerance)
      throw new DataError("outside-brain", "a dipole lies inside the innermost surface", {
        found: `place ${i} at ${place.map((v) => v.toFixed(1)).join(", ")} mm`,
      });
  }
  const metres = places.map(([x, y, z]): Point => [x * 1e-3, y * 1e-3, z * 1e-3]);
  const perWeight = { ...head, transfer: head.transfer.map((row) => overAreas(row, head.weights)) };
  return compiledLeadField(perWeight, metres) ?? plainLeadField(perWeight, metres);
}

/** Integrals under hats become means. */
function overAreas(row: Float64Array, weights: readonly HatWeights[] | undefined): Float64Array {
  if (!weights) return row;
  const areas = weights.flatMap(({ areas }) => [...areas]);
  return row.map((value, v) => value / (areas[v] as number));
}

function plainLeadField(head: BoundaryHead, places: readonly Point[]): Float64Array[] {
  const out = head.transfer.map(() => new Float64Array(3 * places.length));
  for (const [i, place] of places.entries()) {
    const potentials = head.shells.flatMap((shell) =>
      head.weights
        ? weighedEndlessReference(shell, place, { reach: sourceReach, deepest, rule: hatRule })
        : vertexPotentials(shell, place),
    );
    for (const [v, potential] of potentials.entries()) {
      for (const [e, row] of head.transfer.entries())
        for (let k = 0; k < 3; k++)
          (out[e] as Float64Array)[3 * i + k] += (row[v] as number) * (potential[k] as number);
    }
  }
  return out;
}

function vertexPotentials({ vertices }: BoundaryShell, place: Point): Point[] {
  return Array.from({ length: vertices.length / 3 }, (_, i) => {
    const [x, y, z] = [vertices[3 * i] as number, vertices[3 * i + 1] as number, vertices[3 * i + 2] as number];
    return endlessPotential([x * 1e-3, y * 1e-3, z * 1e-3], place);
  });
}

function compiledLeadField(
  { transfer, shells, weights }: BoundaryHead,
  places: readonly Point[],
): Float64Array[] | undefined {
  const make = wasmKernel("boundary-elements");
  if (!make) return undefined;
  const n = (transfer[0] as Float64Array).length;
  const stride = 8 * Math.ceil(n / 8);
  const rules = weights ? Array.from({ length: deepest + 1 }, (_, depth) => hatRule(depth)).flat(2) : [];
  const packed = shells.map(packSurface);
  const { take, end } = layout();
  // The kernel steps from record to record.
  const records = take(recordBytes * shells.length);
  const parts = packed.map((p) =>
    [p.vertices, p.edges, p.lengths, p.corners, p.planes].map((part) => take(part.byteLength)),
  );
  const [rule, matrix, scratch] = [take(8 * rules.length), take(8 * stride * transfer.length), take(24 * stride)];
  const [from, to] = [take(24 * places.length), take(24 * places.length * transfer.length)];
  const { memory, exports } = make(end());
  for (const [k, surface] of packed.entries())
    storeSurface(memory.buffer, records + recordBytes * k, surface, parts[k] as number[]);
  new Float64Array(memory.buffer, rule, rules.length).set(rules);
  for (const [e, row] of transfer.entries()) new Float64Array(memory.buffer, matrix + 8 * stride * e, n).set(row);
  new Float64Array(memory.buffer, from, 3 * places.length).set(places.flat());
  exports.leadField?.(
    records,
    shells.length,
    weights ? rule : 0,
    deepest,
    sourceReach,
    matrix,
    transfer.length,
    stride,
    from,
    places.length,
    to,
    scratch,
  );
  const found = new Float64Array(memory.buffer, to, 3 * places.length * transfer.length);
  return transfer.map((_, e) =>
    Float64Array.from(
      { length: 3 * places.length },
      (_, k) => found[3 * (Math.floor(k / 3) * transfer.length + e) + (k % 3)] as number,
    ),
  );
}

interface PlacedElectrode {
  readonly point: Point;
  readonly distance: number;
  readonly corners: readonly number[];
  readonly weights: readonly number[];
}

function nearestFace({ vertices, faces }: BoundaryShell, [x, y, z]: Point): PlacedElectrode {
  const on = new Float64Array(6);
  let best: PlacedElectrode | undefined;
  for (let f = 0; f < faces.length; f += 3) {
    const corners = [faces[f] as number, faces[f + 1] as number, faces[f + 2] as number] as const;
    nearestOnTriangle(x, y, z, vertices, 3 * corners[0], 3 * corners[1], 3 * corners[2], on);
    const point: Point = [on[0] as number, on[1] as number, on[2] as number];
    const distance = Math.sqrt((point[0] - x) ** 2 + (point[1] - y) ** 2 + (point[2] - z) ** 2);
    if (best === undefined || distance < best.distance)
      best = { point, distance, corners, weights: [on[3] as number, on[4] as number, on[5] as number] };
  }
  return best as PlacedElectrode;
}

/** Solid angle of a closed surface at a point: 4 pi inside, 0 outside. */
function insideAngle({ vertices, faces }: BoundaryShell, p: Point): number {
  const corner = (v: number): Point => [
    vertices[3 * v] as number,
    vertices[3 * v + 1] as number,
    vertices[3 * v + 2] as number,
  ];
  let sum = 0;
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [corner(faces[f] as number), corner(faces[f + 1] as number), corner(faces[f + 2] as number)];
    const three = linearSolidAngles(p, a, b, c);
    sum += three[0] + three[1] + three[2];
  }
  return sum;
}

function checkShells(shells: readonly BoundaryShell[]): void {
  const wrong = (found: string): DataError =>
    new DataError("bad-shells", "a head is closed surfaces, inner to outer, with conductivities above 0", { found });
  if (shells.length === 0) throw wrong("no surface");
  for (const [k, { vertices, faces, conductivity }] of shells.entries()) {
    if (!(conductivity > 0 && Number.isFinite(conductivity)))
      throw wrong(`${conductivity} S/m inside surface ${k + 1}`);
    if (!vertices.every(Number.isFinite)) throw wrong(`a vertex of surface ${k + 1} that is not finite`);
    if (!faces.every((v) => v < vertices.length / 3)) throw wrong(`a face of surface ${k + 1} without its vertex`);
    const topology = meshTopology({ vertices: Float32Array.from(vertices), faces });
    if (!isSphere(topology)) {
      const { open, branched, turned, parts, loose, volume } = topology;
      throw wrong(
        `surface ${k + 1}: ${parts} parts, ${open} open, ${branched} branched and ${turned} turned edges, ${loose} loose vertices, ${volume.toFixed(1)} mL`,
      );
    }
  }
}

function checkNested(seen: readonly (readonly Float64Array[])[]): void {
  for (const [j, row] of seen.entries()) {
    for (const [k, angles] of row.entries()) {
      if (j === k) continue;
      const wanted = j < k ? 4 * Math.PI : 0;
      const astray = angles.reduce((n, w) => n + (Math.abs(w - wanted) > angleTolerance ? 1 : 0), 0);
      if (astray > 0)
        throw new DataError("bad-shells", "each surface lies within the next one", {
          found: `${astray} vertices of surface ${j + 1} on the wrong side of surface ${k + 1}`,
        });
    }
  }
}
