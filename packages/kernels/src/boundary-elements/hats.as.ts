// part of boundary-elements: what one triangle of a surface subtends at a point.

/** A surface: int32 counts of vertices, edges and triangles, then addresses (see boundary-system.ts for what lies there). */
@inline export function distance(points: usize, vertex: i32, x: f64, y: f64, z: f64): f64 {
  const at = points + <usize>vertex * 24;
  const a = load<f64>(at) - x, b = load<f64>(at, 8) - y, c = load<f64>(at, 16) - z;
  return Math.sqrt(a * a + b * b + c * c);
}

/** 1/l ln((|p| + |q| + l) / (|p| + |q| - l)) of an edge of length l, from the sum of its ends' distances. */
@inline export function edgeLog(sum: f64, length: f64): f64 {
  return Math.log((sum + length) / (sum - length)) / length;
}

/** Adds the solid angles of a triangle's three hat functions, seen from x, y, z, to a row; gives their sum. */
@inline export function addHats(places: usize, corner: usize, plane: usize, x: f64, y: f64, z: f64, ra: f64, rb: f64, rc: f64,
  ab: f64, bc: f64, ca: f64, row: usize): f64 {
  const a = load<i32>(corner), b = load<i32>(corner, 4), c = load<i32>(corner, 8);
  const pa = places + <usize>a * 24, pb = places + <usize>b * 24, pc = places + <usize>c * 24;
  const ax = load<f64>(pa) - x, ay = load<f64>(pa, 8) - y, az = load<f64>(pa, 16) - z;
  const bx = load<f64>(pb) - x, by = load<f64>(pb, 8) - y, bz = load<f64>(pb, 16) - z;
  const cx = load<f64>(pc) - x, cy = load<f64>(pc, 8) - y, cz = load<f64>(pc, 16) - z;
  const height = load<f64>(plane) * ax + load<f64>(plane, 8) * ay + load<f64>(plane, 16) * az;
  const twice = load<f64>(plane, 24);
  const angle = 2 * Math.atan2(height * twice, ra * rb * rc + ra * (bx * cx + by * cy + bz * cz)
    + rb * (cx * ax + cy * ay + cz * az) + rc * (ax * bx + ay * by + az * bz));
  const first = load<f64>(plane, 32) + load<f64>(plane, 40) * x + load<f64>(plane, 48) * y + load<f64>(plane, 56) * z;
  const second = load<f64>(plane, 64) + load<f64>(plane, 72) * x + load<f64>(plane, 80) * y + load<f64>(plane, 88) * z;
  const wx = (bx - ax) * ab + (cx - bx) * bc + (ax - cx) * ca;
  const wy = (by - ay) * ab + (cy - by) * bc + (ay - cy) * ca;
  const wz = (bz - az) * ab + (cz - bz) * bc + (az - cz) * ca;
  const slope = height / twice;
  const one = first * angle + slope * ((cx - bx) * wx + (cy - by) * wy + (cz - bz) * wz);
  const two = second * angle + slope * ((ax - cx) * wx + (ay - cy) * wy + (az - cz) * wz);
  const toA = row + (<usize>a << 3), toB = row + (<usize>b << 3), toC = row + (<usize>c << 3);
  store<f64>(toA, load<f64>(toA) + one);
  store<f64>(toB, load<f64>(toB) + two);
  store<f64>(toC, load<f64>(toC) + angle - one - two);
  return angle;
}

/** Distances of all vertices from x, y, z into `far`, and the logarithms of all edges into `lines`. */
export function lookRound(surface: usize, x: f64, y: f64, z: f64, far: usize, lines: usize): void {
  const vertices = load<i32>(surface), edges = load<i32>(surface, 4);
  const places = <usize>load<u32>(surface, 12), ends = <usize>load<u32>(surface, 16), lengths = <usize>load<u32>(surface, 20);
  for (let v = 0; v < vertices; v++) store<f64>(far + (<usize>v << 3), distance(places, v, x, y, z));
  for (let e = 0; e < edges; e++) {
    const end = ends + (<usize>e << 3);
    const sum = load<f64>(far + (<usize>load<i32>(end) << 3)) + load<f64>(far + (<usize>load<i32>(end, 4) << 3));
    store<f64>(lines + (<usize>e << 3), edgeLog(sum, load<f64>(lengths + (<usize>e << 3))));
  }
}

/** The hat functions of one triangle of a surface that was looked round. */
@inline export function addKnown(surface: usize, t: i32, x: f64, y: f64, z: f64, far: usize, lines: usize, row: usize): f64 {
  const corner = <usize>load<u32>(surface, 24) + <usize>t * 24;
  return addHats(<usize>load<u32>(surface, 12), corner, <usize>load<u32>(surface, 28) + <usize>t * 96, x, y, z,
    load<f64>(far + (<usize>load<i32>(corner) << 3)), load<f64>(far + (<usize>load<i32>(corner, 4) << 3)),
    load<f64>(far + (<usize>load<i32>(corner, 8) << 3)), load<f64>(lines + (<usize>load<i32>(corner, 12) << 3)),
    load<f64>(lines + (<usize>load<i32>(corner, 16) << 3)), load<f64>(lines + (<usize>load<i32>(corner, 20) << 3)), row);
}

/** The hat functions of one triangle alone. */
export function addAlone(surface: usize, t: i32, x: f64, y: f64, z: f64, row: usize): void {
  const places = <usize>load<u32>(surface, 12), lengths = <usize>load<u32>(surface, 20);
  const corner = <usize>load<u32>(surface, 24) + <usize>t * 24;
  const ra = distance(places, load<i32>(corner), x, y, z), rb = distance(places, load<i32>(corner, 4), x, y, z);
  const rc = distance(places, load<i32>(corner, 8), x, y, z);
  addHats(places, corner, <usize>load<u32>(surface, 28) + <usize>t * 96, x, y, z, ra, rb, rc,
    edgeLog(ra + rb, load<f64>(lengths + (<usize>load<i32>(corner, 12) << 3))),
    edgeLog(rb + rc, load<f64>(lengths + (<usize>load<i32>(corner, 16) << 3))),
    edgeLog(rc + ra, load<f64>(lengths + (<usize>load<i32>(corner, 20) << 3))), row);
}

/** Centre of a triangle along one axis (byte offset 0, 8 or 16). */
@inline export function middle(places: usize, corner: usize, axis: usize): f64 {
  return (load<f64>(places + <usize>load<i32>(corner) * 24 + axis) + load<f64>(places + <usize>load<i32>(corner, 4) * 24 + axis)
    + load<f64>(places + <usize>load<i32>(corner, 8) * 24 + axis)) / 3;
}

/** Longest edge of a triangle. */
@inline export function longest(lengths: usize, corner: usize): f64 {
  return max(load<f64>(lengths + (<usize>load<i32>(corner, 12) << 3)), max(load<f64>(lengths + (<usize>load<i32>(corner, 16) << 3)),
    load<f64>(lengths + (<usize>load<i32>(corner, 20) << 3))));
}
