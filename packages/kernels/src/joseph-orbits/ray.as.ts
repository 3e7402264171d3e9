// part of joseph-orbits
// The base ray of an orbit: its steps run along x, and the rays of the other lanes are it turned by 90, 180 and 270 degrees about
// the axis. Columns of four hold the four voxels that a quarter turn takes into each other, those of the first quarter first, so that
// a base ray in another quarter finds its lanes turned by so many places.
import { column, edge, first, half, mostVoxels, n, odd, bases, setBlock, table, zero } from "./plan.as";

/** The ray at hand: its steps, t = t0 + t1 k along it (from its middle), length squared across, and |t1|. */
export let steps: i32, t0: f64, t1: f64, squared: f64, perStep: f64;

/** Address of the column of four at (x, y) plus the quarter that it lies in; that of zeros beside the image. */
@inline function place(x: i32, y: i32, img: usize): u32 {
  if (y < 0 || y >= n) return <u32>zero;
  const end = n - 1, h = half;
  if (y < h) return x < h ? at(x, y, img) : at(y, end - x, img) + 1;
  return x < h ? at(end - y, x, img) + 3 : at(end - x, end - y, img) + 2;
}

@inline function at(x: i32, y: i32, img: usize): u32 { return <u32>(img + <usize>(y * half + x) * column); }

/**
 * Two columns of four and their weights for each step of base ray `ray`; none where it misses the image.
 * @param flip -1: of its mirror image in the x axis
 */
export function beginRay(ray: i32, flip: f64, img: usize): void {
  const r = bases + (<usize>ray << 5);
  const xa = load<f64>(r), ya = flip * load<f64>(r, 8), dx = load<f64>(r, 16) - xa, dy = flip * load<f64>(r, 24) - ya;
  t1 = edge / dx; t0 = (first - xa) / dx;
  const b1 = (t1 * dy) / edge, b0 = (ya + t0 * dy - first) / edge;
  let j: i32 = <i32>Math.floor(b0), jf: f64 = <f64>j, p = table, start: i32 = -1;
  steps = 0;
  for (let i: i32 = 0; i < n; i++) {
    const b = b0 + b1 * <f64>i, t = t0 + t1 * <f64>i;
    while (b >= jf + 1) { j++; jf += 1; }
    while (b < jf) { j--; jf -= 1; }
    if (j < -1 || j >= n || t < 0 || t > 1) { if (start >= 0) break; continue; }
    if (start < 0) start = i;
    const w: f32 = <f32>(b - jf);
    store<u32>(p, place(i, j, img)); store<u32>(p, place(i, j + 1, img), 4);
    store<f32>(p, 1 - w, 8); store<f32>(p, w, 12);
    p += 16; steps++;
  }
  t0 += t1 * <f64>max(start, 0) - 0.5;
  squared = dx * dx + dy * dy;
  perStep = abs(t1);
  // Running sums of steep lines grow fast, and with them what float32 loses.
  const slope = mostVoxels * perStep;
  setBlock(slope <= 0.75 ? 32 : slope <= 1.0 ? 16 : slope <= 1.6 ? 8 : slope <= 3.2 ? 4 : 2);
}

/** Bytes that turn lanes on by `quarter` places. */
@inline export function turnBy(quarter: u32): v128 {
  const b = <u8>(quarter << 2);
  return v128.and(i8x16.add(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(b)), i8x16.splat(15));
}

/** Where a step's two columns lie in unlike quarters: a column of its own, of which `odd` has room for one. */
@inline export function spareColumn(): usize { return odd; }
