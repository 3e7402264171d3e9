import { checkProjections, DataError, type Grid, type SpectProjections, type Volume } from "@quintet/core";
import { spectProjector } from "../forward/spect-projector.ts";

/**
 * Filtered back projection, the control: no attenuation, no response, no noise model.
 *
 *   f(x, y) = pi / N sum_v (p_v * h)(x sin a_v - y cos a_v),   H(nu) = |nu| (1 + cos(pi nu / nu_c)) / 2 up to nu_c
 *
 * for N views evenly over a whole turn. h is the ramp of band-limited sampling (h_0 = 1/4, h_odd = -1 / (pi k)^2 over the pixel
 * squared) with Hann's window.
 *
 * @param cutoff nu_c, cycles a pixel, at most 0.5; default 0.5
 * @returns counts per mm of line, negative values kept
 * @throws DataError `bad-projections`, `uneven-views`, `fan-beam`, `bad-cutoff`
 * @see Kak & Slaney, Principles of Computerized Tomographic Imaging, 1988, equation 3.61 (from the literature, not re-checked)
 */
export function filteredBackProjection(
  projections: SpectProjections,
  grid: Grid,
  { cutoff = 0.5 }: { readonly cutoff?: number } = {},
): Volume<"1"> {
  checkProjections(projections);
  const { angles, columns, size, data, focalLength, start = 0, duration = 0 } = projections;
  if (focalLength !== undefined) throw new DataError("fan-beam", "filtered back projection takes parallel holes");
  if (!(cutoff > 0 && cutoff <= 0.5)) {
    throw new DataError("bad-cutoff", "the filter ends at a frequency", {
      expected: "up to 0.5 cycles a pixel",
      found: `${cutoff}`,
    });
  }
  refuseUneven(angles);
  const kernel = rampKernel(columns, cutoff);
  const filtered = new Float32Array(data.length);
  for (let row = 0; row < data.length; row += columns) {
    for (let i = 0; i < columns; i++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += (data[row + k] as number) * (kernel[Math.abs(i - k)] as number);
      filtered[row + i] = sum / size[0];
    }
  }
  const projector = spectProjector(projections, grid, { response: "none", attenuation: "none" });
  const image = projector.adjoint(filtered);
  projector.close();
  // The adjoint weighs by a layer's thickness.
  const scale = Math.PI / angles.length / (grid.affine[0] as number);
  const { shape, affine, space } = grid;
  const frames = [{ start, duration }];
  return { shape, affine, space, unit: "1", frames, clock: "scanner", data: image.map((x) => x * scale) };
}

/** The windowed ramp for distances of 0, 1, ... pixels: integral of |nu| w(nu) cos(2 pi nu k) over -1/2 to 1/2. */
function rampKernel(length: number, cutoff: number): Float64Array {
  const steps = 64 * Math.max(length, 64);
  return Float64Array.from({ length }, (_, k) => {
    let sum = 0;
    for (let s = 0; s < steps; s++) {
      const nu = ((s + 0.5) / steps) * cutoff;
      sum += nu * (0.5 + 0.5 * Math.cos((Math.PI * nu) / cutoff)) * Math.cos(2 * Math.PI * nu * k);
    }
    return (2 * sum * cutoff) / steps;
  });
}

/** @throws DataError `uneven-views` */
function refuseUneven(angles: Float64Array): void {
  const turns = Float64Array.from(angles, (a) => ((a % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI)).sort();
  const even = (2 * Math.PI) / angles.length;
  const uneven = turns.some(
    (a, i) => Math.abs((turns[i + 1] ?? (turns[0] as number) + 2 * Math.PI) - a - even) > 0.01 * even,
  );
  if (!uneven) return;
  throw new DataError("uneven-views", "filtered back projection takes views evenly over a whole turn", {
    expected: `${((even * 180) / Math.PI).toFixed(2)} degrees from view to view`,
    found: "other steps",
  });
}
