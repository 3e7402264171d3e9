/**
 * The diverging cool-warm map: blue - light gray - red, made in the polar Msh space of CIELAB so that neither
 * arm is brighter than the other.
 *
 *   M = |Lab|, s = acos(L / M), h = atan2(b, a);  M, s, h run linearly from each end to the white point (M = 88),
 *   and the hue of the unsaturated end is turned so that the arms meet smoothly.
 *
 * @see Moreland, "Diverging color maps for scientific visualization", ISVC 2009, LNCS 5876:92-103
 */
type Triple = readonly [number, number, number];

// sRGB <-> XYZ with D65 white, IEC 61966-2-1.
const whitePoint: Triple = [0.95047, 1, 1.08883];
const middle = 88; // M of the unsaturated middle, Moreland 2009 section 4.2
// Rounded ends of the published map, Moreland 2009 table "cool to warm".
const cool: Triple = [59, 76, 192];
const warm: Triple = [180, 4, 38];

const linear = (c: number): number => (c > 0.04045 ? ((c + 0.055) / 1.055) ** 2.4 : c / 12.92);
const gamma = (c: number): number => (c > 0.0031308 ? 1.055 * c ** (1 / 2.4) - 0.055 : 12.92 * c);
const cubeRoot = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
const cube = (t: number): number => (t ** 3 > 0.008856 ? t ** 3 : (t - 16 / 116) / 7.787);

function toMsh(rgb: Triple): Triple {
  const [r, g, b] = rgb.map((c) => linear(c / 255)) as unknown as Triple;
  const x = cubeRoot((0.4124 * r + 0.3576 * g + 0.1805 * b) / whitePoint[0]);
  const y = cubeRoot((0.2126 * r + 0.7152 * g + 0.0722 * b) / whitePoint[1]);
  const z = cubeRoot((0.0193 * r + 0.1192 * g + 0.9505 * b) / whitePoint[2]);
  const [l, a, bb] = [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  const m = Math.hypot(l, a, bb);
  return [m, Math.acos(l / m), Math.atan2(bb, a)];
}

function fromMsh([m, s, h]: Triple): Triple {
  const [l, a, b] = [m * Math.cos(s), m * Math.sin(s) * Math.cos(h), m * Math.sin(s) * Math.sin(h)];
  const y = (l + 16) / 116;
  const [x, yy, z] = [whitePoint[0] * cube(y + a / 500), whitePoint[1] * cube(y), whitePoint[2] * cube(y - b / 200)];
  const rgb: Triple = [
    3.2406 * x - 1.5372 * yy - 0.4986 * z,
    -0.9689 * x + 1.8758 * yy + 0.0415 * z,
    0.0557 * x - 0.204 * yy + 1.057 * z,
  ];
  return rgb.map((c) => Math.round(255 * Math.min(1, Math.max(0, gamma(c))))) as unknown as Triple;
}

/** Hue at the white end of an arm: turned away from the saturated end's own hue. */
function spunHue([m, s, h]: Triple): number {
  const spin = (s * Math.sqrt(middle ** 2 - m ** 2)) / (m * Math.sin(s));
  return h > -Math.PI / 3 ? h + spin : h - spin;
}

/** Red, green, blue (0 ... 255) at `t` in 0 ... 1. */
export function coolWarm(t: number): Triple {
  const end = toMsh(t < 0.5 ? cool : warm);
  const reach = Math.abs(t - 0.5) * 2;
  if (reach === 0) return fromMsh([middle, 0, 0]);
  const white: Triple = [middle, 0, end[0] < middle ? spunHue(end) : end[2]];
  return fromMsh(
    [0, 1, 2].map((k) => (white[k] ?? 0) + reach * ((end[k] ?? 0) - (white[k] ?? 0))) as unknown as Triple,
  );
}
