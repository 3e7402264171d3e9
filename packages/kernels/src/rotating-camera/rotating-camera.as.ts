// build: threads relaxed
// A rotating camera, sixteen slices at a time. rotating-camera.ts says what lies where in the plan.
//
// Images lie in slabs of 16 slices: [slab][y + 1][x + 1][16], so that a column of the slab is one cache line and the four
// neighbours of a sample are read with weights that all its slices share; a rim of one empty cell spares the checks. Levels of blur
// are planes [level][column][row] with margins.

@inline function madd(a: v128, b: v128, c: v128): v128 {
  return RELAXED ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}
@inline function at16(k: i32): usize { return <usize>(k << 4); }

@inline function int(plan: usize, i: i32): i32 { return load<i32>(plan + 64 + (<usize>i << 2)); }
@inline function address(plan: usize, i: i32): usize { return <usize>load<u32>(plan + 64 + (<usize>i << 2)); }

let nx: i32, ny: i32, nz: i32, columns: i32, layerCount: i32, slabs: i32, levels: i32, marginX: i32, marginZ: i32, high: i32, wide: i32;
let cells: usize, imageFlags: usize, attenuation: usize, attenuationFlags: usize, viewTable: usize, layerTable: usize, paths: usize;
let chosen: usize, planes: usize, planesBytes: usize, scratch: usize, stepTable: usize, imageFrom: usize, imageTo: usize, data: usize;
let batch: i32, first: i32, slabBytes: usize, flagBytes: usize;

function setUp(plan: usize, thread: i32): void {
  nx = int(plan, 0); ny = int(plan, 1); nz = int(plan, 2); columns = int(plan, 3); layerCount = int(plan, 4);
  slabs = int(plan, 5); levels = int(plan, 6); marginX = int(plan, 7); marginZ = int(plan, 8); high = int(plan, 9); wide = int(plan, 10);
  cells = address(plan, 11); imageFlags = address(plan, 12); attenuation = address(plan, 13); attenuationFlags = address(plan, 14);
  viewTable = address(plan, 15); layerTable = address(plan, 16); paths = address(plan, 17); chosen = address(plan, 18);
  planes = address(plan, 19); planesBytes = address(plan, 20); stepTable = address(plan, 23);
  scratch = address(plan, 21) + <usize>thread * address(plan, 22);
  imageFrom = address(plan, 24); imageTo = address(plan, 25); data = address(plan, 26); batch = int(plan, 27); first = int(plan, 28);
  flagBytes = <usize>((nx + 2) * (ny + 2)); slabBytes = flagBytes << 6;
}

/** Brings slab `chunk` of the image [z][y][x] into place, with a flag for each cell that holds anything. */
export function bring(chunk: i32, thread: i32, plan: usize, attenuating: i32): void {
  setUp(plan, thread);
  const to = (attenuating ? attenuation : cells) + <usize>chunk * slabBytes;
  const flags = (attenuating ? attenuationFlags : imageFlags) + <usize>chunk * flagBytes;
  memory.fill(to, 0, slabBytes);
  const z0 = chunk << 4, count = min(16, nz - z0), plane = <usize>(nx * ny) << 2;
  for (let y = 0; y < ny; y++) {
    const line = to + (<usize>((y + 1) * (nx + 2) + 1) << 6);
    let from = imageFrom + (<usize>((z0 * ny + y) * nx) << 2), z = 0;
    for (; z + 4 <= count; z += 4, from += 4 * plane) {
      let x = 0;
      for (; x + 4 <= nx; x += 4) {
        const o = <usize>x << 2;
        const a = v128.load(from + o), b = v128.load(from + plane + o), c = v128.load(from + 2 * plane + o), d = v128.load(from + 3 * plane + o);
        const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
        const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
        const p = line + (<usize>x << 6) + (<usize>z << 2);
        v128.store(p, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5)); v128.store(p, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 64);
        v128.store(p, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 128); v128.store(p, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 192);
      }
      for (; x < nx; x++) {
        for (let k = 0; k < 4; k++) {
          store<f32>(line + (<usize>x << 6) + (<usize>(z + k) << 2), load<f32>(from + <usize>k * plane + (<usize>x << 2)));
        }
      }
    }
    for (; z < count; z++, from += plane) {
      for (let x = 0; x < nx; x++) store<f32>(line + (<usize>x << 6) + (<usize>z << 2), load<f32>(from + (<usize>x << 2)));
    }
  }
  for (let c: usize = 0; c < flagBytes; c++) {
    const p = to + (c << 6);
    const any = v128.or(v128.or(v128.load(p), v128.load(p, 16)), v128.or(v128.load(p, 32), v128.load(p, 48)));
    store<u8>(flags + c, v128.any_true(any) ? 1 : 0);
  }
}

