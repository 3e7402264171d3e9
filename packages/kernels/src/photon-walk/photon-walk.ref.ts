import {
  type BlockLayout,
  lightSpeed,
  type PhotonDetector,
  type PhotonScene,
  type PhotonSource,
  pathUnit,
  rouletteBelow,
  rouletteChance,
} from "./scene.ts";

/** Random numbers of one block: xoshiro128++ (Blackman & Vigna, ACM TOMS 2021;47:36), its state by splitmix32. */
export function blockUniform(seed: number, block: number): () => number {
  const mixed = (start: number): (() => number) => {
    let mix = start | 0;
    return () => {
      mix = (mix + 0x9e3779b9) | 0;
      let t = mix ^ (mix >>> 16);
      t = Math.imul(t, 0x21f0aaad);
      t ^= t >>> 15;
      t = Math.imul(t, 0x735a2d97);
      return t ^ (t >>> 15);
    };
  };
  const [fromSeed, fromBlock] = [mixed(seed), mixed(block)];
  let [a, b, c, d] = [fromSeed(), fromBlock(), fromSeed(), fromBlock()];
  const turned = (x: number, k: number): number => (x << k) | (x >>> (32 - k));
  const bits = (): number => {
    const out = (turned((a + d) | 0, 7) + a) | 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = turned(d, 11);
    return out >>> 0;
  };
  for (let i = 0; i < 16; i++) bits();
  return () => (bits() + 0.5) * 2 ** -32;
}

/** Reflectance of unpolarised light from index `from` to `to` at |cosine| of incidence; 1 beyond the critical angle. */
export function fresnel(from: number, to: number, cosine: number): number {
  const ratio = from / to;
  const under = 1 - ratio * ratio * (1 - cosine * cosine);
  if (under <= 0) return 1;
  const through = Math.sqrt(under);
  const s = (from * cosine - to * through) / (from * cosine + to * through);
  const p = (from * through - to * cosine) / (from * through + to * cosine);
  return 0.5 * (s * s + p * p);
}

/**
 * Walks the photons of one block and adds to `sums` (see BlockLayout) and to `paths`, weight x path of each voxel in units of
 * `pathUnit`, rounded down.
 *
 *   step: -ln(u) mean free paths of scattering, through voxels from face to face
 *   weight: w exp(-mu_a l) along a path l (Beer and Lambert); what it loses is absorbed, w (1 - exp(-mu_a l)) / mu_a its path
 *   turn: Henyey-Greenstein, cos = (1 + g^2 - ((1 - g^2) / (1 - g + 2 g u))^2) / 2g
 *   face between two indices: thrown back with Fresnel's chance, else bent
 *
 * @see Boas et al., Opt Express 2002;10:159-170; Fang & Boas, Opt Express 2009;17:20178-20190 (absorption by path length);
 *   Wang, Jacques & Zheng, Comput Methods Programs Biomed 1995;47:131-146 (surfaces, roulette, turning)
 */
