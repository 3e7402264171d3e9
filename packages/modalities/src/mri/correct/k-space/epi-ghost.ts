import { DataError } from "@quintet/core";
import { fftN } from "@quintet/kernels";

/** Echoes of one EPI train, lines of one slice: [echo][coil][kx], interleaved re, im, as they came from the receiver. */
export interface EpiEchoes {
  readonly coils: number;
  readonly samples: number;
  readonly data: Float32Array;
  /** One an echo: true where the read gradient ran backwards, so that time runs from +kx to -kx. */
  readonly reversed: readonly boolean[];
}

/** phase(x) = constant + linear (x - floor(n / 2)), radians: of the reversed echoes against the others. */
export interface GhostPhase {
  readonly constant: number;
  /** Radians a voxel. */
  readonly linear: number;
  /** Phase that the field adds from one navigator echo to the next, radians; removed before the comparison. */
  readonly drift: number;
  /** Weighted RMS of what the line leaves, radians. */
  readonly residual: number;
}

/**
 * Reversed echoes turned round, so that index floor(n / 2) stays the zero frequency for even n too:
 * k -> 2 floor(n / 2) - k modulo n. Samples that start half a dwell time late are the linear phase's business.
 * @throws DataError `shape-mismatch`
 */
export function flipReversed(echoes: EpiEchoes): EpiEchoes {
  refuseBadEchoes(echoes);
  const { coils, samples, data, reversed } = echoes;
  const out = data.slice();
  const twice = 2 * Math.floor(samples / 2);
  for (const [e, turn] of reversed.entries()) {
    if (!turn) continue;
    for (let c = 0; c < coils; c++) {
      const line = 2 * (e * coils + c) * samples;
      for (let k = 0; k < samples; k++) {
        const from = line + 2 * ((twice - k) % samples);
        out[line + 2 * k] = data[from] as number;
        out[line + 2 * k + 1] = data[from + 1] as number;
      }
    }
  }
  return { ...echoes, data: out };
}

/**
 * Phase between reversed and forward echoes from three navigator echoes without phase encoding, + - + or - + -:
 *
 *   z(x) = conj(s1 + s3 turned to the time of s2) s2, summed over coils;  linear = arg sum conj(z(x)) z(x + 1),
 *   constant = arg sum z(x) exp(-i linear (x - c))
 *
 * The first and third echo have the same polarity, so half the phase between them is what the field did by the time
 * of the second (Heid, US patent 6,043,651; from the literature, not re-checked).
 *
 * @param navigators three echoes, already flipped
 * @throws DataError `bad-navigator`, `no-signal`, `shape-mismatch`
 */
export function ghostPhase(navigators: EpiEchoes): GhostPhase {
  refuseBadEchoes(navigators);
  const { coils, samples: n, reversed } = navigators;
  if (reversed.length !== 3 || reversed[0] !== reversed[2] || reversed[0] === reversed[1]) {
    throw new DataError("bad-navigator", "the ghost is measured with three echoes of alternating polarity", {
      expected: "+ - + or - + -",
      found: reversed.map((turn) => (turn ? "-" : "+")).join(" "),
    });
  }
  const x = fftN(navigators.data, [n, coils, 3], [0], { inverse: true, centred: true, norm: "ortho" });
  const at = (echo: number, c: number, i: number): number => 2 * ((echo * coils + c) * n + i);
  let [re, im] = [0, 0];
  for (let c = 0; c < coils; c++) {
    for (let i = 0; i < n; i++) {
      const [p, q] = [at(0, c, i), at(2, c, i)];
      re += (x[p] as number) * (x[q] as number) + (x[p + 1] as number) * (x[q + 1] as number);
      im += (x[p] as number) * (x[q + 1] as number) - (x[p + 1] as number) * (x[q] as number);
    }
  }
  const drift = Math.atan2(im, re) / 2;
  const [cos, sin] = [Math.cos(drift), Math.sin(drift)];
  const z = new Float64Array(2 * n);
  for (let c = 0; c < coils; c++) {
    for (let i = 0; i < n; i++) {
      const [p, q, r] = [at(0, c, i), at(1, c, i), at(2, c, i)];
      const [a, b, u, v] = [x[p], x[p + 1], x[r], x[r + 1]] as [number, number, number, number];
      const [fr, fi] = [a * cos - b * sin + u * cos + v * sin, a * sin + b * cos + v * cos - u * sin];
      const [sr, si] = [x[q] as number, x[q + 1] as number];
      z[2 * i] = (z[2 * i] as number) + fr * sr + fi * si;
      z[2 * i + 1] = (z[2 * i + 1] as number) + fr * si - fi * sr;
    }
  }
  const line = phaseLine(z, n);
  // measured as second against the others: the reversed one may be either
  const sign = reversed[1] ? 1 : -1;
  return { ...line, constant: sign * line.constant, linear: sign * line.linear, drift };
}

