// build: threads
// Photons through voxels; photon-walk.ref.ts says what is done, photon-walk.ts what lies where. A medium is 64 bytes:
// absorption, scattering, anisotropy, index, 1 / absorption, 1 / scattering, (1 - g^2), 1 / 2g.

let sa: u32, sb: u32, sc: u32, sd: u32;

@inline function bits(): u32 {
  const out = rotl<u32>(sa + sd, 7) + sa;
  const t = sb << 9;
  sc ^= sa; sd ^= sb; sb ^= sc; sa ^= sd; sc ^= t;
  sd = rotl<u32>(sd, 11);
  return out;
}

@inline function uniform(): f64 { return (<f64>bits() + 0.5) * 2.3283064365386963e-10; }

let mix: u32;
function mixed(): u32 {
  mix += 0x9e3779b9;
  let t = mix ^ (mix >>> 16);
  t *= 0x21f0aaad;
  t ^= t >>> 15;
  t *= 0x735a2d97;
  return t ^ (t >>> 15);
}

function seedBlock(seed: u32, block: u32): void {
  mix = seed; sa = mixed(); sc = mixed();
  mix = block; sb = mixed(); sd = mixed();
  for (let i = 0; i < 16; i++) bits();
}

function fresnel(from: f64, to: f64, cosine: f64): f64 {
  const ratio = from / to;
  const under = 1 - ratio * ratio * (1 - cosine * cosine);
  if (under <= 0) return 1;
  const through = Math.sqrt(under);
  const s = (from * cosine - to * through) / (from * cosine + to * through);
  const p = (from * through - to * cosine) / (from * through + to * cosine);
  return 0.5 * (s * s + p * p);
}

let dp: f64, dq: f64, dr: f64;
@inline function disc(): void {
  do {
    dp = 2 * uniform() - 1; dq = 2 * uniform() - 1;
    dr = dp * dp + dq * dq;
  } while (!(dr < 1 && dr > 0));
}

@inline function series(t: f64): f64 {
  return t * (1 - t * (1.0 / 2) * (1 - t * (1.0 / 3) * (1 - t * (1.0 / 4) * (1 - t * (1.0 / 5) * (1 - t * (1.0 / 6) * (1 - t * (1.0 / 7) * (1 - t * (1.0 / 8))))))));
}

/**
 * 1 - exp(-t); of a step in tissue t is some hundredths. Longer: t = n ln 2 + r, exp(-r) = exp(-r / 8)^8. (The library's
 * exponential keeps a table where the crew's memory begins.)
 */
@inline function lostShare(t: f64): f64 {
  return t < 0.1 ? series(t) : longShare(t);
}

function longShare(t: f64): f64 {
  if (t > 700) return 1;
  const n = Math.floor(t * 1.4426950408889634);
  const eighth = 1 - series((t - n * 0.6931471805599453) * 0.125);
  const half = eighth * eighth * eighth * eighth;
  return 1 - half * half * reinterpret<f64>(<u64>(1023 - <i64>n) << 52);
}

/**
 * ln of (0, 1): exponent and mantissa m in [sqrt(1/2), sqrt 2), ln m = 2 artanh((m - 1) / (m + 1)) to the 17th power
 * (error below 1e-14), without the branches of a library's logarithm.
 */
@inline function logarithm(u: f64): f64 {
  const b = reinterpret<u64>(u);
  let e = <i32>(b >>> 52) - 1023;
  let m = reinterpret<f64>((b & 0xfffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) { m *= 0.5; e++; }
  const s = (m - 1) / (m + 1), q = s * s;
  const series = 1 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q * (1.0 / 11 + q * (1.0 / 13 + q * (1.0 / 15 + q * (1.0 / 17 + q * (1.0 / 19)))))))));
  return <f64>e * 0.6931471805599453 + 2 * s * series;
}

@inline function voxelOf(at: f64, v: f64, n: i32): i32 {
  return min(n - 1, max(0, <i32>Math.floor(at + (v < 0 ? -1e-9 : 1e-9))));
}

/** mm through a whole voxel along one axis; finite for a photon that runs across it. */
@inline function across(size: f64, u: f64): f64 { return size / max(abs(u), 1e-30); }

/** mm to the face ahead, g mm being the way through a whole voxel. */
@inline function toFace(at: f64, u: f64, g: f64): f64 { return (u > 0 ? 1 - at : at) * g; }

/** Where in the voxel, 0 to 1, when t mm are left to the face ahead. */
@inline function within(t: f64, u: f64, g: f64): f64 { return u > 0 ? 1 - t / g : t / g; }

