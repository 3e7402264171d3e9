/** Values of a cut -> a picture: gray anatomy, colour-mapped layer, or sensor values painted on the brain. */
import type { Rgb } from "../colour/colour-map.ts";
import { colourAt, colourTable } from "../colour/colour-map.ts";
import type { Layer, SensorLayer } from "../report/model.ts";
import type { SlicePlane } from "./plane.ts";
import type { Picture } from "./png.ts";

/**
 * Without a threshold a layer fades in over this share of its range: air stays clear, and low uptake is not mistaken
 * for the bright anatomy below it.
 */
const fadeIn = 0.04;

/** Alpha (0 ... 1) of a shown value: constant above the threshold; without one, a ramp over the lowest 4 %. */
export function layerAlpha(layer: Pick<Layer, "threshold" | "range">, value: number): number {
  if (!Number.isFinite(value)) return 0;
  if (layer.threshold !== undefined) return Math.abs(value) >= layer.threshold ? 1 : 0;
  const [low, high] = layer.range;
  return low < 0 ? 1 : Math.min(1, Math.max(0, (value - low) / (fadeIn * (high - low) || 1)));
}

/** Linear gray between `range`; outside the volume black. */
export function paintGray(values: Float32Array, size: number, range: readonly [number, number]): Picture {
  const pixels = new Uint8Array(values.length);
  const [low, high] = range;
  for (let i = 0; i < values.length; i++) {
    const t = ((values[i] as number) - low) / (high - low);
    if (t > 0) pixels[i] = Math.min(255, Math.round(255 * t));
  }
  return { width: size, height: size, channels: 1, pixels };
}

/**
 * A palette picture: index 0 is transparent, 1 ... 255 run over the range.
 * `values` are in stored units and are scaled here.
 */
export function paintLayer(values: Float32Array, size: number, layer: Layer, inside?: Uint8Array): Picture {
  const [low, high] = layer.range;
  const scale = layer.scale ?? 1;
  const span = high - low || 1;
  const valueAt = (index: number): number => low + ((index - 1) / 254) * span;
  const palette = Array.from({ length: 256 }, (_, index) =>
    index === 0
      ? { colour: [0, 0, 0] as Rgb, alpha: 0 }
      : {
          colour: colourAt(layer.colourMap, (index - 1) / 254),
          alpha: layer.threshold === undefined ? Math.round(255 * layerAlpha(layer, valueAt(index))) : 255,
        },
  );
  const pixels = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const v = scale * (values[i] as number);
    if (inside && !inside[i]) continue;
    if (layerAlpha(layer, v) === 0) continue;
    const t = Math.min(1, Math.max(0, (v - low) / span));
    pixels[i] = 1 + Math.round(254 * t);
  }
  return { width: size, height: size, channels: 1, pixels, palette };
}

/**
 * Sensor values on the brain: at each pixel the mean of the values weighted by w = exp(-2 d^2 / reach^2), d the
 * distance to each sensor's cortex point; the paint's alpha is the largest w, times 1.5, at most 1. A projection, not a source estimate.
 */
export function paintSensors(slice: SlicePlane, layer: SensorLayer, inside?: Uint8Array): Picture {
  const reach = layer.reach ?? 14;
  const scale = layer.scale ?? 1;
  const [low, high] = layer.range;
  const points = layer.points.flatMap(({ cortex, value }) =>
    cortex && value !== undefined && Number.isFinite(value) ? [{ at: cortex, value: value * scale }] : [],
  );
  const pixels = new Uint8Array(slice.size * slice.size * 4);
  const table = colourTable(layer.colourMap);
  for (let i = 0; i < slice.size * slice.size; i++) {
    if (inside && !inside[i]) continue;
    const [row, column] = [Math.floor(i / slice.size), i % slice.size];
    const at = (k: 0 | 1 | 2): number => slice.origin[k] + column * slice.right[k] + row * slice.down[k];
    const [x, y, z] = [at(0), at(1), at(2)];
    let [sum, weight, most] = [0, 0, 0];
    for (const { at: p, value } of points) {
      const d2 = (x - p[0]) ** 2 + (y - p[1]) ** 2 + (z - p[2]) ** 2;
      if (d2 > 4 * reach * reach) continue;
      const w = Math.exp((-2 * d2) / (reach * reach));
      sum += w * value;
      weight += w;
      most = Math.max(most, w);
    }
    if (weight === 0) continue;
    const value = sum / weight;
    if (layer.threshold !== undefined && Math.abs(value) < layer.threshold) continue;
    const t = Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
    pixels.set(table[Math.round(255 * t)] as Rgb, 4 * i);
    pixels[4 * i + 3] = Math.round(255 * Math.min(1, 1.5 * most));
  }
  return { width: slice.size, height: slice.size, channels: 4, pixels };
}
