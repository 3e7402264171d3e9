/** One self-contained page of a dopamine transporter SPECT: the striata, their binding ratios by side, how they were measured. */
import type { LabelVolume, Measure, Point, Volume } from "@quintet/core";
import { colourBar } from "../colour/colour-bar.ts";
import { readable } from "../plots/axis.ts";
import { sidesPlot } from "../plots/sides-plot.ts";
import { contourPath } from "../slices/contour.ts";
import { maskCentre } from "../slices/field-of-view.ts";
import type { PlaneName } from "../slices/plane.ts";
import { axisName } from "../slices/plane.ts";
import { sampleMask } from "../slices/sample.ts";
import { sliceFigure } from "../slices/slice-figure.ts";
import { commandPage, type PageMaker } from "./command-page.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { Anatomy, ImageLayer, RegistrationCheck } from "./model.ts";
import { registrationSection } from "./registration-section.ts";
import { conventionWords, type Scene, sceneOf } from "./scene.ts";
import { phrase, sentenceCase, zText } from "./words.ts";

export interface DatView {
  readonly source: string;
  /** What the page says first. */
  readonly answer: string;
  /** The image over the mean of its reference region, in the anatomy's world. */
  readonly ratio: Volume;
  /** The T1; without one the image is shown over itself. */
  readonly t1?: Anatomy;
  /** Parts of both striata, named with their sides. */
  readonly striatal: LabelVolume;
  readonly reference: string;
  readonly measures: readonly Measure[];
  /** What the standard errors are of, behind "one standard error, ". */
  readonly errors: string;
  /** How it was measured, and what is not there: one sentence each. */
  readonly notes: readonly string[];
  readonly registrations: readonly RegistrationCheck[];
}

/** mm between the axial cuts: a striatum is some 25 mm high. */
const apart = 8;
const outline = "#7fe7ff";
const colour = "#6d429a";

export function renderDatPage(view: DatView, { software, generatedAt }: PageMaker): string {
  const middle = middleOf(view.striatal, /./);
  const anatomy: Anatomy = view.t1 ?? { t1: view.ratio, name: "SPECT" };
  const scene = sceneOf(
    { findings: [], crosshair: { position: middle, label: "the middle of both striata" } },
    anatomy,
    "RAD",
    1,
  );
  const layer = ratioLayer(view);
  const up = (by: number): Point => [middle[0], middle[1], middle[2] + by];
  const cuts: readonly (readonly [PlaneName, Point])[] = [
    ["axial", up(-apart)],
    ["axial", middle],
    ["axial", up(apart)],
    ["coronal", middle],
    ["sagittal", middleOf(view.striatal, /^right .*putamen/)],
    ["sagittal", middleOf(view.striatal, /^left .*putamen/)],
  ];
  const figures = cuts.map(([plane, through]) => cutFigure(scene, layer, view.striatal, plane, through));
  const checks = view.registrations.length === 0 ? "" : registrationSection(view, scene);
  return commandPage(
    {
      title: "Dopamine transporter SPECT",
      source: view.source,
      software,
      generatedAt,
      bodyClass: "rad",
      store: scene.store.markup(),
    },
    html`<section><h1>Dopamine transporter SPECT</h1><p><strong>${view.answer}</strong></p>
<p>Counts over the mean of the reference (${view.reference}); a binding ratio is that less one. Outlined: caudate, anterior and posterior putamen, as measured. ${conventionWords(scene)}</p>
<div class="panel fused"><div class="fusedrow"><div class="about"><h3>${layer.name}</h3>${colourBar(layer)}<p class="unit">${layer.unit}</p><p>${layer.note}</p></div><div class="planes three">${figures}</div></div></div></section>
${sidesPart(view)}${tablePart(view.measures)}
<section><h2>How it was measured</h2><ul>${view.notes.map((note) => html`<li>${note}</li>`)}</ul></section>${checks}`,
  );
}

/** RAS mm. */
function middleOf(striatal: LabelVolume, wanted: RegExp): Point {
  const own = new Set([...striatal.names].flatMap(([label, name]) => (wanted.test(name) ? [label] : [])));
  const mask = { ...striatal, data: Uint8Array.from(striatal.data, (label) => (own.has(label) ? 1 : 0)) };
  return maskCentre(mask) ?? [0, 0, 0];
}

function ratioLayer({ ratio, t1 }: DatView): ImageLayer {
  const top = ratio.data.reduce((most, v) => Math.max(most, v), 1);
  return {
    kind: "image",
    id: "ratio",
    modality: "spect",
    name: "Uptake",
    unit: "times the reference",
    volume: ratio,
    range: [0, Math.ceil(top)],
    colourMap: "inferno",
    note: t1 ? "Over the T1." : "No T1 was given: regions lie where the image's header says.",
  };
}

