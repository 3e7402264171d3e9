// part of joseph-stack
// What a plan says (joseph-stack.ts writes it), where this thread's scratch lies, and a few vector steps that all parts use.

/** Steps whose running sums begin anew together: from both ends of a block towards its middle. */
export let block: i32;

export let nx: i32, ny: i32, nz: i32, stride: i32, shift: i32, width: usize;
export let vx: f64, vy: f64, ox: f64, oy: f64;
export let families: usize, familyCount: i32, rays: usize, pairs: usize, pairCount: i32, perChunk: i32, planes: i32;
export let bins: i32, tofWidth: f64, perSigma: f64, poly: usize, degree: i32;
export let image: usize, own: usize, ownBytes: usize, data: usize;
/** From one y of an image of columns to the next. */
export let lineBytes: usize;
/** Images in [z][y][x] that are brought in and put together. */
export let source: usize, target: usize;
/** Scratch of this thread. */
export let scratch: usize, scratchBytes: usize, zero: usize, table: usize, knots: usize, bases: usize, edges: usize;
export let inner: usize, weights: usize, weightRow: usize, binEnds: usize, rows: usize, blockRows: usize, spare: usize;
/** Bytes before and behind each sub-row, so that a group of 16 planes may reach out of the image; of a sub-row; of a row. */
export let guard: usize, sub: usize, row: usize;
/** Whether few long families are taken block by block (tiles.as.ts), and what a table of one takes. */
export let tiled: bool, knotBytes: usize, baseBytes: usize, edgeBytes: usize;
/** Of back projection of tiles: a block's lists and bytes of a step's, the families' values, bytes of one's and of the zeros before them. */
export let lists: usize, listBytes: usize, values: usize, valueBytes: usize, valueLead: usize;
/** Where an update keeps its chunk's data, where counts and background lie (0: none), and whether logarithms are summed. */
export let line: usize, counts: usize, background: usize, logarithm: bool;
/** From the rows of a ray to those of its opposite one. */
export let acrossRows: usize, acrossTable: usize;
/** Four times 1 and 2^23, as values: constants would be made anew at each use in a loop. */
export let ones: v128, magics: v128;

export function setUp(plan: usize, thread: i32): void {
  vx = load<f64>(plan); vy = load<f64>(plan, 8); ox = load<f64>(plan, 16); oy = load<f64>(plan, 24);
  perSigma = load<f64>(plan, 32); tofWidth = load<f64>(plan, 40);
  nx = load<i32>(plan, 64); ny = load<i32>(plan, 68); nz = load<i32>(plan, 72);
  stride = load<i32>(plan, 76); shift = load<i32>(plan, 80); width = <usize>load<u32>(plan, 84) << 2;
  familyCount = load<i32>(plan, 88); families = <usize>load<u32>(plan, 92); rays = <usize>load<u32>(plan, 96);
  planes = load<i32>(plan, 100); bins = load<i32>(plan, 104); perChunk = load<i32>(plan, 108);
  pairCount = load<i32>(plan, 112); pairs = <usize>load<u32>(plan, 116);
  image = <usize>load<u32>(plan, 120); own = <usize>load<u32>(plan, 124); ownBytes = <usize>load<u32>(plan, 128);
  data = <usize>load<u32>(plan, 132); scratchBytes = <usize>load<u32>(plan, 140);
  scratch = <usize>load<u32>(plan, 136) + <usize>thread * scratchBytes;
  poly = <usize>load<u32>(plan, 144); degree = load<i32>(plan, 148);
  source = <usize>load<u32>(plan, 152); target = <usize>load<u32>(plan, 156);
  zero = scratch + 64;
  table = scratch + <usize>load<u32>(plan, 160); knots = scratch + <usize>load<u32>(plan, 164);
  bases = scratch + <usize>load<u32>(plan, 168); edges = scratch + <usize>load<u32>(plan, 172);
  inner = scratch + <usize>load<u32>(plan, 176); weights = scratch + <usize>load<u32>(plan, 180);
  weightRow = <usize>load<u32>(plan, 184); binEnds = scratch + <usize>load<u32>(plan, 188);
  rows = scratch + <usize>load<u32>(plan, 192); blockRows = scratch + <usize>load<u32>(plan, 196);
  spare = scratch + <usize>load<u32>(plan, 200);
  guard = <usize>load<u32>(plan, 204) << 2; tiled = load<i32>(plan, 208) != 0;
  knotBytes = <usize>load<u32>(plan, 212); baseBytes = <usize>load<u32>(plan, 216); edgeBytes = <usize>load<u32>(plan, 220);
  acrossRows = <usize>load<u32>(plan, 224); acrossTable = <usize>load<u32>(plan, 228);
  block = load<i32>(plan, 232); line = scratch + <usize>load<u32>(plan, 236);
  counts = <usize>load<u32>(plan, 240); background = <usize>load<u32>(plan, 244); logarithm = load<i32>(plan, 248) != 0;
  lineBytes = <usize>load<u32>(plan, 252);
  lists = scratch + <usize>load<u32>(plan, 256); listBytes = <usize>load<u32>(plan, 260);
  values = scratch + <usize>load<u32>(plan, 264); valueBytes = <usize>load<u32>(plan, 268); valueLead = <usize>load<u32>(plan, 272);
  sub = width + (guard << 1);
  row = sub * <usize>stride;
  const unit = <f32>nx / <f32>nx;
  ones = f32x4.splat(unit);
  magics = f32x4.splat(8388608 * unit);
}

@inline export function madd(a: v128, b: v128, c: v128): v128 {
  return RELAXED ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

@inline export function storePart(to: usize, v: v128, left: i32): void {
  if (left >= 4) v128.store(to, v);
  else {
    if (left & 2) { v128.store64_lane(to, v, 0); if (left & 1) v128.store32_lane(to, v, 2, 8); }
    else if (left & 1) v128.store32_lane(to, v, 0);
  }
}

@inline export function loadPart(from: usize, left: i32): v128 {
  const v = v128.load(from);
  if (left >= 4) return v;
  return v128.and(v, i32x4.gt_s(i32x4.splat(left), i32x4(0, 1, 2, 3)));
}
