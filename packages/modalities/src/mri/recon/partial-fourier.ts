import { DataError } from "@quintet/core";
import { type CartesianKSpace, pointsOf, refuseBadKSpace } from "../forward/coil-data.ts";
import { transformCoils } from "../forward/fourier.ts";

export type PartialAxis = 0 | 1 | 2;

/** Along one axis: the measured range and the band round the centre that is measured on both sides. */
export interface PartialFourier {
  readonly axis: PartialAxis;
  /** First and one past the last measured index. */
  readonly range: readonly [from: number, to: number];
  /** Largest h with centre - h .. centre + h all measured. */
  readonly halfBand: number;
  /** Measured share of the axis. */
  readonly fraction: number;
}

/**
 * What was left out along an axis: all lines between the first and the last measured one count as measured.
 * @throws DataError `no-centre` when the zero frequency is not inside, and as `refuseBadKSpace`
 */
export function partialFourier(kspace: CartesianKSpace, axis: PartialAxis): PartialFourier {
  refuseBadKSpace(kspace);
  const { shape, mask } = kspace;
  const n = shape[axis];
  const stride = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  let [from, to] = [n, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== 1) continue;
    const k = Math.floor(i / stride) % n;
    from = Math.min(from, k);
    to = Math.max(to, k + 1);
  }
  const centre = Math.floor(n / 2);
  if (!(from <= centre && to > centre)) {
    throw new DataError("no-centre", "the zero frequency was not measured", {
      expected: `index ${centre} inside`,
      found: `${from} to ${to - 1}`,
    });
  }
  return { axis, range: [from, to], halfBand: Math.min(centre - from, to - 1 - centre), fraction: (to - from) / n };
}

/**
 * Homodyne: with the lines of one side twice as heavy and a linear ramp over the band measured on both,
 *
 *   m = Re( F'(W y) exp(-i phi) ),   phi = the phase of F'(B y),  B the symmetric band with a Hann taper
 *
 * (Noll, Nishimura & Macovski, IEEE Trans Med Imaging 1991;10:154-63). Right where the phase is smooth.
 *
 * @returns coil images whose phase is phi: magnitude kept with its sign, [coil][z][y][x]
 * @throws DataError as `partialFourier`
 */
export function homodyne(kspace: CartesianKSpace, axis: PartialAxis): Float32Array {
  const { range, halfBand } = partialFourier(kspace, axis);
  const centre = Math.floor(kspace.shape[axis] / 2);
  const heavyBelow = centre - range[0] > range[1] - 1 - centre;
  const weigh = (k: number): number => {
    if (k < range[0] || k >= range[1]) return 0;
    const towards = (heavyBelow ? centre - k : k - centre) / (halfBand + 1);
    return Math.min(2, Math.max(0, 1 + towards));
  };
  const images = transformCoils({ ...kspace, data: weighLines(kspace, axis, weigh) }, true);
  const phase = lowPhase(kspace, axis, halfBand);
  for (let i = 0; i < images.length; i += 2) {
    const [a, b] = [phase[i] as number, phase[i + 1] as number];
    const real = (images[i] as number) * a + (images[i + 1] as number) * b;
    images[i] = real * a;
    images[i + 1] = real * b;
  }
  return images;
}

/**
 * Projection onto convex sets: the magnitude of the image with the phase of its symmetric band, and the measured
 * lines, in turn (Haacke, Lindskog & Lin, J Magn Reson 1991;92:126-45).
 *
 * @param iterations default 12
 * @returns coil images, [coil][z][y][x]
 * @throws DataError as `partialFourier`
 */
export function pocs(kspace: CartesianKSpace, axis: PartialAxis, iterations = 12): Float32Array {
  const { halfBand } = partialFourier(kspace, axis);
  const { data, mask } = kspace;
  const points = pointsOf(kspace.shape);
  const phase = lowPhase(kspace, axis, halfBand);
  let images = transformCoils(kspace, true);
  for (let step = 0; step < iterations; step++) {
    for (let i = 0; i < images.length; i += 2) {
      const size = Math.hypot(images[i] as number, images[i + 1] as number);
      images[i] = size * (phase[i] as number);
      images[i + 1] = size * (phase[i + 1] as number);
    }
    const full = transformCoils({ ...kspace, data: images }, false);
    for (let i = 0; i < full.length; i++) if (mask[(i >> 1) % points] === 1) full[i] = data[i] as number;
    images = transformCoils({ ...kspace, data: full }, true);
  }
  return images;
}

/** exp(i phi) of the symmetric band, each coil its own. */
function lowPhase(kspace: CartesianKSpace, axis: PartialAxis, halfBand: number): Float32Array {
  const centre = Math.floor(kspace.shape[axis] / 2);
  const hann = (k: number): number =>
    Math.abs(k - centre) > halfBand ? 0 : 0.5 + 0.5 * Math.cos((Math.PI * (k - centre)) / (halfBand + 1));
  const low = transformCoils({ ...kspace, data: weighLines(kspace, axis, hann) }, true);
  for (let i = 0; i < low.length; i += 2) {
    const size = Math.hypot(low[i] as number, low[i + 1] as number);
    low[i] = size > 0 ? (low[i] as number) / size : 1;
    low[i + 1] = size > 0 ? (low[i + 1] as number) / size : 0;
  }
  return low;
}

function weighLines({ shape, data }: CartesianKSpace, axis: PartialAxis, weight: (k: number) => number): Float32Array {
  const n = shape[axis];
  const stride = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const weights = Float64Array.from({ length: n }, (_, k) => weight(k));
  return data.map((v, i) => v * (weights[Math.floor((i >> 1) / stride) % n] as number));
}