/** Empties slab `chunk`. */
export function clear(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  memory.fill(cells + <usize>chunk * slabBytes, 0, slabBytes);
}

/** Takes slab `chunk` out into the image [z][y][x]. */
export function take(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const slab = cells + <usize>chunk * slabBytes;
  const z0 = chunk << 4, count = min(16, nz - z0), plane = <usize>(nx * ny) << 2;
  for (let y = 0; y < ny; y++) {
    const line = slab + (<usize>((y + 1) * (nx + 2) + 1) << 6);
    let to = imageTo + (<usize>((z0 * ny + y) * nx) << 2), z = 0;
    for (; z + 4 <= count; z += 4, to += 4 * plane) {
      let x = 0;
      for (; x + 4 <= nx; x += 4) {
        const p = line + (<usize>x << 6) + (<usize>z << 2);
        const a = v128.load(p), b = v128.load(p, 64), c = v128.load(p, 128), d = v128.load(p, 192);
        const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
        const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
        const o = to + (<usize>x << 2);
        v128.store(o, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5)); v128.store(o + plane, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
        v128.store(o + 2 * plane, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5)); v128.store(o + 3 * plane, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
      }
      for (; x < nx; x++) {
        for (let k = 0; k < 4; k++) {
          store<f32>(to + <usize>k * plane + (<usize>x << 2), load<f32>(line + (<usize>x << 6) + (<usize>(z + k) << 2)));
        }
      }
    }
    for (; z < count; z++, to += plane) {
      for (let x = 0; x < nx; x++) store<f32>(to + (<usize>x << 2), load<f32>(line + (<usize>x << 6) + (<usize>z << 2)));
    }
  }
}

/** exp of each lane, to 2e-7 of it: 2^n 2^f with |f| <= 1/2. */
@inline function exp4(x: v128): v128 {
  const y = f32x4.pmax(f32x4.mul(x, f32x4.splat(1.44269504)), f32x4.splat(-126));
  const n = f32x4.nearest(y), f = f32x4.sub(y, n);
  let p = madd(f, f32x4.splat(1.5403530e-4), f32x4.splat(1.3333558e-3));
  p = madd(p, f, f32x4.splat(9.6181291e-3));
  p = madd(p, f, f32x4.splat(5.5504109e-2));
  p = madd(p, f, f32x4.splat(2.4022651e-1));
  p = madd(p, f, f32x4.splat(6.9314718e-1));
  p = madd(p, f, f32x4.splat(1));
  // 2^n by its exponent's bits: n + 127 in the low bits of 1.5 2^23 + n + 127.
  const bits = i32x4.shl(f32x4.add(n, f32x4.splat(12583039)), 23);
  return f32x4.mul(p, bits);
}

let corner: usize, w00: f32, w01: f32, w10: f32, w11: f32;
/** Cell (byte offset in a slab's flags) and weights of the sample at `u` across and `s` towards the camera. */
@inline function place(u: f64, s: f64, cos: f64, sin: f64, plan: usize): void {
  const x = (u * sin + s * cos) * load<f64>(plan, 8) + load<f64>(plan, 24) + 1;
  const y = (s * sin - u * cos) * load<f64>(plan, 8) + load<f64>(plan, 32) + 1;
  const i = <i32>x, j = <i32>y;
  const fx = <f32>(x - <f64>i), fy = <f32>(y - <f64>j);
  corner = <usize>(j * (nx + 2) + i);
  w11 = fx * fy; w01 = fx - w11; w10 = fy - w11; w00 = 1 - fx - w10;
}

@inline function flagged(flags: usize): bool {
  const below = flags + corner;
  return (load<u16>(below) | load<u16>(below + <usize>(nx + 2))) != 0;
}

