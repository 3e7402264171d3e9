// part of joseph-orbits
// Knots and bases of all families for the base ray at hand; what they are: knots.as.ts of joseph-stack. Both mirrored orbits and
// forward and back read the same tables.
import { block, blockRow, blockRows, families, familyCount, guard, knots, madd, pitch, rows, shift, stride, sub, tables } from "./plan.as";
import { perStep, squared, steps, t0, t1 } from "./ray.as";

/** Bytes of a family's record, and of what is found for it: ends of its knots and bases; slope, direction, scale. */
export const record: usize = 40, found: usize = 32;

/** Where the tables end. */
let top: usize;

@inline function cellOf(j: v128, size: i32): v128 {
  if (stride == 1) return i32x4.shl(j, size);
  return i32x4.add(i32x4.shl(i32x4.shr_s(j, shift), size), i32x4.mul(v128.and(j, i32x4.splat(stride - 1)), i32x4.splat(<i32>(sub >> (5 - size)))));
}

/** As 32 bits, |x| < 2^31. */
@inline function wholeOf(x: f64): i32 { return <i32>reinterpret<i64>(x + 6755399441055744.0); }

/** Vectors of 1 and of 2^23, as values: constants would be made anew at each use in a loop. */
let ones: v128, magics: v128;

export function findTables(): void {
  top = knots;
  const unit = <f32>block / <f32>block;
  ones = f32x4.splat(unit);
  magics = f32x4.splat(8388608 * unit);
  for (let g = families, o = tables, i = 0; i < familyCount; i++, g += record, o += found) {
    const delta = load<f64>(g, 8), c1 = delta * t1;
    find(load<f64>(g) + delta * t0, c1, load<i32>(g, 36), o);
    store<f32>(o, <f32>c1, 16); store<f32>(o, c1 > 0 ? 1 : -1, 20);
    store<f32>(o, <f32>(perStep * Math.sqrt(squared + load<f64>(g, 16))), 24);
  }
}