let enter: f64, leave: f64;
@inline function narrow(at: f64, v: f64, n: f64): void {
  if (v == 0) { if (at < 0 || at >= n) leave = -1; return; }
  const p = -at / v, q = (n - at) / v;
  enter = max(enter, min(p, q)); leave = min(leave, max(p, q));
}

export function walk(block: i32, thread: i32, plan: usize): void {
  const nx = load<i32>(plan), ny = load<i32>(plan, 4), nz = load<i32>(plan, 8), count = load<i32>(plan, 12);
  const detectors = load<i32>(plan, 16), gates = load<i32>(plan, 20), perBlock = load<i32>(plan, 24), total = load<i32>(plan, 28);
  const seed = load<u32>(plan, 32), lambert = load<i32>(plan, 36), pencil = load<i32>(plan, 40);
  const labels = <usize>load<u32>(plan, 44), media = <usize>load<u32>(plan, 48), places = <usize>load<u32>(plan, 52);
  const out = <usize>load<u32>(plan, 56), own = <usize>load<u32>(plan, 60) + <usize>thread * 512;
  const images = <usize>load<u32>(plan, 64), imageBytes = <usize>load<u32>(plan, 68);
  const sx = load<f64>(plan, 72), sy = load<f64>(plan, 80), sz = load<f64>(plan, 88);
  const px = load<f64>(plan, 96), py = load<f64>(plan, 104), pz = load<f64>(plan, 112), radius = load<f64>(plan, 120);
  const ax = load<f64>(plan, 128), ay = load<f64>(plan, 136), az = load<f64>(plan, 144);
  const bx = load<f64>(plan, 152), by = load<f64>(plan, 160), bz = load<f64>(plan, 168);
  const cx = load<f64>(plan, 176), cy = load<f64>(plan, 184), cz = load<f64>(plan, 192), gate = load<f64>(plan, 200);
  const ix = 1 / sx, iy = 1 / sy, iz = 1 / sz;
  // The grid of labels has a border of one voxel of 0: no face needs its number checked.
  const wy = nx + 2, wz = (nx + 2) * (ny + 2), first = 1 + wy + wz;
  const fixed = 9 + count, perDetector = 1 + count + gates;
  const sums = out + <usize>block * <usize>(fixed + detectors * perDetector) * 8;
  const image = images ? images + <usize>thread * imageBytes : 0;
  const n0 = load<f64>(media, 24);
  seedBlock(seed, block);
  const photons = min(perBlock, total - block * perBlock);
  for (let photon = 0; photon < photons; photon++) {
    for (let m = 0; m < count; m++) store<f64>(own + (<usize>m << 3), 0);
    let x = px, y = py, z = pz;
    if (radius > 0) {
      disc();
      x += radius * (dp * bx + dq * cx); y += radius * (dp * by + dq * cy); z += radius * (dp * bz + dq * cz);
    }
    let ux = ax, uy = ay, uz = az, cosine: f64 = 1;
    if (lambert) {
      disc();
      cosine = Math.sqrt(1 - dr);
      ux = cosine * ax + dp * bx + dq * cx; uy = cosine * ay + dp * by + dq * cy; uz = cosine * az + dp * bz + dq * cz;
    }
    x /= sx; y /= sy; z /= sz;
    const vx = ux / sx, vy = uy / sy, vz = uz / sz;
    enter = 0; leave = Infinity;
    narrow(x, vx, <f64>nx); narrow(y, vy, <f64>ny); narrow(z, vz, <f64>nz);
    if (!(enter < leave)) { store<f64>(sums, load<f64>(sums, 8) + 1, 8); continue; }
    x += enter * vx; y += enter * vy; z += enter * vz;
    let i = voxelOf(x, vx, nx), j = voxelOf(y, vy, ny), k = voxelOf(z, vz, nz);
    let voxel = first + i + wy * j + wz * k;
    let label = <i32>load<u8>(labels + <usize>voxel);
    while (label == 0) {
      const tx = vx == 0 ? Infinity : max(0, (<f64>(vx > 0 ? i + 1 : i) - x) / vx);
      const ty = vy == 0 ? Infinity : max(0, (<f64>(vy > 0 ? j + 1 : j) - y) / vy);
      const tz = vz == 0 ? Infinity : max(0, (<f64>(vz > 0 ? k + 1 : k) - z) / vz);
      const t = min(tx, min(ty, tz));
      x += t * vx; y += t * vy; z += t * vz;
      if (tx == t) { i += vx > 0 ? 1 : -1; x = <f64>(vx > 0 ? i : i + 1); }
      else if (ty == t) { j += vy > 0 ? 1 : -1; y = <f64>(vy > 0 ? j : j + 1); }
      else { k += vz > 0 ? 1 : -1; z = <f64>(vz > 0 ? k : k + 1); }
      if (i < 0 || j < 0 || k < 0 || i >= nx || j >= ny || k >= nz) break;
      voxel = first + i + wy * j + wz * k;
      label = <i32>load<u8>(labels + <usize>voxel);
    }
    if (label == 0) { store<f64>(sums, load<f64>(sums, 8) + 1, 8); continue; }
    let medium = media + (<usize>label << 6);
    let absorption = load<f64>(medium), scattering = load<f64>(medium, 8), index = load<f64>(medium, 24);
    let perAbsorption = load<f64>(medium, 32), perScattering = load<f64>(medium, 40);
    let w: f64 = 1;
    if (index != n0) {
      const back = fresnel(n0, index, cosine);
      store<f64>(sums, load<f64>(sums) + back);
      w -= back;
      const ratio = n0 / index, further = Math.sqrt(1 - ratio * ratio * (1 - cosine * cosine)) - ratio * cosine;
      ux = ratio * ux + further * ax; uy = ratio * uy + further * ay; uz = ratio * uz + further * az;
    }
    // From here x, y, z count from the corner of the photon's own voxel.
    x -= <f64>i; y -= <f64>j; z -= <f64>k;
    let optical: f64 = 0, alive = true;
    while (alive) {
      let free = -logarithm(uniform());
      let gx = across(sx, ux), gy = across(sy, uy), gz = across(sz, uz);
      let tx = toFace(x, ux, gx), ty = toFace(y, uy, gy), tz = toFace(z, uz, gz);
      while (true) {
        const face = max(0, min(tx, min(ty, tz)));
        const here = free * perScattering;
        const step = min(face, here);
        const lost = w * lostShare(absorption * step);
        const absorbed = sums + (<usize>(9 + label) << 3);
        store<f64>(absorbed, load<f64>(absorbed) + lost);
        const trod = own + (<usize>label << 3);
        store<f64>(trod, load<f64>(trod) + step);
        optical += step * index;
        if (image) {
          const path = absorption > 0 ? lost * perAbsorption : w * step;
          const p = image + (<usize>voxel << 3);
          store<i64>(p, load<i64>(p) + <i64>(path * 4294967296.0));
        }
        w -= lost;
        tx -= step; ty -= step; tz -= step;
        if (here < face) break;
        free -= face * scattering;
        const axis = tx <= ty && tx <= tz ? 0 : ty <= tz ? 1 : 2;
        const u = axis == 0 ? ux : axis == 1 ? uy : uz;
        const ahead: i32 = u > 0 ? 1 : -1;
        const nextVoxel = voxel + ahead * (axis == 0 ? 1 : axis == 1 ? wy : wz);
        const next = <i32>load<u8>(labels + <usize>nextVoxel);
        if (next == label) {
          voxel = nextVoxel;
          if (axis == 0) tx = gx;
          else if (axis == 1) ty = gy;
          else tz = gz;
          continue;
        }
        const nextMedium = media + (<usize>next << 6), nextIndex = load<f64>(nextMedium, 24);
        let bent: f64 = 1;
        if (nextIndex != index) {
          const back = fresnel(index, nextIndex, abs(u));
          if (back >= 1 || uniform() < back) {
            if (axis == 0) { ux = -ux; tx = gx; }
            else if (axis == 1) { uy = -uy; ty = gy; }
            else { uz = -uz; tz = gz; }
            continue;
          }
          bent = index / nextIndex;
        }
        if (next == 0) {
          const way = sums + (<usize>(3 + 2 * axis + (ahead > 0 ? 1 : 0)) << 3);
          store<f64>(way, load<f64>(way) + w);
          const layer = voxel / wz, row = voxel / wy % (ny + 2);
          const mx = sx * (within(tx, ux, gx) + <f64>(voxel % wy - 1)), my = sy * (within(ty, uy, gy) + <f64>(row - 1));
          const mz = sz * (within(tz, uz, gz) + <f64>(layer - 1));
          for (let d = 0; d < detectors; d++) {
            const p = places + (<usize>d << 5);
            const dx = mx - load<f64>(p), dy = my - load<f64>(p, 8), dz = mz - load<f64>(p, 16);
            if (dx * dx + dy * dy + dz * dz >= load<f64>(p, 24)) continue;
            const to = sums + (<usize>(fixed + d * perDetector) << 3);
            store<f64>(to, load<f64>(to) + w);
            for (let m = 0; m < count; m++) {
              const o = <usize>m << 3;
              store<f64>(to + o, load<f64>(to + o, 8) + w * load<f64>(own + o), 8);
            }
            const g = to + (<usize>(1 + count + <i32>min(<f64>(gates - 1), Math.floor(optical / 0.299792458 / gate))) << 3);
            store<f64>(g, load<f64>(g) + w);
            break;
          }
          alive = false;
          break;
        }
        voxel = nextVoxel;
        label = next;
        medium = nextMedium;
        absorption = load<f64>(medium); scattering = load<f64>(medium, 8); index = nextIndex;
        perAbsorption = load<f64>(medium, 32); perScattering = load<f64>(medium, 40);
        if (bent == 1) {
          if (axis == 0) tx = gx;
          else if (axis == 1) ty = gy;
          else tz = gz;
          continue;
        }
        x = axis == 0 ? (ahead > 0 ? 0 : 1) : within(tx, ux, gx);
        y = axis == 1 ? (ahead > 0 ? 0 : 1) : within(ty, uy, gy);
        z = axis == 2 ? (ahead > 0 ? 0 : 1) : within(tz, uz, gz);
        const straight = Math.sqrt(1 - bent * bent * (1 - u * u)) * <f64>ahead;
        ux = axis == 0 ? straight : bent * ux;
        uy = axis == 1 ? straight : bent * uy;
        uz = axis == 2 ? straight : bent * uz;
        gx = across(sx, ux); gy = across(sy, uy); gz = across(sz, uz);
        tx = toFace(x, ux, gx); ty = toFace(y, uy, gy); tz = toFace(z, uz, gz);
      }
      if (!alive) break;
      x = within(tx, ux, gx); y = within(ty, uy, gy); z = within(tz, uz, gz);
      if (w < 1e-3) {
        if (uniform() >= 0.1) { store<f64>(sums, load<f64>(sums, 16) + w, 16); break; }
        store<f64>(sums, load<f64>(sums, 16) - w * 9, 16);
        w *= 10;
      }
      const g = load<f64>(medium, 16), u = uniform();
      if (g == 0) {
        const turn = 2 * u - 1, side = Math.sqrt(max(0, 1 - turn * turn));
        disc();
        ux = side * (dp * dp - dq * dq) / dr; uy = side * 2 * dp * dq / dr; uz = turn;
        continue;
      }
      const h = load<f64>(medium, 48) / (1 - g + 2 * g * u), turn = (1 + g * g - h * h) * load<f64>(medium, 56);
      const side = Math.sqrt(max(0, 1 - turn * turn));
      disc();
      const cos = (dp * dp - dq * dq) / dr, sin = 2 * dp * dq / dr;
      if (abs(uz) > 0.99999) { ux = side * cos; uy = side * sin; uz = uz > 0 ? turn : -turn; continue; }
      const flat = Math.sqrt(1 - uz * uz), qx = ux, qy = uy, qz = uz, s = side / flat;
      ux = s * (qx * qz * cos - qy * sin) + qx * turn;
      uy = s * (qy * qz * cos + qx * sin) + qy * turn;
      uz = -side * cos * flat + qz * turn;
      const scale = 1.5 - 0.5 * (ux * ux + uy * uy + uz * uz);
      ux *= scale; uy *= scale; uz *= scale;
    }
  }
}

/** A part of the threads' images, summed and turned into fluence, f32: `scale` makes it 1 / (voxel volume x photons) in units of 2^-32. */
export function gather(part: i32, thread: i32, plan: usize, threads: i32, parts: i32, to: usize, scale: f64): void {
  const images = <usize>load<u32>(plan, 64), imageBytes = <usize>load<u32>(plan, 68);
  const nx = load<i32>(plan), ny = load<i32>(plan, 4), rows = ny * load<i32>(plan, 8);
  for (let row = part; row < rows; row += parts) {
    const from = images + (<usize>(1 + (nx + 2) * (row % ny + 1 + (ny + 2) * (row / ny + 1))) << 3);
    for (let i = 0; i < nx; i++) {
      let s: i64 = 0;
      for (let t = 0; t < threads; t++) s += load<i64>(from + <usize>t * imageBytes + (<usize>i << 3));
      store<f32>(to + (<usize>(row * nx + i) << 2), <f32>(<f64>s * scale));
    }
  }
}

export function clear(part: i32, thread: i32, at: usize, bytes: usize, parts: i32): void {
  const size = (bytes / <usize>parts + 63) & ~63, from = <usize>part * size;
  if (from < bytes) memory.fill(at + from, 0, min(size, bytes - from));
}