function phaseLine(z: Float64Array, n: number): { constant: number; linear: number; residual: number } {
  let [re, im, power] = [0, 0, 0];
  for (let i = 0; i + 1 < n; i++) {
    const [a, b, c, d] = [z[2 * i], z[2 * i + 1], z[2 * i + 2], z[2 * i + 3]] as [number, number, number, number];
    re += a * c + b * d;
    im += a * d - b * c;
  }
  const linear = Math.atan2(im, re);
  const turned = (i: number, phase: number): [number, number] => {
    const [a, b, c, s] = [z[2 * i] as number, z[2 * i + 1] as number, Math.cos(phase), Math.sin(phase)];
    return [a * c + b * s, b * c - a * s];
  };
  let [sumRe, sumIm] = [0, 0];
  for (let i = 0; i < n; i++) {
    const [a, b] = turned(i, linear * (i - Math.floor(n / 2)));
    sumRe += a;
    sumIm += b;
    power += Math.hypot(a, b);
  }
  if (!(power > 0)) throw new DataError("no-signal", "the navigator echoes are all zero", {});
  const constant = Math.atan2(sumIm, sumRe);
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const [a, b] = turned(i, constant + linear * (i - Math.floor(n / 2)));
    squares += Math.hypot(a, b) * Math.atan2(b, a) ** 2;
  }
  return { constant, linear, residual: Math.sqrt(squares / power) };
}

/** Takes the phase out of the reversed echoes, along x. @throws DataError `shape-mismatch` */
export function correctGhost(
  echoes: EpiEchoes,
  { constant, linear }: Pick<GhostPhase, "constant" | "linear">,
): EpiEchoes {
  refuseBadEchoes(echoes);
  const { coils, samples: n, reversed } = echoes;
  const shape = [n, coils, reversed.length];
  const x = fftN(echoes.data, shape, [0], { inverse: true, centred: true, norm: "ortho" });
  for (const [e, turn] of reversed.entries()) {
    if (!turn) continue;
    for (let c = 0; c < coils; c++) {
      for (let i = 0; i < n; i++) {
        const phase = constant + linear * (i - Math.floor(n / 2));
        const [cos, sin, at] = [Math.cos(phase), Math.sin(phase), 2 * ((e * coils + c) * n + i)];
        const [a, b] = [x[at] as number, x[at + 1] as number];
        x[at] = a * cos + b * sin;
        x[at + 1] = b * cos - a * sin;
      }
    }
  }
  return { ...echoes, data: fftN(x, shape, [0], { centred: true, norm: "ortho" }, x) };
}

/**
 * Ghost-to-signal ratio of a magnitude image: mean in the object moved by half the field of view along y, where the
 * object itself is not, less the mean of the rest of the background, over the mean in the object.
 *
 * @param object 1 where the object is
 * @returns undefined where the object leaves no room for its ghost
 */
export function ghostRatio(image: Float32Array, object: Uint8Array, nx: number, ny: number): number | undefined {
  const sums = { signal: [0, 0], ghost: [0, 0], rest: [0, 0] };
  for (let i = 0; i < nx * ny; i++) {
    const opposite = (i + nx * Math.floor(ny / 2)) % (nx * ny);
    const sum = object[i] === 1 ? sums.signal : object[opposite] === 1 ? sums.ghost : sums.rest;
    sum[0] = (sum[0] as number) + (image[i] as number);
    sum[1] = (sum[1] as number) + 1;
  }
  const mean = ([sum, n]: readonly number[]): number => ((n as number) > 0 ? (sum as number) / (n as number) : 0);
  if (sums.ghost[1] === 0 || !(mean(sums.signal) > 0)) return undefined;
  return (mean(sums.ghost) - mean(sums.rest)) / mean(sums.signal);
}

function refuseBadEchoes({ coils, samples, data, reversed }: EpiEchoes): void {
  if (coils >= 1 && samples >= 2 && data.length === 2 * coils * samples * reversed.length) return;
  throw new DataError("shape-mismatch", "the echoes must fill coils and samples", {
    expected: `${2 * coils * samples * reversed.length} values`,
    found: `${data.length}`,
  });
}