function cutFigure(scene: Scene, layer: ImageLayer, striatal: LabelVolume, plane: PlaneName, through: Point): Html {
  const slice = scene.cut(plane, through, scene.pixel);
  const contours = [...striatal.names.keys()].flatMap((label) => {
    const part = { ...striatal, data: Uint8Array.from(striatal.data, (at) => (at === label ? 1 : 0)) };
    const path = contourPath(Float32Array.from(sampleMask(slice, part)), slice.size, 0.5);
    return path === "" ? [] : [{ path, colour: outline, width: 0.7 }];
  });
  return html`<figure>${sliceFigure(slice, {
    pictures: [{ id: scene.anatomyPicture(slice) }, { id: scene.layerPicture(slice, layer), opacity: 0.8 }],
    contours,
    label: `Uptake over ${scene.base}, ${plane} plane at ${axisName[plane]} = ${slice.at.toFixed(0)} mm`,
  })}</figure>`;
}

interface SideRow {
  readonly name: string;
  readonly measure: string;
  readonly left?: Measure;
  readonly right?: Measure;
  readonly asymmetry?: Measure;
}

/** One row for each region and kind of ratio; what both sides share (the asymmetry) beside them. */
function rowsOf(measures: readonly Measure[]): readonly SideRow[] {
  const find = (region: string, measure: string, side: Measure["side"]): Measure | undefined =>
    measures.find((row) => row.region === region && row.measure === measure && row.side === side);
  const kinds = measures.flatMap(({ region, measure, side }) => (side === "midline" ? [] : [{ region, measure }]));
  const once = kinds.filter(
    (kind, k) => kinds.findIndex(({ region, measure }) => region === kind.region && measure === kind.measure) === k,
  );
  return once.map(({ region, measure }) => {
    const [left, right] = [find(region, measure, "left"), find(region, measure, "right")];
    const asymmetry = find(region, `${measure}-asymmetry`, "midline");
    return {
      name: `${sentenceCase(phrase(region))}${measure === "sbr" ? "" : `, ${kindOf(measure)}`}`,
      measure,
      ...(left ? { left } : {}),
      ...(right ? { right } : {}),
      ...(asymmetry ? { asymmetry } : {}),
    };
  });
}

function kindOf(measure: string): string {
  return measure === "caudate-putamen-ratio" ? "caudate over putamen" : phrase(measure.replace(/^sbr-/, ""));
}

function sidesPart({ measures, errors }: DatView): Html {
  const rows = rowsOf(measures).filter(({ measure }) => measure.startsWith("sbr"));
  return html`<section><h2>Binding ratios</h2><figure class="wide">${sidesPlot({
    title: "Binding ratios of left and right",
    label: "specific binding ratio (C − C_ref) / C_ref",
    rows: rows.map(({ name, left, right }) => ({ name, ...(left ? { left } : {}), ...(right ? { right } : {}) })),
    colour,
  })}<figcaption>Full: left. Open: right. Lines: one standard error, ${errors}. Blur lowers small regions more than large ones unless a calibration undoes it or spill-over is taken back; total counts in a large volume are lowered least.</figcaption></figure></section>`;
}

function tablePart(measures: readonly Measure[]): Html {
  const rows = rowsOf(measures);
  const scored = measures.some(({ z }) => z !== undefined);
  const cell = (row: Measure | undefined, digits: number): Html =>
    row === undefined
      ? html`<td class="num">–</td>`
      : html`<td class="num">${row.value.toFixed(digits).replace("-", "−")}${row.standardError === undefined ? "" : html` ± ${readable(row.standardError, 2)}`}</td>`;
  const score = (row: Measure | undefined): Html =>
    html`<td class="num${Math.abs(row?.z ?? 0) >= 2 ? " far" : ""}">${row?.z === undefined ? "–" : zText(row.z)}</td>`;
  const zHead = scored
    ? html`<th scope="col" class="num">z, left</th><th scope="col" class="num">z, right</th>`
    : html``;
  return html`<section><h2>Values</h2><div class="scroll"><table><thead><tr><th scope="col">Region</th><th scope="col" class="num">Left</th><th scope="col" class="num">Right</th><th scope="col" class="num">Asymmetry (%)</th>${zHead}</tr></thead><tbody>${rows.map(
    ({ name, left, right, asymmetry }) =>
      html`<tr><th scope="row">${name}</th>${cell(left, 2)}${cell(right, 2)}${cell(asymmetry, 1)}${scored ? html`${score(left)}${score(right)}` : ""}</tr>`,
  )}</tbody></table></div><p class="muted">Asymmetry: 200 (L − R) / (L + R).</p></section>`;
}
