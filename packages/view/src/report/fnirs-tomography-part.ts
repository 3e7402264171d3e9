/** Haemoglobin on the cortex: cuts of the T1 with the outline of what the montage sees, and the partial pathlength factors. */
import { colourBar } from "../colour/colour-bar.ts";
import { contourPath } from "../slices/contour.ts";
import { axisName } from "../slices/plane.ts";
import { sampleSlice } from "../slices/sample.ts";
import { sliceFigure } from "../slices/slice-figure.ts";
import type { FnirsTomography } from "./fnirs-tomography-view.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ImageLayer } from "./model.ts";
import type { Scene } from "./scene.ts";
import { conventionWords, planeNames } from "./scene.ts";
import { count, pointText } from "./words.ts";

/** Stands out on gray, red and blue. */
const outlineColour = "#f0e442";
/** Kinds of events that are drawn; the images of all are kept. */
const mostDrawn = 3;

export function fnirsTomographyPart(tomography: FnirsTomography, scene: Scene | undefined): Html {
  const { note, maps, resolution } = tomography;
  const drawn = maps.slice(0, mostDrawn);
  const left = maps.slice(mostDrawn).map(({ condition }) => condition);
  return html`<h3>On the cortex by optical tomography</h3><p>${note}</p>
<p>A single point comes out ${resolution.localisation.toFixed(0)} mm off and ${resolution.fwhm.toFixed(0)} mm wide (medians, without noise). ${drawn.length > 0 ? "The images are no test: noise too has a largest value." : "Why there is no image of haemoglobin stands with the quality findings."}${left.length > 0 ? ` Not drawn, but kept: ${left.join(", ")}.` : ""}</p>
${scene ? sensitivityPanel(tomography, scene) : ""}${scene ? drawn.map((map) => conditionPanel(tomography, map, scene)) : ""}${factorTable(tomography)}`;
}

function sensitivityPanel(tomography: FnirsTomography, scene: Scene): Html {
  const { sensitivity, best } = tomography;
  return html`<h4>Where the montage looks</h4><div class="panel"><div class="planes three">${cuts(tomography, sensitivity, best, scene)}</div>${colourBar(sensitivity)}<p class="caption">${sensitivity.name}, ${sensitivity.unit}, cut through the cortex seen best at ${pointText(best)}. ${sensitivity.note} Yellow line: ${percent(tomography)} of it. ${conventionWords(scene)}</p></div>`;
}

function conditionPanel(
  tomography: FnirsTomography,
  { condition, events, hbo, hbr, peak }: FnirsTomography["maps"][number],
  scene: Scene,
): Html {
  return html`<h4>${condition} <span class="muted">${count(events, "event")}</span></h4><div class="panel">${[
    hbo,
    hbr,
  ].map(
    (layer) =>
      html`<div class="planes three">${cuts(tomography, layer, peak.place, scene)}</div>${colourBar(layer)}<p class="caption">${layer.name}: ${layer.unit}, the ends at ±${layer.range[1].toPrecision(2)}.</p>`,
  )}<p class="caption">Cut through the largest HbO, ${signed(peak.hbo)} µM (HbR there ${signed(peak.hbr)} µM) at ${pointText(peak.place)}; of grey matter that changes alone. Each scale ends at its own largest, clear below a quarter of it. Yellow line: where the light’s path is at least ${percent(tomography)} of the cortex’s largest. ${conventionWords(scene)}</p></div>`;
}

function cuts(
  tomography: FnirsTomography,
  layer: ImageLayer,
  through: readonly [number, number, number],
  scene: Scene,
) {
  return planeNames.map((plane) => {
    const slice = scene.cut(plane, through, scene.pixel);
    const path = contourPath(sampleSlice(slice, tomography.sensitivity.volume), slice.size, tomography.outline);
    return html`<figure>${sliceFigure(slice, {
      pictures: [{ id: scene.anatomyPicture(slice) }, { id: scene.layerPicture(slice, layer), opacity: 0.85 }],
      contours: [{ path, colour: outlineColour }],
      crosshair: through,
      label: `${layer.name} over ${scene.base}, ${plane} plane at ${axisName[plane]} = ${slice.at.toFixed(0)} mm`,
    })}</figure>`;
  });
}

function percent({ outline, sensitivity }: FnirsTomography): string {
  return `${((100 * outline) / sensitivity.range[1]).toFixed(0)} %`;
}

function signed(value: number): string {
  return value.toFixed(2).replace("-", "−");
}

function factorTable({ factors }: FnirsTomography): Html {
  const tissues = Object.keys(factors[0]?.factors ?? {});
  const order = [...new Set(factors.map(({ pair }) => pair))];
  const byPair = factors.toSorted(
    (a, b) => order.indexOf(a.pair) - order.indexOf(b.pair) || a.wavelength - b.wavelength,
  );
  const rows = byPair.map(
    (row) =>
      html`<tr><th scope="row">${row.pair}</th><td class="num">${row.distance.toFixed(0)}</td><td class="num">${row.wavelength}</td>${tissues.map((tissue) => html`<td class="num">${(row.factors[tissue] ?? 0).toFixed(2)}</td>`)}</tr>`,
  );
  return html`<div class="scroll tall"><table><caption>Partial pathlength factors: mean path in each tissue over the distance. A tissue that changes alone is measured with its own.</caption><thead><tr><th scope="col">Pair</th><th scope="col" class="num">Distance, mm</th><th scope="col" class="num">nm</th>${tissues.map((tissue) => html`<th scope="col" class="num">${tissue === "csf" ? "CSF" : tissue}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
