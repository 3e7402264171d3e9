// part of joseph-stack
// A family of planes is at the voxel d_k = c0 + c1 k of each step k, linear in k: between its knots, where d_k crosses a
// whole number, all steps interpolate between the same two voxels. With the cell of a block's middle taken for all of its
// steps (the base), what each knot has to mend is
//
//   sum_{k beyond the knot} |d_k - m| (L_k(m - 1) - 2 L_k(m) + L_k(m + 1)),  d_k - m = (d_mid - m) + c1 (k - mid)
//
// that is, two running sums over the steps, of L_k and of (k - mid) L_k (sums.as.ts), whatever their number is. Tiles know one row of
// sums of sums instead, E_j = sum_{k >= j} (k - j + 1) L_k: for a knot at the place k* between the steps j - 1 and j
//
//   sum_{k >= j} |d_k - m| L_k = |c1| ((j - k*) E_j + (1 - (j - k*)) E_{j+1}),
//
// and so before the middle, with the sums of the steps before j.
import { bases, baseBytes, block, blockRows, guard, knotBytes, knots, madd, magics, ones, row, rows, shift, stride, sub, tiled } from "./plan.as";
import { steps } from "./ray.as";

/** Knots of the family, the voxel of the first one and the step to the next (1, -1); voxel of the first and last base. */
export let knotCount: i32, firstKnot: i32, knotStep: i32, firstBase: i32, lastBase: i32, baseCount: i32;
/** What the bits of a whole number + 2^23 are beyond it: a knot's block goes with it. */
export const block23: i32 = 0x4b000000;
/** Where the table at hand lies. */
export let knotTable: usize, baseTable: usize;

@inline function addressOf(j: v128): v128 {
  if (stride == 1) return i32x4.shl(j, 2);
  const subs = i32x4.mul(v128.and(j, i32x4.splat(stride - 1)), i32x4.splat(<i32>sub));
  return i32x4.add(i32x4.shl(i32x4.shr_s(j, shift), 2), subs);
}

/**
 * Fills a table of knots [address, the mirrored family's address, d_mid - m (of tiles j - k*), block + block23] and bases [address, mirrored address,
 * share, voxel]. The mirrored family lies at `mirror` - d_k: its knots are at the same steps. Which side of a knot a block's
 * middle lies on is told by the same rounded number in both, or a step could be mended twice or not at all.
 */
