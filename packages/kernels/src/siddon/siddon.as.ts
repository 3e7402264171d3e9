// build: threads
// Lengths of lines in voxels, forward and back, from face to face. siddon.ts says what lies where.

let nx: i32, ny: i32, nz: i32, rays: usize, planes: usize, planeCount: i32, list: usize, wide: i32, lineCount: i32;
let perChunk: i32, image: usize, data: usize;
let xa: f64, ya: f64, za: f64, dx: f64, dy: f64, dz: f64;
let low: f64, high: f64;

function setUp(plan: usize): void {
  nx = load<i32>(plan, 64); ny = load<i32>(plan, 68); nz = load<i32>(plan, 72);
  rays = <usize>load<u32>(plan, 76); planes = <usize>load<u32>(plan, 80); planeCount = load<i32>(plan, 84);
  list = <usize>load<u32>(plan, 88); wide = load<i32>(plan, 92); lineCount = load<i32>(plan, 96); perChunk = load<i32>(plan, 100);
  image = <usize>load<u32>(plan, 104); data = <usize>load<u32>(plan, 116);
}

@inline function coordinate(line: i32, k: i32): f64 {
  const i = <usize>(6 * line + k);
  return wide ? load<f64>(list + (i << 3)) : <f64>load<f32>(list + (i << 2));
}

@inline function narrow(a: f64, d: f64, from: f64, to: f64): void {
  if (d == 0) { if (a < from || a >= to) high = -1; return; }
  const p = (from - a) / d, q = (to - a) / d;
  low = max(low, min(p, q)); high = min(high, max(p, q));
}

/** Walks one line; forward returns its sum, back adds `value` times each length. */
@inline function walk(line: i32, plan: usize, img: usize, back: bool, value: f64): f64 {
  if (rays) {
    const r = rays + (<usize>(line / planeCount) << 5), p = planes + (<usize>(line % planeCount) << 4);
    xa = load<f64>(r); ya = load<f64>(r, 8); za = load<f64>(p);
    dx = load<f64>(r, 16) - xa; dy = load<f64>(r, 24) - ya; dz = load<f64>(p, 8) - za;
  } else {
    xa = coordinate(line, 0); ya = coordinate(line, 1); za = coordinate(line, 2);
    dx = coordinate(line, 3) - xa; dy = coordinate(line, 4) - ya; dz = coordinate(line, 5) - za;
  }
  const vx = load<f64>(plan), vy = load<f64>(plan, 8), vz = load<f64>(plan, 16);
  // In voxels from the outer corner of the image.
  const ax = (xa - load<f64>(plan, 24)) / vx + 0.5, ay = (ya - load<f64>(plan, 32)) / vy + 0.5, az = (za - load<f64>(plan, 40)) / vz + 0.5;
  const ex = dx / vx, ey = dy / vy, ez = dz / vz;
  low = 0; high = 1;
  narrow(ax, ex, 0, <f64>nx); narrow(ay, ey, 0, <f64>ny); narrow(az, ez, 0, <f64>nz);
  if (!(low < high)) return 0;
  const whole = Math.sqrt(dx * dx + dy * dy + dz * dz);
  let i = min(nx - 1, max(0, <i32>Math.floor(ax + low * ex + (ex < 0 ? -1e-9 : 1e-9))));
  let j = min(ny - 1, max(0, <i32>Math.floor(ay + low * ey + (ey < 0 ? -1e-9 : 1e-9))));
  let k = min(nz - 1, max(0, <i32>Math.floor(az + low * ez + (ez < 0 ? -1e-9 : 1e-9))));
  const si: i32 = ex < 0 ? -1 : 1, sj: i32 = ey < 0 ? -1 : 1, sk: i32 = ez < 0 ? -1 : 1;
  const tx1 = ex == 0 ? Infinity : abs(1 / ex), ty1 = ey == 0 ? Infinity : abs(1 / ey), tz1 = ez == 0 ? Infinity : abs(1 / ez);
  let tx = ex == 0 ? Infinity : (<f64>(i + (ex > 0 ? 1 : 0)) - ax) / ex;
  let ty = ey == 0 ? Infinity : (<f64>(j + (ey > 0 ? 1 : 0)) - ay) / ey;
  let tz = ez == 0 ? Infinity : (<f64>(k + (ez > 0 ? 1 : 0)) - az) / ez;
  let at = low, sum: f64 = 0, voxel = i + nx * (j + ny * k);
  const wy = nx, wz = nx * ny, end = high;
  while (true) {
    const next = min(min(tx, ty), min(tz, end));
    const length = (next - at) * whole, p = img + (<usize>voxel << 2);
    if (length > 0) {
      if (back) store<f32>(p, load<f32>(p) + <f32>(value * length));
      else sum += length * <f64>load<f32>(p);
    }
    if (next >= end) break;
    at = next;
    if (tx <= next) { i += si; if (i < 0 || i >= nx) break; voxel += si; tx += tx1; }
    if (ty <= next) { j += sj; if (j < 0 || j >= ny) break; voxel += sj * wy; ty += ty1; }
    if (tz <= next) { k += sk; if (k < 0 || k >= nz) break; voxel += sk * wz; tz += tz1; }
  }
  return sum;
}

export function forward(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan);
  for (let line = chunk * perChunk, end = min(lineCount, line + perChunk); line < end; line++) {
    store<f32>(data + (<usize>line << 2), <f32>walk(line, plan, image, false, 0));
  }
}

/** Adds the chunk's lines to the thread's own image. */
export function back(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan);
  const own = <usize>load<u32>(plan, 108) + <usize>thread * <usize>load<u32>(plan, 112);
  for (let line = chunk * perChunk, end = min(lineCount, line + perChunk); line < end; line++) {
    const value = <f64>load<f32>(data + (<usize>line << 2));
    if (value != 0) walk(line, plan, own, true, value);
  }
}

/** One of the `parts` parts of each thread's image to 0. */
export function clear(chunk: i32, thread: i32, plan: usize, parts: i32): void {
  const bytes = <usize>load<u32>(plan, 112), size = (bytes / <usize>parts + 15) & ~15, at = <usize>(chunk % parts) * size;
  const own = <usize>load<u32>(plan, 108) + <usize>(chunk / parts) * bytes;
  if (at < bytes) memory.fill(own + at, 0, min(size, bytes - at));
}

/** One of the `parts` parts of the sum of the threads' images. */
export function sum(part: i32, thread: i32, plan: usize, parts: i32, threads: i32): void {
  setUp(plan);
  const bytes = <usize>load<u32>(plan, 112), size = (bytes / <usize>parts + 15) & ~15, from = <usize>part * size;
  const own = <usize>load<u32>(plan, 108), out = <usize>load<u32>(plan, 120), last = min(from + size, <usize>(nx * ny * nz) << 2);
  for (let o = from; o < last; o += 4) {
    let s = load<f32>(own + o);
    for (let k = 1; k < threads; k++) s += load<f32>(own + <usize>k * bytes + o);
    store<f32>(out + o, s);
  }
}
