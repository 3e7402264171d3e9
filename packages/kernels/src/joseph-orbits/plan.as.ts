// part of joseph-orbits
// What a plan says (joseph-orbits.ts writes it), where this thread's scratch lies, and a few vector steps that all parts use.

/** The image's edge in voxels, half of it rounded up, voxels along z, planes of the stack. */
export let n: i32, half: i32, nz: i32, planes: i32;
/** Edge of a voxel and centre of the first one; both axes are alike. */
export let edge: f64, first: f64;
/** Voxels along z that a line crosses, at the most. */
export let mostVoxels: f64;
/** Voxels between neighbouring planes of a family (1, 2) and its logarithm; steps whose running sums begin anew together. */
export let stride: i32, shift: i32, block: i32;
/** Bytes of a column of four, of the part of a row that one of `stride` sub-rows takes, of a slot and of a block's rows. */
export let column: usize, sub: usize, pitch: usize, blockRow: usize;
/** Cells before the first and behind the last of each sub-row, for planes that begin or end beside the image. */
export let guard: usize;
export let families: usize, familyCount: i32, bases: usize, groups: usize, groupCount: i32, perChunk: i32, swapped: usize;
export let image: usize, own: usize, ownBytes: usize, data: usize, source: usize, target: usize;
export let counts: usize, background: usize, logarithm: bool;
/** Scratch of this thread. */
export let scratch: usize, zero: usize, odd: usize, table: usize, tables: usize, knots: usize, rows: usize, blockRows: usize, rowBytes: usize;
export let sums: usize, running: usize, values: usize, lines: usize, lineBytes: usize;

export function setBlock(steps: i32): void { block = steps; }

export function setUp(plan: usize, thread: i32): void {
  edge = load<f64>(plan); first = load<f64>(plan, 8); mostVoxels = load<f64>(plan, 16);
  n = load<i32>(plan, 64); nz = load<i32>(plan, 68); planes = load<i32>(plan, 72);
  stride = load<i32>(plan, 76); shift = load<i32>(plan, 80);
  column = <usize>load<u32>(plan, 88); sub = <usize>load<u32>(plan, 92); guard = <usize>load<u32>(plan, 96);
  familyCount = load<i32>(plan, 100); families = <usize>load<u32>(plan, 104); bases = <usize>load<u32>(plan, 108);
  groupCount = load<i32>(plan, 112); groups = <usize>load<u32>(plan, 116); perChunk = load<i32>(plan, 120);
  swapped = <usize>load<u32>(plan, 124);
  image = <usize>load<u32>(plan, 128); own = <usize>load<u32>(plan, 132); ownBytes = <usize>load<u32>(plan, 136);
  data = <usize>load<u32>(plan, 140); source = <usize>load<u32>(plan, 144); target = <usize>load<u32>(plan, 148);
  counts = <usize>load<u32>(plan, 152); background = <usize>load<u32>(plan, 156); logarithm = load<i32>(plan, 160) != 0;
  scratch = <usize>load<u32>(plan, 164) + <usize>thread * <usize>load<u32>(plan, 168);
  zero = scratch + <usize>load<u32>(plan, 172); odd = scratch + <usize>load<u32>(plan, 176);
  table = scratch + <usize>load<u32>(plan, 180); tables = scratch + <usize>load<u32>(plan, 184); knots = scratch + <usize>load<u32>(plan, 188);
  rows = scratch + <usize>load<u32>(plan, 192); blockRows = scratch + <usize>load<u32>(plan, 196); rowBytes = <usize>load<u32>(plan, 200);
  running = scratch + <usize>load<u32>(plan, 204); values = scratch + <usize>load<u32>(plan, 208);
  lines = scratch + <usize>load<u32>(plan, 212);
  lineBytes = (<usize>planes << 2) + 64;
  half = (n + 1) >> 1;
  pitch = sub * <usize>stride;
  blockRow = (sub >> 1) * <usize>stride;
}

@inline export function madd(a: v128, b: v128, c: v128): v128 {
  return RELAXED ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

@inline export function add(a: v128, b: v128): v128 { return f32x4.add(a, b); }

/** Lanes by a mask of bytes that all lie within the vector. */
@inline export function turned(v: v128, mask: v128): v128 {
  return RELAXED ? i8x16.relaxed_swizzle(v, mask) : i8x16.swizzle(v, mask);
}
