/**
 * One scalar per electrode, interpolated over the flattened scalp.
 *
 * Biharmonic spline: w(p) = sum_j a_j g(|p - p_j|), g(r) = r^2 (ln r - 1), through every electrode's value.
 * Shown inside the hull of the electrodes plus a margin; between electrodes it is interpolation, not measurement.
 *
 * @see Sandwell, Geophys Res Lett 1987;14:139-142
 */
import type { Sensor } from "@quintet/core";
import { colourBar } from "../colour/colour-bar.ts";
import { colourTable } from "../colour/colour-map.ts";
import type { Html } from "../report/html.ts";
import { html, slug, trusted } from "../report/html.ts";
import type { Topography } from "../report/model.ts";
import { contourPath } from "../slices/contour.ts";
import { pngUrl } from "../slices/png.ts";
import { headOutline } from "./head-outline.ts";
import type { FlatSensor } from "./head-projection.ts";
import { flatten } from "./head-projection.ts";
import { solve } from "./solve.ts";

const size = 96; // pixels of the interpolated picture
const edge = 1.25; // disc coordinates run over -edge ... edge

const green = (r: number): number => (r > 0 ? r * r * (Math.log(r) - 1) : 0);

/**
 * Values on a size x size grid over the disc, [row][column], row 0 at the nose; NaN without three electrodes, and farther than
 * `nearest` from every one.
 */
export function interpolateScalp(
  points: readonly { readonly u: number; readonly v: number; readonly value: number }[],
  nearest: number = Number.POSITIVE_INFINITY,
): Float32Array {
  const out = new Float32Array(size * size).fill(Number.NaN);
  const mean = points.reduce((sum, p) => sum + p.value, 0) / Math.max(1, points.length);
  const matrix = points.map((p) => Float64Array.from(points, (q) => green(Math.hypot(p.u - q.u, p.v - q.v))));
  const weights =
    points.length >= 3
      ? solve(
          matrix,
          points.map((p) => p.value - mean),
        )
      : undefined;
  if (!weights) return out;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const u = ((column + 0.5) / size) * 2 * edge - edge;
      const v = edge - ((row + 0.5) / size) * 2 * edge;
      if (points.every((p) => Math.hypot(u - p.u, v - p.v) > nearest)) continue;
      let sum = mean;
      for (const [j, p] of points.entries()) sum += (weights[j] as number) * green(Math.hypot(u - p.u, v - p.v));
      out[row * size + column] = sum;
    }
  }
  return out;
}

export function topographyRange({
  values,
  range,
  scale = 1,
  colourMap = "cividis",
}: Topography): readonly [number, number] {
  if (range) return range;
  const shown = values.map(({ value }) => value * scale).filter(Number.isFinite);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  if (colourMap === "cool-warm") {
    const most = Math.max(Math.abs(low), Math.abs(high), 1e-12);
    return [-most, most];
  }
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}

export function scalpMap(topography: Topography, sensors: readonly Sensor[]): Html {
  const { name, unit, scale = 1, colourMap = "cividis" } = topography;
  const flat = new Map(flatten(sensors.filter((s) => s.kind === "electrode")).map((s) => [s.name, s]));
  const points = topography.values.flatMap(({ channel, value }) => {
    const at = flat.get(channel);
    return at && Number.isFinite(value) ? [{ ...at, value: value * scale }] : [];
  });
  const range = topographyRange(topography);
  const values = interpolateScalp(points, topography.nearest);
  const table = colourTable(colourMap);
  const pixels = new Uint8Array(size * size * 4);
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if (!Number.isFinite(v)) continue;
    const t = Math.min(1, Math.max(0, (v - range[0]) / (range[1] - range[0])));
    pixels.set([...(table[Math.round(255 * t)] ?? [0, 0, 0]), 255], 4 * i);
  }
  const reach = Math.min(1.18, Math.max(1, ...points.map((p) => Math.hypot(p.u, p.v) + 0.06)));
  const clip = `scalp-${slug(name)}-${points.length}`;
  const levels = [1, 2, 3, 4, 5].map((k) => range[0] + (k / 6) * (range[1] - range[0]));
  const lines = levels.map((level) => contourPath(values, size, level)).join("");
  const unplaced = topography.values.length - points.length;
  return html`<figure class="scalp"><svg viewBox="-1.45 -1.4 2.9 2.68" role="img" aria-label="Scalp map ${name} in ${unit}, seen from above, nose up, patient's left on the viewer's left">
<clipPath id="${clip}"><circle r="${reach.toFixed(3)}"/></clipPath>
<g clip-path="url(#${clip})"><image x="${-edge}" y="${-edge}" width="${2 * edge}" height="${2 * edge}" href="${trusted(pngUrl({ width: size, height: size, channels: 4, pixels }))}"/>
<path transform="translate(${-edge} ${-edge}) scale(${(2 * edge) / size}) translate(.5 .5)" d="${trusted(lines)}" fill="none" stroke="#000" stroke-opacity=".35" stroke-width=".5"/></g>
${headOutline(reach)}${points.map(electrode)}</svg>
<figcaption><strong>${name}</strong> (${unit})${colourBar({ name, unit, range, colourMap, alpha: false })}${unplaced > 0 ? html`<span class="muted">${unplaced} of ${topography.values.length} channels have no position and are not drawn.</span>` : ""}</figcaption></figure>`;
}

function electrode({ u, v, name, value }: FlatSensor & { readonly value: number }): Html {
  return html`<circle cx="${u.toFixed(3)}" cy="${(-v).toFixed(3)}" r=".028" fill="#111" stroke="#fff" stroke-width=".012"><title>${name}: ${value.toPrecision(3)}</title></circle>`;
}
