/**
 * Boundary elements for a dipole in nested compartments, the slow form: every equation as it stands, float64.
 *
 * The potential V on surface j, with conductivities s- inside and s+ outside, linear on flat triangles and collocated at the vertices
 * (S_k: surfaces, W: the solid angle seen from r, positive from inside):
 *
 *   (s_j- + s_j+)/2 V(r) = U(r) + 1/(4 pi) sum_k (s_k- - s_k+) int_{S_k} V dW,   U(r) = q.(r - r0) / (4 pi |r - r0|^3)
 *
 * A constant solves it without a source; 1/N added to every entry (deflation) takes that constant away. Behind a skull of small
 * s the whole is split into the potential V' of the isolated innermost surface (s+ = 0) and a rest R, so that the rest is not the
 * small difference of large numbers:
 *
 *   innermost:  s-/2 V' = U + s-/(4 pi) int V' dW
 *   all:        (s_j- + s_j+)/2 R = b U - [j innermost] s_skull V' + 1/(4 pi) sum_k (s_k- - s_k+) int R dW,   b = s_skull / s_brain
 *
 * R is the potential on every surface but the innermost.
 *
 * @see Geselowitz, Biophys J 1967;7:1-11; de Munck, IEEE TBME 1992;39:986-990 (the integrals); Hamalainen & Sarvas, IEEE TBME
 *   1989;36:165-171 (isolated problem); Mosher, Leahy & Lewis, IEEE TBME 1999;46:245-259
 */
import type { Point } from "@quintet/core";

/** A closed surface and what lies between it and the next one inside it. */
export interface BoundaryShell {
  /** [vertex][x y z] in mm. */
  readonly vertices: Float32Array | Float64Array;
  /** [face][three vertices], counter-clockwise seen from outside. */
  readonly faces: Uint32Array;
  /** S/m inside it, up to the next surface inwards. */
  readonly conductivity: number;
}

/** Share of corners a and b, and of the area; the third corner has the rest. */
export type RulePoint = readonly [a: number, b: number, weight: number];

const cross = (a: Point, b: Point): Point => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const size = (a: Point): number => Math.sqrt(dot(a, a));

/**
 * Integrals over the solid angle of the triangle abc, seen from p, of the three functions that are linear on it, 1 at one corner
 * and 0 at the other two. Their sum is the solid angle, positive when p lies behind a face that turns away from it.
 *
 * With y the corners seen from p, N = (b - a) x (c - a), D = ya.(yb x yc), W = 2 atan2(D, ...), e the edges and
 * g_e = -(1/|e|) int_e dl/|y| = (1/|e|) ln((|y1||e| + y1.e) / (|y2||e| + y2.e)):
 *
 *   W_a = ((yb x yc).N W - D (c - b).sum_e g_e e) / |N|^2
 */
export function linearSolidAngles(p: Point, a: Point, b: Point, c: Point): [number, number, number] {
  const y = [minus(a, p), minus(b, p), minus(c, p)] as const;
  const normal = cross(minus(b, a), minus(c, a));
  const squared = dot(normal, normal);
  const [ra, rb, rc] = [size(y[0]), size(y[1]), size(y[2])];
  const product = dot(y[0], cross(y[1], y[2]));
  const below = ra * rb * rc + ra * dot(y[1], y[2]) + rb * dot(y[2], y[0]) + rc * dot(y[0], y[1]);
  const angle = 2 * Math.atan2(product, below);
  const edges = [minus(y[1], y[0]), minus(y[2], y[1]), minus(y[0], y[2])] as const;
  const sum = [0, 0, 0];
  for (let k = 0; k < 3; k++) {
    const [e, from, to] = [edges[k] as Point, y[k] as Point, y[(k + 1) % 3] as Point];
    const length = size(e);
    // From the end that the projection of p lies nearer to, lest the logarithm be one of a difference of nearly equal numbers.
    const turned = dot(from, e) < 0 && dot(to, e) < 0;
    const [u, v, d] = turned ? [to, from, minus([0, 0, 0], e)] : [from, to, e];
    const weight = Math.log((size(u) * length + dot(u, d)) / (size(v) * length + dot(v, d))) / length;
    for (let i = 0; i < 3; i++) sum[i] += weight * e[i];
  }
  return [0, 1, 2].map((k) => {
    const [next, last] = [y[(k + 1) % 3] as Point, y[(k + 2) % 3] as Point];
    return (
      (dot(cross(next, last), normal) * angle - product * dot(minus(last, next), sum as unknown as Point)) / squared
    );
  }) as [number, number, number];
}