/** Knots [address, the mirrored family's address, d_mid - m, 0], then bases [address, mirrored address, share, mirrored share]. */
function find(c0: f64, c1: f64, mirror: i32, o: usize): void {
  const last = c0 + c1 * <f64>steps, up = c1 > 0, whole = Math.floor((c0 + last) * 0.5), knotStep = up ? 1 : -1;
  const start = up ? Math.floor(c0) + 1 : Math.ceil(c0) - 1;
  // One more than there are: its sums are 0 unless rounding has moved it into the ray.
  const knotCount = abs(c1) < 1e-9 ? 0 : wholeOf(up ? Math.floor(last) - start : start - Math.ceil(last)) + 2;
  // The slope in two parts, of which the first times a step is exact: places far from the middle keep their digits.
  const coarse = reinterpret<f32>(reinterpret<u32>(<f32>c1) & 0xfffff000);
  const slope = f32x4.splat(coarse), rest = f32x4.splat(<f32>(c1 - <f64>coarse)), origin = f32x4.splat(<f32>(c0 - whole)), end = f32x4.splat(<f32>steps);
  const middle = f32x4.splat(<f32>(block >> 1)), size = f32x4.splat(<f32>block), part = f32x4.splat(1 / <f32>block);
  const one = ones, magic = magics, none = f32x4.splat(0);
  const far = i32x4.splat(mirror);
  let p = top;
  store<u32>(o, <u32>p);
  if (knotCount) {
    const flip = i32x4.splat(up ? 0 : -1), beyond = f32x4.splat(<f32>(steps + 1)), apart = 1 / c1;
    // Of the knot at the voxel m: the place is x0 + dx m.
    const x0 = f32x4.splat(<f32>((whole - c0) * apart)), dx = f32x4.splat(<f32>apart), wide = f32x4.splat(<f32>(pitch >> 4));
    const j = i32x4.add(i32x4.splat(wholeOf(start)), i32x4.mul(i32x4.splat(knotStep), i32x4(0, 1, 2, 3)));
    // Four voxels on is a whole number of cells on, whatever the stride.
    const jump = i32x4.splat(knotStep * (128 >> shift)), on = f32x4.splat(<f32>(knotStep << 2)), at = i32x4.splat(<i32>(rows + guard) - (0x4b000000 << 4));
    let m = f32x4.add(f32x4.splat(<f32>(start - whole)), f32x4.mul(f32x4.splat(<f32>knotStep), f32x4(0, 1, 2, 3)));
    let here = i32x4.add(at, cellOf(j, 5)), there = i32x4.add(at, cellOf(i32x4.sub(far, j), 5));
    for (let left = knotCount; left > 0; left -= 4, p += 64) {
      const k = f32x4.pmax(f32x4.pmin(f32x4.ceil(madd(m, dx, x0)), beyond), none);
      const mid = f32x4.pmin(madd(f32x4.floor(f32x4.mul(k, part)), size, middle), end);
      const far = f32x4.mul(slope, mid), fine = f32x4.mul(rest, mid);
      const d = f32x4.add(f32x4.add(f32x4.sub(far, m), origin), fine);
      const before = v128.xor(f32x4.ge(f32x4.add(f32x4.add(far, origin), fine), m), flip);
      const place = v128.bitselect(f32x4.pmin(k, mid), f32x4.pmax(k, f32x4.add(mid, one)), before);
      // A slot's place in vectors is a whole number that float32 holds; magic puts it among the last bits.
      const slot = i32x4.shl(madd(place, wide, magic), 4), a = i32x4.add(slot, here), b = i32x4.add(slot, there);
      const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      v128.store(p, v128.shuffle<i32>(ab, d, 0, 1, 4, 4)); v128.store(p, v128.shuffle<i32>(ab, d, 2, 3, 5, 5), 16);
      v128.store(p, v128.shuffle<i32>(ef, d, 0, 1, 6, 6), 32); v128.store(p, v128.shuffle<i32>(ef, d, 2, 3, 7, 7), 48);
      m = f32x4.add(m, on);
      here = i32x4.add(here, jump);
      there = i32x4.sub(there, jump);
    }
    p = top + (<usize>knotCount << 4);
  }
  store<u32>(o, <u32>p, 4); store<u32>(o, <u32>p, 8);
  const count = (steps + block - 1) / block;
  const at = i32x4.splat(<i32>(blockRows + (guard >> 1))), wide = i32x4.splat(<i32>(blockRow * 3));
  const wholes = i32x4.splat(wholeOf(whole)), before = i32x4.splat(mirror - 1);
  const to = p + (<usize>count << 4);
  for (let b = i32x4(0, 1, 2, 3); p < to; p += 64) {
    const mid = f32x4.pmin(madd(f32x4.convert_i32x4_s(b), size, middle), end);
    const far = f32x4.mul(slope, mid), fine = f32x4.mul(rest, mid), cell = f32x4.floor(f32x4.add(f32x4.add(far, origin), fine));
    const share = f32x4.add(f32x4.add(f32x4.sub(far, cell), origin), fine), other = f32x4.sub(one, share);
    const j = i32x4.add(i32x4.sub(f32x4.add(cell, f32x4.splat(12582912.0)), i32x4.splat(0x4b400000)), wholes), line = i32x4.add(at, i32x4.mul(b, wide));
    const a = i32x4.add(line, cellOf(j, 4)), c = i32x4.add(line, cellOf(i32x4.sub(before, j), 4));
    const ac = v128.shuffle<i32>(a, c, 0, 4, 1, 5), dj = v128.shuffle<i32>(share, other, 0, 4, 1, 5);
    v128.store(p, v128.shuffle<i64>(ac, dj, 0, 2)); v128.store(p, v128.shuffle<i64>(ac, dj, 1, 3), 16);
    const ef = v128.shuffle<i32>(a, c, 2, 6, 3, 7), gh = v128.shuffle<i32>(share, other, 2, 6, 3, 7);
    v128.store(p, v128.shuffle<i64>(ef, gh, 0, 2), 32); v128.store(p, v128.shuffle<i64>(ef, gh, 1, 3), 48);
    b = i32x4.add(b, i32x4.splat(4));
  }
  store<u32>(o, <u32>to, 12);
  top = to;
}
