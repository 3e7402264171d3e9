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
import { type BoundaryShell, endlessPotential, linearSolidAngles } from "./boundary-elements.ref.ts";
import { layout } from "./boundary-memory.ts";
import { boundarySystem } from "./boundary-system.ts";

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
export function boundaryHead(shells: readonly BoundaryShell[], electrodes: readonly Point[]): BoundaryHead {
  checkShells(shells);
  if (electrodes.length === 0 || !electrodes.every((p) => p.every(Number.isFinite)))
    throw new DataError("bad-electrode", "electrodes have finite positions", {
      found: `${electrodes.length} electrodes`,
    });
  const system = boundarySystem(shells);
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
    const inner = system.alone(solved.map((row) => row.slice(0, counts[0])));
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
  };
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
  const vertices = head.shells.flatMap((s) => [Float64Array.from(s.vertices, (v) => v * 1e-3)]);
  const metres = places.map(([x, y, z]): Point => [x * 1e-3, y * 1e-3, z * 1e-3]);
  return compiledLeadField(head, vertices, metres) ?? plainLeadField(head, vertices, metres);
}

function plainLeadField(
  { transfer }: BoundaryHead,
  shells: readonly Float64Array[],
  places: readonly Point[],
): Float64Array[] {
  const points = shells.flatMap((v) =>
    Array.from(
      { length: v.length / 3 },
      (_, i): Point => [v[3 * i] as number, v[3 * i + 1] as number, v[3 * i + 2] as number],
    ),
  );
  const out = transfer.map(() => new Float64Array(3 * places.length));
  for (const [i, place] of places.entries()) {
    for (const [v, point] of points.entries()) {
      const potential = endlessPotential(point, place);
      for (const [e, row] of transfer.entries())
        for (let k = 0; k < 3; k++)
          (out[e] as Float64Array)[3 * i + k] += (row[v] as number) * (potential[k] as number);
    }
  }
  return out;
}

function compiledLeadField(
  { transfer }: BoundaryHead,
  shells: readonly Float64Array[],
  places: readonly Point[],
): Float64Array[] | undefined {
  const make = wasmKernel("boundary-elements");
  if (!make) return undefined;
  const n = (transfer[0] as Float64Array).length;
  const stride = 8 * Math.ceil(n / 8);
  const { take, end } = layout();
  const [points, matrix, scratch] = [take(24 * n), take(8 * stride * transfer.length), take(24 * stride)];
  const [from, to] = [take(24 * places.length), take(24 * places.length * transfer.length)];
  const { memory, exports } = make(end());
  let at = points;
  for (const shell of shells) {
    new Float64Array(memory.buffer, at, shell.length).set(shell);
    at += shell.byteLength;
  }
  for (const [e, row] of transfer.entries()) new Float64Array(memory.buffer, matrix + 8 * stride * e, n).set(row);
  new Float64Array(memory.buffer, from, 3 * places.length).set(places.flat());
  exports.leadField?.(points, n, matrix, transfer.length, stride, from, places.length, to, scratch);
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