const millimetre = 1e-3;

function vertex(shell: BoundaryShell, i: number): Point {
  const v = shell.vertices;
  return [v[3 * i] * millimetre, v[3 * i + 1] * millimetre, v[3 * i + 2] * millimetre];
}

/**
 * Solid angles of the hat functions of `of`, seen from the vertices of `from`. Where both are the same surface, the flat triangles
 * around a vertex subtend nothing at it; what lacks of 2 pi goes half to itself and half evenly to its neighbours.
 *
 * @returns [vertex of `from`][vertex of `of`]
 */
export function solidAnglesReference(from: BoundaryShell, of: BoundaryShell): Float64Array[] {
  const corners = Array.from({ length: of.vertices.length / 3 }, (_, i) => vertex(of, i));
  return Array.from({ length: from.vertices.length / 3 }, (_, i) => {
    const row = new Float64Array(corners.length);
    const p = vertex(from, i);
    const neighbours: number[] = [];
    for (let f = 0; f < of.faces.length; f += 3) {
      const face = [of.faces[f], of.faces[f + 1], of.faces[f + 2]];
      if (from === of && face.includes(i)) {
        neighbours.push(...face.filter((v) => v !== i));
        continue;
      }
      const three = linearSolidAngles(p, corners[face[0]], corners[face[1]], corners[face[2]]);
      for (let k = 0; k < 3; k++) row[face[k]] += three[k];
    }
    if (from === of) {
      const missing = 2 * Math.PI - row.reduce((s, v) => s + v, 0);
      row[i] = missing / 2;
      for (const v of neighbours) row[v] += missing / (2 * neighbours.length);
    }
    return row;
  });
}

/**
 * The same in the mean under the hat functions of `from` (hat-weights.ts): points of the coarse rule for triangles far from each other,
 * of the fine one for near ones.
 */
export function weighedAnglesReference(
  from: BoundaryShell,
  of: BoundaryShell,
  rules: { readonly coarse: readonly RulePoint[]; readonly fine: readonly RulePoint[]; readonly reach: number },
): Float64Array[] {
  const corners = Array.from({ length: of.vertices.length / 3 }, (_, i) => vertex(of, i));
  const rows = Array.from({ length: from.vertices.length / 3 }, () => new Float64Array(corners.length));
  const areas = new Float64Array(rows.length);
  const facesOf = ({ faces }: BoundaryShell): [number, number, number][] =>
    Array.from({ length: faces.length / 3 }, (_, f) => [faces[3 * f], faces[3 * f + 1], faces[3 * f + 2]]);
  const longest = ([a, b, c]: readonly Point[]): number =>
    Math.max(size(minus(b, a)), size(minus(c, b)), size(minus(a, c)));
  for (const [t, face] of facesOf(from).entries()) {
    const own = face.map((v) => vertex(from, v)) as [Point, Point, Point];
    const area = size(cross(minus(own[1], own[0]), minus(own[2], own[0]))) / 2;
    for (const v of face) areas[v] += area / 3;
    for (const [s, other] of facesOf(of).entries()) {
      if (from === of && s === t) continue;
      const theirs = other.map((v) => corners[v]) as [Point, Point, Point];
      const apart = size(minus(between(own, 1 / 3, 1 / 3), between(theirs, 1 / 3, 1 / 3)));
      const near = apart < rules.reach * Math.max(longest(own), longest(theirs));
      for (const [a, b, weight] of near ? rules.fine : rules.coarse) {
        const three = linearSolidAngles(between(own, a, b), ...theirs);
        for (const [i, share] of [a, b, 1 - a - b].entries())
          for (let k = 0; k < 3; k++) rows[face[i]][other[k]] += area * weight * share * three[k];
      }
    }
  }
  return rows.map((row, i) => row.map((w) => w / areas[i]));
}

/** a A + b B + (1 - a - b) C. */
function between([p, q, r]: readonly [Point, Point, Point], a: number, b: number): Point {
  const c = 1 - a - b;
  return [0, 1, 2].map((k) => a * p[k] + b * q[k] + c * r[k]) as [number, number, number];
}

/** Potential of unit dipoles along x, y, z in an endless conductor of 1 S/m, V m per A m at r. */
export function endlessPotential(r: Point, place: Point): [number, number, number] {
  const d = minus(r, place);
  const scale = 1 / (4 * Math.PI * size(d) ** 3);
  return [scale * d[0], scale * d[1], scale * d[2]];
}

