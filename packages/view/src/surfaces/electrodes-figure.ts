/** Electrodes where they stand on a head's scalp, from four sides. */
import type { Sensor, Surface } from "@quintet/core";
import type { Html } from "../report/html.ts";
import { html, trusted } from "../report/html.ts";
import { pngUrl } from "../slices/png.ts";
import { sphereCentre } from "../topography/head-projection.ts";
import { onPicture, type SurfaceView, surfacePicture } from "./surface-view.ts";

const sides: readonly SurfaceView[] = ["left lateral", "right lateral", "superior", "posterior"];
/** Pixels a mm: the head is smooth. */
const scale = 1.2;
/** Cosine to the viewer below which an electrode is behind the head or on its rim. */
const facing = 0.15;

/** @param bad names of channels that were left out: drawn hollow */
export function electrodesFigure(scalp: Surface, sensors: readonly Sensor[], bad: readonly string[]): Html {
  const placed = sensors.flatMap(({ name, kind, position }) =>
    kind === "electrode" && position ? [{ name, position }] : [],
  );
  if (placed.length === 0) return html``;
  const centre = sphereCentre(placed.map(({ position }) => position));
  const paint = {
    values: new Float32Array(scalp.vertices.length / 3).fill(Number.NaN),
    range: [0, 1],
    colourMap: "cividis",
  } as const;
  const figures = sides.map((view) => {
    const picture = surfacePicture([{ surface: scalp, paint }], { view, scale });
    const at = onPicture([scalp], { view, scale });
    const { depth: middle } = at(centre);
    const dots = placed.flatMap(({ name, position }) => {
      const { x, y, depth } = at(position);
      const away = Math.hypot(position[0] - centre[0], position[1] - centre[1], position[2] - centre[2]);
      if (depth - middle < facing * away) return [];
      const out = bad.includes(name);
      return [
        html`<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3.6" fill="${out ? "none" : "#0a639a"}" stroke="${out ? "#a3203a" : "#fff"}" stroke-width="${out ? 1.6 : 0.8}"><title>${name}${out ? ", bad" : ""}</title></circle><text x="${x.toFixed(1)}" y="${(y - 5).toFixed(1)}" text-anchor="middle">${name}</text>`,
      ];
    });
    return html`<figure><svg viewBox="0 0 ${picture.width} ${picture.height}" role="img" aria-label="Electrodes on the scalp, ${view}: ${dots.length} in view"><image width="${picture.width}" height="${picture.height}" href="${trusted(pngUrl(picture))}"/>${dots}</svg><figcaption>${view}</figcaption></figure>`;
  });
  return html`<div class="onhead">${figures}</div>`;
}
