/**
 * How a stack of layers becomes one colour. The shader does the same per pixel; this is what it is checked against.
 *
 *   C_0 = the anatomy's colour (black without one),   C_k = (1 - a_k) C_(k-1) + a_k map_k((v_k - low) / (high - low))
 *   a_k = opacity_k * ramp_k(v_k) * confidence_k
 *
 * Opacity is exactly linear: where the ramp is 1, 0 shows only what lies below and 1 only this layer.
 */
import type { ColourMapName, Rgb } from "../colour/colour-map.ts";
import { colourAt } from "../colour/colour-map.ts";

export interface LayerLook {
  readonly colourMap: ColourMapName;
  /** Shown values of the map's ends. */
  readonly range: readonly [low: number, high: number];
  /** Magnitudes outside are clear. Undefined: none; a map that starts at 0 or above then fades in over its lowest 4 %. */
  readonly threshold?: readonly [low: number, high: number];
  /** Below the threshold alpha rises over this share of |high - threshold|; 0: a hard edge. */
  readonly ramp: number;
  readonly opacity: number;
}

const fadeIn = 0.04;

/**
 * The ramp as numbers for shader and reference alike: alpha = clamp((m - from) / (full - from)), 0 above `until`,
 * with m = |v| where `magnitude`, else v.
 */
export interface AlphaRamp {
  readonly from: number;
  readonly full: number;
  readonly until: number;
  readonly magnitude: boolean;
}

const tiny = 1e-12;

export function alphaRamp({ range: [low, high], threshold, ramp }: LayerLook): AlphaRamp {
  const most = Math.max(Math.abs(low), Math.abs(high));
  if (threshold) {
    const [at, until] = threshold;
    const width = Math.max(ramp * Math.abs(most - at), tiny * Math.max(1, most));
    return { from: at - width, full: at, until, magnitude: true };
  }
  // Without a threshold a signed map is opaque everywhere.
  if (low < 0) return { from: -2, full: -1, until: Number.POSITIVE_INFINITY, magnitude: true };
  return {
    from: low,
    full: low + Math.max(fadeIn * (high - low), tiny),
    until: Number.POSITIVE_INFINITY,
    magnitude: false,
  };
}

export function alphaOf(look: LayerLook, value: number, confidence = 1): number {
  if (!Number.isFinite(value)) return 0;
  const { from, full, until, magnitude } = alphaRamp(look);
  const m = magnitude ? Math.abs(value) : value;
  if (m > until) return 0;
  return look.opacity * Math.min(1, Math.max(0, (m - from) / (full - from))) * confidence;
}

/** Red, green, blue in 0 ... 255 of the stack at one point, lowest layer first; a value of NaN is outside its volume. */
export function blend(
  layers: readonly { readonly look: LayerLook; readonly value: number; readonly confidence?: number }[],
): Rgb {
  let colour: Rgb = [0, 0, 0];
  for (const { look, value, confidence } of layers) {
    const alpha = alphaOf(look, value, confidence);
    if (alpha === 0) continue;
    const [low, high] = look.range;
    const over = colourAt(look.colourMap, (value - low) / (high - low || 1));
    colour = colour.map((c, k) => (1 - alpha) * c + alpha * (over[k] as number)) as unknown as Rgb;
  }
  return colour;
}
