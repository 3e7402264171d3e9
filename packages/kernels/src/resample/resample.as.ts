// Trilinear resampling along rows; the float64 map at `map` is rows of 4: target voxel -> source voxel.

// 1.5 * 2^52: adding it leaves the rounded integer in the low bits; floor and trunc are slow in V8's hot loops.
const snap: f64 = 6755399441055744.0;

@inline
function value(source: usize, index: i32): f32 {
  return load<f32>(source + (<usize>index << 2));
}

@inline
function mix(a: f32, b: f32, t: f32): f32 {
  return a + (b - a) * t;
}

@inline
function clamp(x: f64, most: f64): f64 {
  return min<f64>(max<f64>(x, 0), most);
}

export function linear(
  map: usize,
  source: usize,
  nx: i32,
  ny: i32,
  nz: i32,
  out: usize,
  tx: i32,
  ty: i32,
  tz: i32,
  outside: f32,
): void {
  const mx = load<f64>(map);
  const my = load<f64>(map, 32);
  const mz = load<f64>(map, 64);
  const lx = <f64>(nx - 1);
  const ly = <f64>(ny - 1);
  const lz = <f64>(nz - 1);
  const plane = nx * ny;
  let to = out;
  for (let z = 0; z < tz; z++) {
    for (let y = 0; y < ty; y++) {
      const fy = <f64>y;
      const fz = <f64>z;
      const bx = load<f64>(map, 8) * fy + load<f64>(map, 16) * fz + load<f64>(map, 24);
      const by = load<f64>(map, 40) * fy + load<f64>(map, 48) * fz + load<f64>(map, 56);
      const bz = load<f64>(map, 72) * fy + load<f64>(map, 80) * fz + load<f64>(map, 88);
      let step: f64 = 0;
      for (let x = 0; x < tx; x++) {
        const px = bx + mx * step;
        const py = by + my * step;
        const pz = bz + mz * step;
        step += 1;
        let result = outside;
        if (px >= -0.5 && py >= -0.5 && pz >= -0.5 && px < lx + 0.5 && py < ly + 0.5 && pz < lz + 0.5) {
          const cx = clamp(px, lx);
          const cy = clamp(py, ly);
          const cz = clamp(pz, lz);
          // Rounding of an exact half may go one too low; the weight is then 1 and the value the same.
          let i = <i32>reinterpret<i64>(max<f64>(cx - 0.5, 0) + snap);
          let j = <i32>reinterpret<i64>(max<f64>(cy - 0.5, 0) + snap);
          let k = <i32>reinterpret<i64>(max<f64>(cz - 0.5, 0) + snap);
          const u = <f32>(cx - <f64>i);
          const v = <f32>(cy - <f64>j);
          const w = <f32>(cz - <f64>k);
          const at = i + nx * j + plane * k;
          const dx = select<i32>(1, 0, i < nx - 1);
          const dy = select<i32>(nx, 0, j < ny - 1);
          const dz = select<i32>(plane, 0, k < nz - 1);
          const near = mix(
            mix(value(source, at), value(source, at + dx), u),
            mix(value(source, at + dy), value(source, at + dx + dy), u),
            v,
          );
          const far = mix(
            mix(value(source, at + dz), value(source, at + dx + dz), u),
            mix(value(source, at + dy + dz), value(source, at + dx + dy + dz), u),
            v,
          );
          result = mix(near, far, w);
        }
        store<f32>(to, result);
        to += 4;
      }
    }
  }
}