/** Attenuation of the sample's sixteen slices: what is left in its middle goes into `left`, and what passes it stays in `through`. */
@inline function pass(map: usize, through: usize, path: f32, left: usize): void {
  const a = map + (corner << 6), b = a + (<usize>(nx + 2) << 6);
  const s00 = f32x4.splat(w00 * path), s01 = f32x4.splat(w01 * path), s10 = f32x4.splat(w10 * path), s11 = f32x4.splat(w11 * path);
  for (let k = 0; k < 4; k++) {
    const o = at16(k);
    const x = madd(s11, v128.load(b + o, 64), madd(s10, v128.load(b + o), madd(s01, v128.load(a + o, 64), f32x4.mul(s00, v128.load(a + o)))));
    const half = exp4(x), l = f32x4.mul(v128.load(through + o), half);
    v128.store(left + o, l); v128.store(through + o, f32x4.mul(l, half));
  }
}

/** From slab chunk % slabs of the image into the planes of view chunk / slabs of the batch. */
export function gather(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const inBatch = chunk / slabs, slab = chunk % slabs;
  const view = load<i32>(chosen + (<usize>(first + inBatch) << 2));
  const own = planes + <usize>inBatch * planesBytes + (<usize>(marginZ + (slab << 4)) << 2);
  const planeBytes = <usize>(wide * high) << 2, columnBytes = <usize>high << 2;
  for (let l = 0; l < levels * wide; l++) {
    const p = own + <usize>l * columnBytes;
    for (let k = 0; k < 4; k++) v128.store(p + at16(k), f32x4.splat(0));
  }
  if (slab == 0) clearMargins(planes + <usize>inBatch * planesBytes);
  const map = attenuation ? attenuation + <usize>slab * slabBytes : 0, mapFlags = attenuationFlags + <usize>slab * flagBytes;
  const image = cells + <usize>slab * slabBytes, flags = imageFlags + <usize>slab * flagBytes;
  for (let k = 0; k < 4 * columns; k++) v128.store(scratch + at16(k), f32x4.splat(1));
  const left = scratch + (<usize>columns << 6);
  const v = viewTable + (<usize>view << 5), cos = load<f64>(v), sin = load<f64>(v, 8), offset = load<f64>(v, 16);
  const pixel = load<f64>(plan), square = load<f64>(plan, 16), middle = load<f64>(plan, 40);
  for (let l = 0; l < layerCount; l++) {
    const layer = layerTable + (<usize>(view * layerCount + l) << 5), level = load<i32>(layer, 16);
    if (level < 0) continue;
    const s = load<f64>(layer), scale = load<f64>(layer, 8), two = load<f32>(layer, 24) != 0;
    const nearer = v128.load_splat<f32>(layer + 20), farther = v128.load_splat<f32>(layer + 24);
    const plane = own + <usize>level * planeBytes + <usize>marginX * columnBytes;
    for (let i = 0; i < columns; i++) {
      const u = (<f64>i - middle) * pixel * scale + offset;
      if (u * u + s * s > square) continue;
      place(u, s, cos, sin, plan);
      const through = scratch + (<usize>i << 6);
      let inside = through;
      if (map && flagged(mapFlags)) { pass(map, through, load<f32>(paths + (<usize>i << 2)), left); inside = left; }
      if (!flagged(flags)) continue;
      const a = image + (corner << 6), b = a + (<usize>(nx + 2) << 6), p = plane + <usize>i * columnBytes, q = p + planeBytes;
      const s00 = f32x4.splat(w00), s01 = f32x4.splat(w01), s10 = f32x4.splat(w10), s11 = f32x4.splat(w11);
      for (let k = 0; k < 4; k++) {
        const o = at16(k);
        const x = madd(s11, v128.load(b + o, 64), madd(s10, v128.load(b + o), madd(s01, v128.load(a + o, 64), f32x4.mul(s00, v128.load(a + o)))));
        const seen = f32x4.mul(x, v128.load(inside + o));
        v128.store(p + o, madd(seen, nearer, v128.load(p + o)));
        if (two) v128.store(q + o, madd(seen, farther, v128.load(q + o)));
      }
    }
  }
}

/** Rows before the first and after the last slab of every column of every level. */
function clearMargins(own: usize): void {
  const end = <usize>(marginZ + (slabs << 4)) << 2, bytes = <usize>marginZ << 2;
  for (let l = 0; l < levels * wide; l++) {
    const p = own + (<usize>(l * high) << 2);
    memory.fill(p, 0, bytes); memory.fill(p + end, 0, bytes);
  }
}

