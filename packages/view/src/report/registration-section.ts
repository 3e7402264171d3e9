/** Is each image where it should be? Edges of the moving image over the T1, with the expected error. */
import type { Point } from "@quintet/core";
import { frameData } from "@quintet/core";
import { readable } from "../plots/axis.ts";
import { contourPath } from "../slices/contour.ts";
import { quantiles } from "../slices/field-of-view.ts";
import { axisName } from "../slices/plane.ts";
import { sampleSlice } from "../slices/sample.ts";
import { sliceFigure } from "../slices/slice-figure.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { RegistrationCheck, ReportModel } from "./model.ts";
import type { Scene } from "./scene.ts";
import { planeNames } from "./scene.ts";
import { modalityTag, verdictMark } from "./words.ts";

/** Contour levels as shares of the image's 98th percentile: the head or brain edge, and the bright tissue. */
const levels = [
  { share: 0.35, colour: "#ffd54a", width: 0.9 },
  { share: 0.65, colour: "#ff7ac0", width: 0.9 },
] as const;
const offMidline = 15; // mm to the left, so that the sagittal cut meets tissue and not the cleft
const contourPixel = 1.4; // mm: finer than any moving image, and keeps the paths short

export function registrationSection(model: Pick<ReportModel, "registrations">, scene: Scene): Html {
  return html`<section id="registration" aria-labelledby="registration-h"><h2 id="registration-h">Registration checks</h2>
<p>Lines are the moving image’s own edges, drawn over the ${scene.base} through the middle of the brain (sagittal: 15 mm to its left): <span class="line-a">yellow</span> at 35 % and <span class="line-b">pink</span> at 65 % of its 98th percentile. They should follow the brain’s outline and its grey matter. The expected error is the target registration error to be reckoned with inside the brain.</p>
${model.registrations.length === 0 ? html`<p class="empty">Nothing had to be registered.</p>` : model.registrations.map((check) => checkRow(check, scene))}</section>`;
}

/** Two passes of a 3 x 3 binomial filter, so that contours follow edges and not single noisy voxels. */
function softened(values: Float32Array, size: number): Float32Array {
  let from = values;
  for (const step of [1, size, 1, size]) {
    const to = from.slice();
    for (let i = step; i + step < from.length; i++) {
      to[i] = ((from[i - step] as number) + 2 * (from[i] as number) + (from[i + step] as number)) / 4;
    }
    from = to;
  }
  return from;
}

function checkRow(check: RegistrationCheck, scene: Scene): Html {
  const [top = 1] = quantiles(frameData(check.volume, 0), [0.98]);
  const [x, y, z] = scene.centre;
  const through: Point = [x - offMidline, y, z];
  const figures = planeNames.map((plane) => {
    const coarse = scene.cut(plane, through, Math.max(contourPixel, scene.pixel));
    const values = softened(sampleSlice(coarse, check.volume, check.toAnatomy), coarse.size);
    return html`<figure>${sliceFigure(coarse, {
      pictures: [{ id: scene.anatomyPicture(scene.cut(plane, through, 1.25 * scene.pixel)) }],
      contours: levels.map(({ share, colour, width }) => ({
        path: contourPath(values, coarse.size, share * top),
        colour,
        width,
      })),
      label: `Edges of ${check.name} over ${scene.base}, ${plane} plane at ${axisName[plane]} = ${coarse.at.toFixed(0)} mm`,
    })}</figure>`;
  });
  const known = check.knownError;
  return html`<div class="panel check"><div class="about">${modalityTag(check.modality)}<h3>${check.name}</h3><p>${verdictMark(check.verdict)}</p>
<dl><dt>Expected error</dt><dd><strong>${check.expectedError.toFixed(1)} mm</strong></dd><dt>${check.qualityName}</dt><dd>${readable(check.quality, 4)}</dd>${
    known
      ? html`<dt>Known error</dt><dd><strong>${known.found.toFixed(2)} mm</strong> (limit ${known.limit} mm) ${known.note}</dd>`
      : ""
  }</dl><p>${check.note}</p></div><div class="planes three">${figures}</div></div>`;
}
