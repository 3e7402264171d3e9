/**
 * Tapering windows.
 *
 *   hamming w[n] = 0.54 - 0.46 cos(2 pi n / D),   hann w[n] = 0.5 - 0.5 cos(2 pi n / D),   D = N - 1, or N if periodic
 *
 * Symmetric windows shape filters, periodic ones shape spectra (Harris, Proc. IEEE 1978;66:51-83).
 */
export type WindowName = "hamming" | "hann" | "rectangular";

const cosineShare: Readonly<Record<WindowName, number>> = { hamming: 0.46, hann: 0.5, rectangular: 0 };

export function taper(name: WindowName, length: number, kind: "symmetric" | "periodic" = "symmetric"): Float64Array {
  const share = cosineShare[name];
  const span = kind === "symmetric" ? length - 1 : length;
  return Float64Array.from({ length }, (_, n) =>
    span > 0 ? 1 - share - share * Math.cos((2 * Math.PI * n) / span) : 1,
  );
}
