/** The head the others stand on: tissue classes and surfaces over the anatomy, and their numbers. */
import type { Point } from "@quintet/core";
import { cssColour, type Rgb } from "../colour/colour-map.ts";
import { meshContourPath } from "../slices/mesh-contour.ts";
import { paintLabels } from "../slices/paint-labels.ts";
import { axisName } from "../slices/plane.ts";
import { type SliceFigureOptions, sliceFigure } from "../slices/slice-figure.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { HeadView, ReportModel } from "./model.ts";
import type { Scene } from "./scene.ts";
import { conventionWords, planeNames } from "./scene.ts";
import { modalityTag } from "./words.ts";

const offMidline = 12; // mm to the left: the sagittal cut meets cortex, not the cleft

/** Told apart without colour vision too: they differ in lightness in the order of the list. */
const tissueColours: readonly Rgb[] = [
  [253, 231, 176],
  [226, 135, 67],
  [86, 180, 233],
  [130, 130, 150],
  [245, 245, 245],
  [60, 60, 120],
  [0, 158, 115],
];

export function headSection(model: ReportModel, scene: Scene): Html {
  const { head } = model;
  if (!head) return html``;
  const rows = [head.tissues ? tissueRow(head, head.tissues, scene) : "", surfaceRow(head, scene)];
  return html`<section id="head" aria-labelledby="head-h"><h2 id="head-h">The head</h2>
<p>${head.note} ${conventionWords(scene)}</p><div class="panel fused">${rows}</div></section>`;
}

function row(scene: Scene, about: Html, label: string, options: (at: Cut) => Partial<SliceFigureOptions>): Html {
  const [x, y, z] = scene.centre;
  const through: Point = [x - offMidline, y, z];
  const figures = planeNames.map((plane) => {
    const slice = scene.cut(plane, through, scene.pixel);
    const { pictures = [], ...rest } = options({ slice, key: `${plane}` });
    return html`<figure>${sliceFigure(slice, {
      pictures: [{ id: scene.anatomyPicture(slice) }, ...pictures],
      label: `${label}, ${plane} plane at ${axisName[plane]} = ${slice.at.toFixed(0)} mm`,
      ...rest,
    })}</figure>`;
  });
  return html`<div class="fusedrow"><div class="about">${modalityTag("mri")}${about}</div><div class="planes three">${figures}</div></div>`;
}

interface Cut {
  readonly slice: ReturnType<Scene["cut"]>;
  readonly key: string;
}

function tissueRow(head: HeadView, tissues: NonNullable<HeadView["tissues"]>, scene: Scene): Html {
  const colours = new Map(
    [...tissues.names.keys()].map((label, i) => [label, tissueColours[i % tissueColours.length] as Rgb]),
  );
  const legend = [...tissues.names].map(([label, name]) => keyLine(cssColour(colours.get(label) as Rgb), name));
  return row(
    scene,
    html`<h3>Tissue</h3><ul class="keys-list">${legend}</ul><p>${head.tissueNote ?? ""}</p>`,
    `Tissue classes over ${scene.base}`,
    ({ slice, key }) => ({
      pictures: [{ id: scene.store.add(`tissue-${key}`, () => paintLabels(slice, tissues, colours)), opacity: 0.6 }],
    }),
  );
}

function surfaceRow(head: HeadView, scene: Scene): Html {
  if (head.surfaces.length === 0) return html``;
  return row(
    scene,
    html`<h3>Surfaces</h3><ul class="keys-list one">${head.surfaces.map(({ name, colour, surface }) =>
      keyLine(colour, `${name}, ${(surface.vertices.length / 3).toLocaleString("en")} vertices`),
    )}</ul><p>${head.surfaceNote ?? ""}</p>`,
    `Surfaces over ${scene.base}`,
    ({ slice }) => ({
      contours: head.surfaces.map(({ surface, colour }) => ({ path: meshContourPath(slice, surface), colour })),
    }),
  );
}

function keyLine(colour: string, words: string): Html {
  return html`<li><i style="background:${colour}"></i>${words}</li>`;
}