export function findKnots(c0: f64, c1: f64, mirror: i32, number: i32): void {
  const last = c0 + c1 * <f64>steps, up = c1 > 0, whole = Math.floor((c0 + last) * 0.5);
  knotTable = knots + <usize>number * knotBytes;
  baseTable = bases + <usize>number * baseBytes;
  knotStep = up ? 1 : -1;
  const start = up ? Math.floor(c0) + 1 : Math.ceil(c0) - 1;
  firstKnot = <i32>start;
  // One more than there are: its sums are 0 unless rounding has moved it into the ray.
  knotCount = abs(c1) < 1e-9 ? 0 : <i32>(up ? Math.floor(last) - start : start - Math.ceil(last)) + 2;
  // The slope in two parts, of which the first times a step is exact: places far from the middle keep their digits.
  const coarse = reinterpret<f32>(reinterpret<u32>(<f32>c1) & 0xfffff000);
  const slope = f32x4.splat(coarse), rest = f32x4.splat(<f32>(c1 - <f64>coarse)), origin = f32x4.splat(<f32>(c0 - whole)), end = f32x4.splat(<f32>steps);
  const half = f32x4.splat(<f32>(block >> 1)), size = f32x4.splat(<f32>block), part = f32x4.splat(1 / <f32>block);
  const one = ones, inner = f32x4.splat(0.5);
  const far = i32x4.splat(mirror);
  if (knotCount) {
    const flip = i32x4.splat(up ? 0 : -1), beyond = f32x4.splat(<f32>(steps + 1)), apart = 1 / c1, none = f32x4.splat(0), magic = magics;
    // Of the knot at the voxel m: the place is x0 + dx m.
    const x0 = f32x4.splat(<f32>((whole - c0) * apart)), dx = f32x4.splat(<f32>apart), pitch = f32x4.splat(<f32>((tiled ? row : row << 1) >> 4));
    const j = i32x4.add(i32x4.splat(firstKnot), i32x4.mul(i32x4.splat(knotStep), i32x4(0, 1, 2, 3))), at = i32x4.splat(<i32>(rows + guard) - (block23 << 4));
    // Four voxels on is a whole number of floats on, whatever the stride.
    const jump = i32x4.splat(knotStep * (16 >> shift)), on = f32x4.splat(<f32>(knotStep << 2));
    let m = f32x4.add(f32x4.splat(<f32>(start - whole)), f32x4.mul(f32x4.splat(<f32>knotStep), f32x4(0, 1, 2, 3)));
    let here = i32x4.add(at, addressOf(j)), there = i32x4.add(at, addressOf(i32x4.sub(far, j)));
    for (let o = knotTable, left = knotCount; left > 0; left -= 4, o += 64) {
      const k = f32x4.pmax(f32x4.pmin(f32x4.ceil(madd(m, dx, x0)), beyond), none);
      const turn = f32x4.floor(f32x4.mul(f32x4.add(k, inner), part)), mid = f32x4.pmin(madd(turn, size, half), end);
      const far = f32x4.mul(slope, mid), fine = f32x4.mul(rest, mid);
      const d = f32x4.add(f32x4.add(f32x4.sub(far, m), origin), fine);
      const before = v128.xor(f32x4.ge(f32x4.add(f32x4.add(far, origin), fine), m), flip);
      const place = v128.bitselect(f32x4.pmin(k, mid), f32x4.pmax(k, f32x4.add(mid, one)), before);
      const share = tiled ? madd(d, dx, f32x4.sub(place, mid)) : d;
      // Of tiles every block lies in the same slots, one of zeros before them. Slots in vectors are whole numbers that float32 holds.
      const number = tiled ? f32x4.add(f32x4.sub(place, f32x4.mul(turn, size)), v128.andnot(one, before)) : place;
      const slot = i32x4.shl(madd(number, pitch, magic), 4), a = i32x4.add(slot, here), b = i32x4.add(slot, there), c = f32x4.add(turn, magic);
      const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<i32>(share, c, 0, 4, 1, 5);
      v128.store(o, v128.shuffle<i64>(ab, cd, 0, 2)); v128.store(o, v128.shuffle<i64>(ab, cd, 1, 3), 16);
      const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<i32>(share, c, 2, 6, 3, 7);
      v128.store(o, v128.shuffle<i64>(ef, gh, 0, 2), 32); v128.store(o, v128.shuffle<i64>(ef, gh, 1, 3), 48);
      m = f32x4.add(m, on);
      here = i32x4.add(here, jump);
      there = i32x4.sub(there, jump);
    }
  }
  // Ends the last block's knots.
  store<i32>(knotTable + (<usize>knotCount << 4), 0x7fffffff, 12);
  baseCount = (steps + block - 1) / block;
  const at = i32x4.splat(<i32>(blockRows + guard)), pitch = i32x4.splat(tiled ? 0 : <i32>(row * 3));
  const wholes = i32x4.splat(<i32>whole), before = i32x4.splat(mirror - 1);
  let b = i32x4(0, 1, 2, 3);
  for (let o = baseTable, left = baseCount; left > 0; left -= 4, o += 64) {
    const mid = f32x4.pmin(madd(f32x4.convert_i32x4_s(b), size, half), end);
    const far = f32x4.mul(slope, mid), fine = f32x4.mul(rest, mid), cell = f32x4.floor(f32x4.add(f32x4.add(far, origin), fine));
    const share = f32x4.add(f32x4.add(f32x4.sub(far, cell), origin), fine);
    const j = i32x4.add(i32x4.sub(f32x4.add(cell, f32x4.splat(12582912.0)), i32x4.splat(0x4b400000)), wholes);
    const line = i32x4.add(at, i32x4.mul(b, pitch)), a = i32x4.add(line, addressOf(j)), c = i32x4.add(line, addressOf(i32x4.sub(before, j)));
    const ac = v128.shuffle<i32>(a, c, 0, 4, 1, 5), dj = v128.shuffle<i32>(share, j, 0, 4, 1, 5);
    v128.store(o, v128.shuffle<i64>(ac, dj, 0, 2)); v128.store(o, v128.shuffle<i64>(ac, dj, 1, 3), 16);
    const ef = v128.shuffle<i32>(a, c, 2, 6, 3, 7), gh = v128.shuffle<i32>(share, j, 2, 6, 3, 7);
    v128.store(o, v128.shuffle<i64>(ef, gh, 0, 2), 32); v128.store(o, v128.shuffle<i64>(ef, gh, 1, 3), 48);
    b = i32x4.add(b, i32x4.splat(4));
  }
  firstBase = load<i32>(baseTable, 12);
  lastBase = load<i32>(baseTable + (<usize>(baseCount - 1) << 4), 12);
}
