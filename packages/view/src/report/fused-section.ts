/** Every modality on the same three planes: one row each, with its own colour bar, unit and caveat. */
import { modalities } from "@quintet/core";
import { colourBar } from "../colour/colour-bar.ts";
import { readable } from "../plots/axis.ts";
import { axisName } from "../slices/plane.ts";
import type { SliceFigureOptions } from "../slices/slice-figure.ts";
import { sliceFigure } from "../slices/slice-figure.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { Layer, ReportModel } from "./model.ts";
import type { Scene } from "./scene.ts";
import { conventionWords, findingMarker, planeNames, sensorDots } from "./scene.ts";
import { modalityName, modalityTag, pointText } from "./words.ts";

export function fusedSection(model: ReportModel, scene: Scene): Html {
  const rows = modalities.flatMap((modality) => {
    const layers = model.layers.filter((layer) => layer.modality === modality);
    const first =
      modality === "mri" && model.availability.some((a) => a.modality === "mri" && a.present)
        ? [anatomyRow(model, scene)]
        : [];
    if (first.length + layers.length > 0) return [...first, ...layers.map((layer) => layerRow(model, scene, layer))];
    const note = model.availability.find((a) => a.modality === modality)?.note ?? "not in this study";
    return [
      html`<div class="fusedrow absent"><div class="about">${modalityTag(modality)}</div><p>${modalityName[modality]}: ${note}</p></div>`,
    ];
  });
  return html`<section id="fused" aria-labelledby="fused-h"><h2 id="fused-h">Five modalities on the same three planes</h2>
<p>All rows are cut through ${scene.crosshairLabel} at ${pointText(scene.crosshair)}, axial, coronal and sagittal, over the ${scene.base} image. ${conventionWords(scene)}</p>
<div class="panel fused">${rows}</div></section>`;
}

function row(
  model: ReportModel,
  scene: Scene,
  about: Html,
  label: string,
  options: (plane: (typeof planeNames)[number]) => Partial<SliceFigureOptions>,
): Html {
  const figures = planeNames.map((plane) => {
    const slice = scene.cut(plane, scene.crosshair, scene.pixel);
    const { pictures = [], ...rest } = options(plane);
    return html`<figure>${sliceFigure(slice, {
      pictures: [{ id: scene.anatomyPicture(slice) }, ...pictures],
      crosshair: scene.crosshair,
      ...findingMarker(model),
      label: `${label}, ${plane} plane at ${axisName[plane]} = ${slice.at.toFixed(0)} mm`,
      ...rest,
    })}</figure>`;
  });
  return html`<div class="fusedrow"><div class="about">${about}</div><div class="planes three">${figures}</div></div>`;
}

function anatomyRow(model: ReportModel, scene: Scene): Html {
  return row(
    model,
    scene,
    html`${modalityTag("mri")}<h3>${scene.base} anatomy</h3><p>Gray, arbitrary units. All other rows are shown in its world coordinates.</p>`,
    `${scene.base} anatomy`,
    () => ({}),
  );
}

function layerRow(model: ReportModel, scene: Scene, layer: Layer): Html {
  const error = layer.registrationError;
  const about = html`${modalityTag(layer.modality)}<h3>${layer.name}</h3>${colourBar(layer)}<p class="unit">${layer.unit === "1" ? "ratio" : layer.unit}${layer.threshold === undefined ? "" : html`; shown where the size is at least ${readable(layer.threshold)}`}</p>
<p>${layer.note}</p>${error === undefined ? "" : html`<p>Expected registration error <a href="#registration">${error.toFixed(1)} mm</a>.</p>`}${layer.kind === "sensors" ? html`<p>Painted on the brain under each sensor: a projection, <strong>not a source estimate</strong>.</p>` : ""}`;
  return row(model, scene, about, `${modalityName[layer.modality]} ${layer.name} over ${scene.base}`, (plane) => {
    const slice = scene.cut(plane, scene.crosshair, scene.pixel);
    return {
      pictures: [{ id: scene.layerPicture(slice, layer), opacity: layer.opacity ?? 0.75 }],
      sensors: sensorDots(layer),
    };
  });
}
