/** The first screen: what was found, where, how sure, what is missing; then the place itself on three planes. */
import { modalities } from "@quintet/core";
import { verticalExtent } from "../slices/field-of-view.ts";
import { axisName } from "../slices/plane.ts";
import { sliceFigure } from "../slices/slice-figure.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ReportModel } from "./model.ts";
import type { Scene } from "./scene.ts";
import { conventionWords, findingMarker, layerVariable, planeNames, startOpacity } from "./scene.ts";
import { modalityName, modalityTag, placeName, pointText } from "./words.ts";

export function answerSection(model: ReportModel, scene: Scene | undefined): Html {
  const { answer, findings } = model;
  const best = answer.found ? findings[0] : undefined;
  return html`<section id="answer" class="answer" aria-labelledby="answer-h">
<div class="words"><p class="eyebrow">${answer.found ? "What was found" : "Result"}</p>
<h1 id="answer-h">${answer.headline}</h1><p class="lead">${answer.summary}</p></div>
<div class="tiles">
<div class="tile"><h2>Where</h2>${
    best
      ? html`<p class="big">${placeName(best.region, best.side)}</p><p>${best.position ? html`centre ${pointText(best.position)}${best.positionError === undefined ? "" : html`, ±${best.positionError.toFixed(0)} mm (1 SD)`}` : "no point position: the evidence names a region only"}</p>${scene ? html`<p><a href="#fused">See it in all modalities</a></p>` : ""}`
      : html`<p class="big">No place named</p><p>No region reached the rule of a finding.</p>`
  }</div>
<div class="tile"><h2>How sure</h2>${pointers(model)}<p>${answer.confidence} <a href="#findings">See the evidence</a>.</p></div>
<div class="tile"><h2>What is missing</h2>${missing(model)}${answer.warnings.length > 0 ? html`<div class="care" role="note"><h2>Read with care</h2><ul class="plain">${answer.warnings.map((w) => html`<li>${w}</li>`)}</ul></div>` : ""}</div></div>
${scene ? stack(model, scene) : html`<p class="empty">No anatomical MRI in this study: no slices can be shown.</p>`}</section>`;
}

function pointers({ answer, findings, availability }: ReportModel): Html {
  const best = answer.found ? findings[0] : undefined;
  const pointing = new Set(best?.evidence.map((e) => e.modality));
  const marks = modalities.map((modality) => {
    const there = availability.some((a) => a.modality === modality && a.present);
    const state = !there ? "absent" : pointing.has(modality) ? "points" : "silent";
    const said = { absent: "not in this study", points: "points here", silent: "does not point here" }[state];
    return html`<li class="${state}"><span class="pip" aria-hidden="true">${{ absent: "–", points: "●", silent: "○" }[state]}</span>${modalityName[modality]}<span class="sr"> ${said}</span></li>`;
  });
  const head = best ? `${best.pointing} of ${best.available} modalities point here` : "No agreement on one place";
  return html`<p class="big">${head}</p><ul class="pips">${marks}</ul><p class="muted small">● points here, ○ does not, – not in this study</p>`;
}

function missing({ answer, availability }: ReportModel): Html {
  const absent = availability.filter((a) => !a.present);
  if (absent.length + answer.missing.length === 0)
    return html`<p class="big">No modality</p><p>All five are there.</p>`;
  return html`<ul class="plain">${absent.map((a) => html`<li>${modalityTag(a.modality)} ${a.note}</li>`)}${answer.missing.map((m) => html`<li>${m}</li>`)}</ul>`;
}

function stack(model: ReportModel, scene: Scene): Html {
  const { layers, findings } = model;
  const best = findings.find((f) => f.position);
  const { base } = scene;
  const figures = planeNames.map((plane) => {
    const slice = scene.cut(plane, scene.crosshair, scene.pixel);
    const picture = sliceFigure(slice, {
      pictures: [
        { id: scene.anatomyPicture(slice) },
        ...layers.map((layer) => ({
          id: scene.layerPicture(slice, layer),
          opacity: startOpacity(layer, layers),
          variable: layerVariable(layer),
        })),
      ],
      crosshair: scene.crosshair,
      ...findingMarker(model),
      label: `${plane} plane at ${axisName[plane]} = ${slice.at.toFixed(0)} mm: ${base} with ${layers.map((l) => l.name).join(", ") || "no layer"}`,
    });
    return html`<figure${plane === "axial" ? html` id="big-axial"` : ""}>${picture}</figure>`;
  });
  const controls = layers.map((layer) => {
    const start = startOpacity(layer, layers);
    const id = layerVariable(layer);
    return html`<div class="control"><label><input type="checkbox" data-toggle="${id}"${start > 0 ? html` checked` : ""}> ${modalityTag(layer.modality)} ${layer.name}</label>
<input type="range" min="0" max="1" step="0.05" value="${start > 0 ? start : (layer.opacity ?? 0.7)}" data-opacity="${id}" aria-label="Opacity of ${layer.name}"></div>`;
  });
  const shown = layers.filter((layer) => startOpacity(layer, layers) > 0).map((l) => l.name);
  return html`<div class="panel stack" id="stack"><div class="planes three">${figures}</div>
<p class="caption">Planes through ${scene.crosshairLabel} at ${pointText(scene.crosshair)}; ${base}${shown.length > 0 ? html` with <span class="shown">${shown.join(", ")}</span>` : ""}.${best?.positionError === undefined ? "" : " Dashed circle: one SD of the position."} <span data-level-note></span> ${conventionWords(scene)}</p>
<div class="controls" data-js>${controls}<div class="control"><button type="button" data-convention aria-pressed="false">Show as ${scene.convention === "RAD" ? "neurological" : "radiological"} (R)</button> <button type="button" data-home hidden>Back to the crosshair’s level</button></div><p class="keys">Keys: 1 to ${layers.length} switch layers, R turns the view.</p></div></div>`;
}

export function levelsSection(model: ReportModel, scene: Scene): Html {
  const { layers } = model;
  const { anatomy, view } = scene;
  const [bottom, top] = (anatomy.brain && verticalExtent(anatomy.brain)) ?? [
    view.centre[2] - 0.3 * view.side,
    view.centre[2] + 0.3 * view.side,
  ];
  const levels = Array.from({ length: 12 }, (_, i) => top - ((i + 0.5) / 12) * (top - bottom));
  const used = layers.filter((layer) => layer.kind === "image");
  const cells = levels.map((z) => {
    const slice = scene.cut("axial", [scene.crosshair[0], scene.crosshair[1], Math.round(z)], 1.5 * scene.pixel);
    const picture = sliceFigure(slice, {
      pictures: [
        { id: scene.anatomyPicture(slice) },
        ...used.map((layer) => ({
          id: scene.layerPicture(slice, layer),
          opacity: startOpacity(layer, layers),
          variable: layerVariable(layer),
        })),
      ],
      crosshair: scene.crosshair,
      ...findingMarker(model),
      label: `Axial level z = ${Math.round(z)} mm`,
    });
    return html`<button type="button" class="level" data-level="${Math.round(z)}" aria-label="Show axial level z = ${Math.round(z)} mm large">${picture}</button>`;
  });
  return html`<section id="levels" aria-labelledby="levels-h"><h2 id="levels-h">Axial levels</h2>
<p>The same layers from top to bottom. A click on a level shows it large; the sliders act on all.</p>
<div class="panel"><div class="planes levels">${cells}</div></div></section>`;
}