export function walkBlockReference(
  { shape: [nx, ny, nz], size: [sx, sy, sz], labels, media }: PhotonScene,
  source: PhotonSource,
  detectors: readonly PhotonDetector[],
  { photons, seed, block, gate }: { photons: number; seed: number; block: number; gate: number },
  layout: BlockLayout,
  sums: Float64Array,
  paths: Float64Array,
): void {
  const uniform = blockUniform(seed, block);
  const disc = (): [number, number, number] => {
    for (;;) {
      const p = 2 * uniform() - 1;
      const q = 2 * uniform() - 1;
      const r = p * p + q * q;
      if (r < 1 && r > 0) return [p, q, r];
    }
  };
  const n0 = media[0].index;
  const [[bx, by, bz], [cx, cy, cz]] = acrossAxes(source.inward);
  const [ax, ay, az] = source.inward;
  const own = new Float64Array(media.length);
  for (let photon = 0; photon < photons; photon++) {
    own.fill(0);
    let [x, y, z] = source.position;
    if (source.radius > 0) {
      const [p, q] = disc();
      x += source.radius * (p * bx + q * cx);
      y += source.radius * (p * by + q * cy);
      z += source.radius * (p * bz + q * cz);
    }
    let [ux, uy, uz] = [ax, ay, az];
    let cosine = 1;
    if (source.beam === "lambert") {
      const [p, q, r] = disc();
      cosine = Math.sqrt(1 - r);
      ux = cosine * ax + p * bx + q * cx;
      uy = cosine * ay + p * by + q * cy;
      uz = cosine * az + p * bz + q * cz;
    }
    // Through the surroundings to the first medium.
    x /= sx;
    y /= sy;
    z /= sz;
    const [vx, vy, vz] = [ux / sx, uy / sy, uz / sz];
    let enter = 0;
    let leave = Number.POSITIVE_INFINITY;
    for (const [at, v, n] of [
      [x, vx, nx],
      [y, vy, ny],
      [z, vz, nz],
    ] as const) {
      if (v === 0) {
        if (at < 0 || at >= n) leave = -1;
      } else {
        enter = Math.max(enter, Math.min(-at / v, (n - at) / v));
        leave = Math.min(leave, Math.max(-at / v, (n - at) / v));
      }
    }
    if (!(enter < leave)) {
      sums[1] += 1;
      continue;
    }
    x += enter * vx;
    y += enter * vy;
    z += enter * vz;
    const voxelOf = (at: number, v: number, n: number): number =>
      Math.min(n - 1, Math.max(0, Math.floor(at + (v < 0 ? -1e-9 : 1e-9))));
    let i = voxelOf(x, vx, nx);
    let j = voxelOf(y, vy, ny);
    let k = voxelOf(z, vz, nz);
    let label = labels[i + nx * (j + ny * k)];
    while (label === 0) {
      const tx = vx === 0 ? Number.POSITIVE_INFINITY : Math.max(0, ((vx > 0 ? i + 1 : i) - x) / vx);
      const ty = vy === 0 ? Number.POSITIVE_INFINITY : Math.max(0, ((vy > 0 ? j + 1 : j) - y) / vy);
      const tz = vz === 0 ? Number.POSITIVE_INFINITY : Math.max(0, ((vz > 0 ? k + 1 : k) - z) / vz);
      const t = Math.min(tx, ty, tz);
      x += t * vx;
      y += t * vy;
      z += t * vz;
      if (tx === t) {
        i += vx > 0 ? 1 : -1;
        x = vx > 0 ? i : i + 1;
      } else if (ty === t) {
        j += vy > 0 ? 1 : -1;
        y = vy > 0 ? j : j + 1;
      } else {
        k += vz > 0 ? 1 : -1;
        z = vz > 0 ? k : k + 1;
      }
      if (i < 0 || j < 0 || k < 0 || i >= nx || j >= ny || k >= nz) break;
      label = labels[i + nx * (j + ny * k)];
    }
    if (label === 0) {
      sums[1] += 1;
      continue;
    }
    let index = media[label].index;
    let w = 1;
    if (index !== n0) {
      // Bent at the skin as the source touches it, not at the face of a voxel.
      const back = fresnel(n0, index, cosine);
      sums[0] += back;
      w -= back;
      const ratio = n0 / index;
      const further = Math.sqrt(1 - ratio * ratio * (1 - cosine * cosine)) - ratio * cosine;
      ux = ratio * ux + further * ax;
      uy = ratio * uy + further * ay;
      uz = ratio * uz + further * az;
    }
    const caught = (weight: number, time: number): void => {
      for (const [d, { position, radius }] of detectors.entries()) {
        const [dx, dy, dz] = [x * sx - position[0], y * sy - position[1], z * sz - position[2]];
        if (dx * dx + dy * dy + dz * dz >= radius * radius) continue;
        const at = layout.fixed + d * layout.perDetector;
        sums[at] += weight;
        for (let m = 0; m < own.length; m++) sums[at + 1 + m] += weight * own[m];
        sums[at + 1 + own.length + Math.min(layout.gates - 1, Math.floor(time / gate))] += weight;
        return;
      }
    };
    let optical = 0;
    let { absorption, scattering, anisotropy } = media[label];
    walk: for (;;) {
      let free = -Math.log(uniform());
      // mm to the next face along each axis.
      let tx = ux === 0 ? Number.POSITIVE_INFINITY : (((ux > 0 ? i + 1 : i) - x) * sx) / ux;
      let ty = uy === 0 ? Number.POSITIVE_INFINITY : (((uy > 0 ? j + 1 : j) - y) * sy) / uy;
      let tz = uz === 0 ? Number.POSITIVE_INFINITY : (((uz > 0 ? k + 1 : k) - z) * sz) / uz;
      for (;;) {
        const face = Math.max(0, Math.min(tx, ty, tz));
        const here = scattering > 0 ? free / scattering : Number.POSITIVE_INFINITY;
        const step = Math.min(face, here);
        const lost = absorption > 0 ? -w * Math.expm1(-absorption * step) : 0;
        const path = absorption > 0 ? lost / absorption : w * step;
        sums[9 + label] += lost;
        w -= lost;
        own[label] += step;
        optical += step * index;
        if (paths.length > 0) paths[i + nx * (j + ny * k)] += Math.floor(path / pathUnit);
        x += (step * ux) / sx;
        y += (step * uy) / sy;
        z += (step * uz) / sz;
        if (here < face) break;
        free -= face * scattering;
        tx -= face;
        ty -= face;
        tz -= face;
        const axis = tx <= ty && tx <= tz ? 0 : ty <= tz ? 1 : 2;
        const u = axis === 0 ? ux : axis === 1 ? uy : uz;
        const ahead = u > 0 ? 1 : -1;
        const [ni, nj, nk] = [i + (axis === 0 ? ahead : 0), j + (axis === 1 ? ahead : 0), k + (axis === 2 ? ahead : 0)];
        const inside = ni >= 0 && nj >= 0 && nk >= 0 && ni < nx && nj < ny && nk < nz;
        const next = inside ? labels[ni + nx * (nj + ny * nk)] : 0;
        const nextIndex = media[next].index;
        let bent = 1;
        if (nextIndex !== index) {
          const back = fresnel(index, nextIndex, Math.abs(u));
          if (back >= 1 || uniform() < back) {
            if (axis === 0) {
              ux = -ux;
              x = ahead > 0 ? i + 1 : i;
              tx = sx / Math.abs(ux);
            } else if (axis === 1) {
              uy = -uy;
              y = ahead > 0 ? j + 1 : j;
              ty = sy / Math.abs(uy);
            } else {
              uz = -uz;
              z = ahead > 0 ? k + 1 : k;
              tz = sz / Math.abs(uz);
            }
            continue;
          }
          bent = index / nextIndex;
        }
        if (next === 0) {
          sums[3 + 2 * axis + (ahead > 0 ? 1 : 0)] += w;
          caught(w, optical / lightSpeed);
          break walk;
        }
        i = ni;
        j = nj;
        k = nk;
        if (axis === 0) x = ahead > 0 ? i : i + 1;
        else if (axis === 1) y = ahead > 0 ? j : j + 1;
        else z = ahead > 0 ? k : k + 1;
        if (next !== label) {
          label = next;
          ({ absorption, scattering, anisotropy, index } = media[label]);
        }
        if (bent !== 1) {
          const straight = Math.sqrt(1 - bent * bent * (1 - u * u)) * ahead;
          ux = axis === 0 ? straight : bent * ux;
          uy = axis === 1 ? straight : bent * uy;
          uz = axis === 2 ? straight : bent * uz;
          tx = ux === 0 ? Number.POSITIVE_INFINITY : (((ux > 0 ? i + 1 : i) - x) * sx) / ux;
          ty = uy === 0 ? Number.POSITIVE_INFINITY : (((uy > 0 ? j + 1 : j) - y) * sy) / uy;
          tz = uz === 0 ? Number.POSITIVE_INFINITY : (((uz > 0 ? k + 1 : k) - z) * sz) / uz;
        } else if (axis === 0) tx = sx / Math.abs(ux);
        else if (axis === 1) ty = sy / Math.abs(uy);
        else tz = sz / Math.abs(uz);
      }
      if (w < rouletteBelow) {
        if (uniform() >= rouletteChance) {
          sums[2] += w;
          break;
        }
        sums[2] -= w * (1 / rouletteChance - 1);
        w /= rouletteChance;
      }
      const u = uniform();
      const g = anisotropy;
      const turn = g === 0 ? 2 * u - 1 : (1 + g * g - ((1 - g * g) / (1 - g + 2 * g * u)) ** 2) / (2 * g);
      const side = Math.sqrt(Math.max(0, 1 - turn * turn));
      const [p, q, r] = disc();
      // cos and sin of twice the angle of (p, q), which is as uniform as the angle.
      const [cos, sin] = [(p * p - q * q) / r, (2 * p * q) / r];
      if (g === 0) [ux, uy, uz] = [side * cos, side * sin, turn];
      else if (Math.abs(uz) > 0.99999) [ux, uy, uz] = [side * cos, side * sin, uz > 0 ? turn : -turn];
      else {
        const across = Math.sqrt(1 - uz * uz);
        const [px, py, pz] = [ux, uy, uz];
        ux = (side * (px * pz * cos - py * sin)) / across + px * turn;
        uy = (side * (py * pz * cos + px * sin)) / across + py * turn;
        uz = -side * cos * across + pz * turn;
        const scale = 1.5 - 0.5 * (ux * ux + uy * uy + uz * uz);
        ux *= scale;
        uy *= scale;
        uz *= scale;
      }
    }
  }
}

/** Two unit vectors across a unit vector and each other. */
export function acrossAxes([x, y, z]: readonly [number, number, number]): [
  [number, number, number],
  [number, number, number],
] {
  const flat = Math.abs(z) < 0.9;
  const length = flat ? Math.hypot(x, y) : Math.hypot(y, z);
  const b: [number, number, number] = flat ? [y / length, -x / length, 0] : [0, z / length, -y / length];
  return [b, [y * b[2] - z * b[1], z * b[0] - x * b[2], x * b[1] - y * b[0]]];
}
