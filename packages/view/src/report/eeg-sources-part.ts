/** Where averaged spikes come from: cuts of the T1 through the largest source, and the cortex from outside and from the middle. */
import { colourBar } from "../colour/colour-bar.ts";
import { axisName } from "../slices/plane.ts";
import { pngUrl } from "../slices/png.ts";
import { sliceFigure } from "../slices/slice-figure.ts";
import { type SurfaceView, surfacePicture } from "../surfaces/surface-view.ts";
import type { EegSources } from "./eeg-view.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ReportModel } from "./model.ts";
import type { Scene } from "./scene.ts";
import { conventionWords, planeNames } from "./scene.ts";
import { pointText } from "./words.ts";

const views: readonly SurfaceView[] = [
  "left lateral",
  "left medial",
  "right lateral",
  "right medial",
  "superior",
  "inferior",
];

export function eegSourcesPart(model: ReportModel, scene: Scene | undefined, sources: EegSources): Html {
  return html`<h3>Where the spikes come from</h3><p>${sources.note}</p>${scene ? cuts(model, scene, sources) : ""}${sources.cortex ? onCortex(sources.cortex) : ""}`;
}

function cuts(model: ReportModel, scene: Scene, { largest, layer: id, dipole }: EegSources): Html {
  const layer = model.layers.find((one) => one.id === id);
  if (!layer) return html``;
  const marker = dipole && { position: dipole.position, radius: Math.max(4, Math.min(40, ...dipole.axes)) };
  const figures = planeNames.map((plane) => {
    const slice = scene.cut(plane, largest, scene.pixel);
    return html`<figure>${sliceFigure(slice, {
      pictures: [{ id: scene.anatomyPicture(slice) }, { id: scene.layerPicture(slice, layer), opacity: 0.75 }],
      crosshair: largest,
      ...(marker ? { marker } : {}),
      label: `${layer.name} over ${scene.base}, ${plane} plane at ${axisName[plane]} = ${slice.at.toFixed(0)} mm`,
    })}</figure>`;
  });
  return html`<div class="panel"><div class="planes three">${figures}</div>${colourBar(layer)}<p class="caption">${layer.name}, standard deviations of the noise, cut through the largest at ${pointText(largest)}.${dipole ? html` Dashed circle: the single dipole at ${pointText(dipole.position)}, as wide as the shortest half axis of its ellipsoid (4 mm at least).` : ""} ${conventionWords(scene)}</p></div>`;
}

function onCortex({ parts, unit, range, threshold, note }: NonNullable<EegSources["cortex"]>): Html {
  const painted = parts.map(({ name, surface, values }) => ({
    name,
    surface,
    paint: { values, range, colourMap: "inferno", hide: [Number.NEGATIVE_INFINITY, threshold] } as const,
  }));
  const figures = views.map((view) => {
    const side = view.startsWith("right") ? "R" : view.startsWith("left") ? "L" : undefined;
    const shown = painted.filter(({ name }) => side === undefined || name === side);
    if (shown.length === 0) return html``;
    const picture = surfacePicture(shown, { view, scale: 1.5 });
    return html`<figure><img src="${pngUrl(picture)}" width="${picture.width}" height="${picture.height}" alt="Sources on the cortex, ${view}"><figcaption>${view}</figcaption></figure>`;
  });
  return html`<h4>On the cortex</h4><div class="panel"><div class="oncortex">${figures}</div>${colourBar({ name: "Sources on the cortex", unit, range, threshold, colourMap: "inferno", alpha: false })}<p class="caption">${note} Gray below ${threshold.toFixed(1)}.</p></div>`;
}