/** int N_a U dS of each vertex, V m2 m per A m: on triangles halved until their parts are shorter than their distance over `reach`. */
export function weighedEndlessReference(
  shell: BoundaryShell,
  place: Point,
  {
    reach,
    deepest,
    rule,
  }: { readonly reach: number; readonly deepest: number; readonly rule: (depth: number) => readonly RulePoint[] },
): Point[] {
  const out = Array.from({ length: shell.vertices.length / 3 }, (): [number, number, number] => [0, 0, 0]);
  for (let f = 0; f < shell.faces.length; f += 3) {
    const face = [shell.faces[f], shell.faces[f + 1], shell.faces[f + 2]];
    const corners = face.map((v) => vertex(shell, v)) as [Point, Point, Point];
    const [p, q, r] = corners;
    const longest = Math.max(size(minus(q, p)), size(minus(r, q)), size(minus(p, r)));
    const away = size(minus(between(corners, 1 / 3, 1 / 3), place));
    let depth = 0;
    while (depth < deepest && (reach * longest) / 2 ** depth > away) depth++;
    const area = size(cross(minus(q, p), minus(r, p))) / 2;
    for (const [a, b, weight] of rule(depth)) {
      const potential = endlessPotential(between(corners, a, b), place);
      for (const [i, share] of [a, b, 1 - a - b].entries())
        for (let k = 0; k < 3; k++) out[face[i]][k] += area * weight * share * potential[k];
    }
  }
  return out;
}

/**
 * Potentials at every vertex of the outermost surface, for unit dipoles along x, y and z; one full solution per place.
 *
 * @param shells inner to outer
 * @param places in mm
 * @param isolated whether the isolated problem is split off
 * @returns [vertex][3 x place + axis], V per A m, up to a constant of each column
 */
export function boundaryPotentialsReference(
  shells: readonly BoundaryShell[],
  places: readonly Point[],
  isolated: boolean,
): Float64Array[] {
  const outside = (k: number): number => shells[k + 1]?.conductivity ?? 0;
  const counts = shells.map((s) => s.vertices.length / 3);
  const total = counts.reduce((a, b) => a + b, 0);
  const [brain, skull] = [shells[0].conductivity, outside(0)];
  const angles = shells.map((from) => shells.map((of) => solidAnglesReference(from, of)));
  const system: Float64Array[] = shells.flatMap((from, j) =>
    Array.from({ length: counts[j] }, (_, i) => {
      const mean = (from.conductivity + outside(j)) / 2;
      const row = shells.flatMap((of, k) =>
        Array.from(angles[j][k][i], (w, v) => {
          const own = j === k && i === v ? 1 : 0;
          return own - ((of.conductivity - outside(k)) * w) / (4 * Math.PI * mean) + 1 / total;
        }),
      );
      return Float64Array.from(row);
    }),
  );
  const alone = angles[0][0].map((row, i) => row.map((w, v) => (i === v ? 1 : 0) - w / (2 * Math.PI) + 1 / counts[0]));
  const unlimited = shells.map((shell, j) =>
    Array.from({ length: counts[j] }, (_, i) =>
      Float64Array.from(
        places.flatMap((p) =>
          endlessPotential(vertex(shell, i), [p[0] * millimetre, p[1] * millimetre, p[2] * millimetre]),
        ),
      ),
    ),
  );
  const inner = isolated
    ? solve(
        alone,
        unlimited[0].map((row) => row.map((u) => (2 / brain) * u)),
      )
    : [];
  const right = shells.flatMap((shell, j) =>
    unlimited[j].map((row, i) => {
      const mean = (shell.conductivity + outside(j)) / 2;
      const ratio = isolated ? skull / brain : 1;
      return row.map((u, column) => (ratio * u - (isolated && j === 0 ? skull * inner[i][column] : 0)) / mean);
    }),
  );
  return solve(system, right).slice(total - counts[counts.length - 1]);
}

/** X of A X = B by elimination with partial pivoting. */
export function solve(a: readonly Float64Array[], b: readonly Float64Array[]): Float64Array[] {
  const rows = a.map((row, i) => Float64Array.of(...row, ...b[i]));
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
    [rows[k], rows[best]] = [rows[best], rows[k]];
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j < rows[i].length; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = n; j < rows[k].length; j++) {
      for (let i = k + 1; i < n; i++) rows[k][j] -= rows[k][i] * rows[i][j];
      rows[k][j] /= rows[k][k];
    }
  }
  return rows.map((row) => row.slice(n));
}