/** Column `i` of a plane, blurred across and along, into `out` or added to it; `line` is room with 64 zeros before and after. */
@inline function blurColumn(plane: usize, i: i32, step: usize, line: usize, out: usize, add: bool): void {
  const across = load<i32>(step), along = load<i32>(step, 4), acrossTaps = <usize>load<u32>(step, 8), alongTaps = <usize>load<u32>(step, 12);
  const columnBytes = <usize>high << 2, from = plane + <usize>i * columnBytes;
  for (let j = 0; j < high; j += 16) {
    const p = from + (<usize>j << 2), w0 = v128.load_splat<f32>(acrossTaps);
    let a = f32x4.mul(w0, v128.load(p)), b = f32x4.mul(w0, v128.load(p, 16)), c = f32x4.mul(w0, v128.load(p, 32)), d = f32x4.mul(w0, v128.load(p, 48));
    for (let k = 1; k < across; k++) {
      const w = v128.load_splat<f32>(acrossTaps + (<usize>k << 2)), o = <usize>k * columnBytes;
      if (i - k >= 0) {
        const q = p - o;
        a = madd(w, v128.load(q), a); b = madd(w, v128.load(q, 16), b); c = madd(w, v128.load(q, 32), c); d = madd(w, v128.load(q, 48), d);
      }
      if (i + k < wide) {
        const q = p + o;
        a = madd(w, v128.load(q), a); b = madd(w, v128.load(q, 16), b); c = madd(w, v128.load(q, 32), c); d = madd(w, v128.load(q, 48), d);
      }
    }
    const l = line + (<usize>j << 2);
    v128.store(l, a); v128.store(l, b, 16); v128.store(l, c, 32); v128.store(l, d, 48);
  }
  for (let j = 0; j < high; j += 16) {
    const p = line + (<usize>j << 2), w0 = v128.load_splat<f32>(alongTaps);
    let a = f32x4.mul(w0, v128.load(p)), b = f32x4.mul(w0, v128.load(p, 16)), c = f32x4.mul(w0, v128.load(p, 32)), d = f32x4.mul(w0, v128.load(p, 48));
    for (let k = 1; k < along; k++) {
      const w = v128.load_splat<f32>(alongTaps + (<usize>k << 2)), o = <usize>k << 2, q = p - o, r = p + o;
      a = madd(w, f32x4.add(v128.load(q), v128.load(r)), a); b = madd(w, f32x4.add(v128.load(q, 16), v128.load(r, 16)), b);
      c = madd(w, f32x4.add(v128.load(q, 32), v128.load(r, 32)), c); d = madd(w, f32x4.add(v128.load(q, 48), v128.load(r, 48)), d);
    }
    const o = out + (<usize>j << 2);
    if (add) {
      a = f32x4.add(a, v128.load(o)); b = f32x4.add(b, v128.load(o, 16)); c = f32x4.add(c, v128.load(o, 32)); d = f32x4.add(d, v128.load(o, 48));
    }
    v128.store(o, a); v128.store(o, b, 16); v128.store(o, c, 32); v128.store(o, d, 48);
  }
}

/** A thread's line between zeros, and after it room for another and for a plane. */
@inline function lineRoom(): usize {
  const room = scratch + (<usize>(columns + 1) << 6), bytes = <usize>high << 2;
  memory.fill(room, 0, 256); memory.fill(room + 256 + bytes, 0, 256);
  return room + 256;
}

/** The planes of view `chunk` of the batch, from the farthest level to the nearest, into its data [row][column]. */
export function blur(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const own = planes + <usize>chunk * planesBytes, planeBytes = <usize>(wide * high) << 2, line = lineRoom(), whole = line + (<usize>high << 2) + 256;
  memory.fill(whole, 0, planeBytes);
  for (let k = levels - 1; k >= 0; k--) {
    const from = own + <usize>k * planeBytes, step = stepTable + <usize>(k << 5), target = load<i32>(step, 16);
    const to = target < 0 ? whole : own + <usize>target * planeBytes;
    for (let i = 0; i < wide; i++) blurColumn(from, i, step, line, to + (<usize>(i * high) << 2), true);
  }
  const view = data + (<usize>((first + chunk) * columns * nz) << 2);
  for (let i = 0; i < columns; i++) {
    const p = whole + (<usize>((i + marginX) * high + marginZ) << 2);
    for (let j = 0; j < nz; j++) store<f32>(view + (<usize>(j * columns + i) << 2), load<f32>(p + (<usize>j << 2)));
  }
}

