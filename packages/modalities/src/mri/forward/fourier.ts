import { fftN } from "@quintet/kernels";
import { type CoilData, longAxes } from "./coil-data.ts";

/** Image to k-space, coil by coil: the centred unitary transform, so that white noise keeps its SD. */
export function toKSpace<C extends CoilData>(images: C): C {
  return { ...images, data: transformCoils(images, false) };
}

/** k-space to image: the inverse, which is the adjoint. */
export function toImage<C extends CoilData>(kspace: C): C {
  return { ...kspace, data: transformCoils(kspace, true) };
}

export function transformCoils(
  { coils, shape, data }: CoilData,
  inverse: boolean,
  axes: readonly number[] = longAxes(shape),
): Float32Array {
  return fftN(data, [...shape, coils], axes, { inverse, centred: true, norm: "ortho" });
}
