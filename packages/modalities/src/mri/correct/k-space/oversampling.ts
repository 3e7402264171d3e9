import { DataError } from "@quintet/core";
import { fftN } from "@quintet/kernels";
import { type CoilData, pointsOf, refuseBadCoilData } from "../../forward/coil-data.ts";

/**
 * Readout oversampling removed: the middle `keep` points of the image along x, back in k-space. White noise keeps its
 * SD, and the image's centre stays at floor(n / 2).
 *
 * @param kspace fully measured along x
 * @param keep points of the encoded field of view along x
 * @throws DataError `bad-size`, and as `refuseBadCoilData`
 */
export function removeOversampling<C extends CoilData>(kspace: C, keep: number): C {
  refuseBadCoilData(kspace);
  const { coils, shape, data } = kspace;
  const [nx, ny, nz] = shape;
  if (!(Number.isInteger(keep) && keep >= 1 && keep <= nx)) {
    throw new DataError("bad-size", "oversampling is removed to at most what was measured", {
      expected: `1 to ${nx}`,
      found: `${keep}`,
    });
  }
  const lines = coils * ny * nz;
  const x = fftN(data, [nx, lines], [0], { inverse: true, centred: true, norm: "ortho" });
  const first = Math.floor(nx / 2) - Math.floor(keep / 2);
  const cut: [number, number, number] = [keep, ny, nz];
  const out = new Float32Array(2 * coils * pointsOf(cut));
  for (let line = 0; line < lines; line++) {
    const from = 2 * (line * nx + first);
    out.set(x.subarray(from, from + 2 * keep), 2 * line * keep);
  }
  return { ...kspace, shape: cut, data: fftN(out, [keep, lines], [0], { centred: true, norm: "ortho" }, out) };
}