/** The adjoint of `blur`: data of view `chunk` of the batch into its planes. */
export function unblur(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const own = planes + <usize>chunk * planesBytes, planeBytes = <usize>(wide * high) << 2, line = lineRoom(), whole = line + (<usize>high << 2) + 256;
  memory.fill(whole, 0, planeBytes);
  const view = data + (<usize>((first + chunk) * columns * nz) << 2);
  for (let i = 0; i < columns; i++) {
    const p = whole + (<usize>((i + marginX) * high + marginZ) << 2);
    for (let j = 0; j < nz; j++) store<f32>(p + (<usize>j << 2), load<f32>(view + (<usize>(j * columns + i) << 2)));
  }
  for (let k = 0; k < levels; k++) {
    const step = stepTable + <usize>(k << 5), source = load<i32>(step, 16);
    const to = own + <usize>k * planeBytes, from = source < 0 ? whole : own + <usize>source * planeBytes;
    for (let i = 0; i < wide; i++) blurColumn(from, i, step, line, to + (<usize>(i * high) << 2), false);
  }
}

/** The adjoint of `gather`: adds the planes of all views of the batch to slab `chunk`, one view after the other. */
export function scatter(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const planeBytes = <usize>(wide * high) << 2, columnBytes = <usize>high << 2;
  const map = attenuation ? attenuation + <usize>chunk * slabBytes : 0, mapFlags = attenuationFlags + <usize>chunk * flagBytes;
  const image = cells + <usize>chunk * slabBytes, left = scratch + (<usize>columns << 6);
  const pixel = load<f64>(plan), square = load<f64>(plan, 16), middle = load<f64>(plan, 40);
  for (let inBatch = 0; inBatch < batch; inBatch++) {
    const view = load<i32>(chosen + (<usize>(first + inBatch) << 2));
    const own = planes + <usize>inBatch * planesBytes + (<usize>(marginZ + (chunk << 4)) << 2);
    for (let k = 0; k < 4 * columns; k++) v128.store(scratch + at16(k), f32x4.splat(1));
    const v = viewTable + (<usize>view << 5), cos = load<f64>(v), sin = load<f64>(v, 8), offset = load<f64>(v, 16);
    for (let l = 0; l < layerCount; l++) {
      const layer = layerTable + (<usize>(view * layerCount + l) << 5), level = load<i32>(layer, 16);
      if (level < 0) continue;
      const s = load<f64>(layer), scale = load<f64>(layer, 8), two = load<f32>(layer, 24) != 0;
      const nearer = v128.load_splat<f32>(layer + 20), farther = v128.load_splat<f32>(layer + 24);
      const plane = own + <usize>level * planeBytes + <usize>marginX * columnBytes;
      for (let i = 0; i < columns; i++) {
        const u = (<f64>i - middle) * pixel * scale + offset;
        if (u * u + s * s > square) continue;
        place(u, s, cos, sin, plan);
        const through = scratch + (<usize>i << 6);
        let inside = through;
        if (map && flagged(mapFlags)) { pass(map, through, load<f32>(paths + (<usize>i << 2)), left); inside = left; }
        const a = image + (corner << 6), b = a + (<usize>(nx + 2) << 6), p = plane + <usize>i * columnBytes, q = p + planeBytes;
        const s00 = f32x4.splat(w00), s01 = f32x4.splat(w01), s10 = f32x4.splat(w10), s11 = f32x4.splat(w11);
        for (let k = 0; k < 4; k++) {
          const o = at16(k);
          let x = f32x4.mul(nearer, v128.load(p + o));
          if (two) x = madd(farther, v128.load(q + o), x);
          x = f32x4.mul(x, v128.load(inside + o));
          const a0 = madd(s00, x, v128.load(a + o)), a1 = madd(s01, x, v128.load(a + o, 64));
          const b0 = madd(s10, x, v128.load(b + o)), b1 = madd(s11, x, v128.load(b + o, 64));
          v128.store(a + o, a0); v128.store(a + o, a1, 64); v128.store(b + o, b0); v128.store(b + o, b1, 64);
        }
      }
    }
  }
}
