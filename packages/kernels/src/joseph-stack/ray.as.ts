// part of joseph-stack
import { acrossTable, lineBytes, nx, ny, ox, oy, rays, stride, table, vx, vy, width, zero } from "./plan.as";

/** The ray at hand: its steps, t = t0 + t1 k along it (from its middle), length squared across, and |t1|. */
export let steps: i32, t0: f64, t1: f64, squared: f64, perStep: f64;

/** Two columns and their weights for each step of a ray; none where the ray misses the image. */
export function beginRay(ray: i32, img: usize): void {
  const r = rays + (<usize>ray << 5);
  const xa = load<f64>(r), ya = load<f64>(r, 8), dx = load<f64>(r, 16) - xa, dy = load<f64>(r, 24) - ya;
  const alongX = abs(dx) >= abs(dy) * (1 - 1e-9);
  const column = width * <usize>stride, line = lineBytes;
  const su = alongX ? column : line, sv = alongX ? line : column;
  const nu = alongX ? nx : ny, nv = alongX ? ny : nx, eu = alongX ? vx : vy, ev = alongX ? vy : vx;
  const du = alongX ? dx : dy, dv = alongX ? dy : dx, ou = alongX ? ox : oy, ov = alongX ? oy : ox;
  const au = alongX ? xa : ya, av = alongX ? ya : xa;
  t1 = eu / du; t0 = (ou - au) / du;
  const b1 = (t1 * dv) / ev, b0 = (av + t0 * dv - ov) / ev;
  let j: i32 = <i32>Math.floor(b0), jf: f64 = <f64>j, p = table, first: i32 = -1;
  steps = 0;
  for (let i: i32 = 0; i < nu; i++) {
    const b = b0 + b1 * <f64>i, t = t0 + t1 * <f64>i;
    while (b >= jf + 1) { j++; jf += 1; }
    while (b < jf) { j--; jf -= 1; }
    if (j < -1 || j >= nv || t < 0 || t > 1) { if (first >= 0) break; continue; }
    if (first < 0) first = i;
    const c = img + <usize>i * su + <usize>j * sv, w: f32 = <f32>(b - jf);
    store<u32>(p, <u32>(j >= 0 ? c : zero)); store<u32>(p, <u32>(j + 1 < nv ? c + sv : zero), 4);
    store<f32>(p, 1 - w, 8); store<f32>(p, w, 12);
    p += 16; steps++;
  }
  t0 += t1 * <f64>max(first, 0) - 0.5;
  squared = dx * dx + dy * dy;
  perStep = abs(t1);
}

/** The table of the opposite ray, the same turned by 180 degrees about the middle of the image, behind that of this ray. */
export function turnTable(img: usize): void {
  const sum = img + img + width * <usize>stride * <usize>(nx - 1) + lineBytes * <usize>(ny - 1), nowhere = zero;
  for (let p = table, end = p + (<usize>steps << 4); p < end; p += 16) {
    const a = <usize>load<u32>(p), b = <usize>load<u32>(p, 4);
    store<u32>(p + acrossTable, <u32>(a == nowhere ? a : sum - a)); store<u32>(p + acrossTable, <u32>(b == nowhere ? b : sum - b), 4);
    store<u64>(p + acrossTable, load<u64>(p, 8), 8);
  }
}
