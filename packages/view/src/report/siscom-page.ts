/** One self-contained page of ictal minus interictal SPECT: where, how sure, how far it hangs on the settings, when injected. */
import type { Point, QcFinding } from "@quintet/core";
import { colourBar } from "../colour/colour-bar.ts";
import { readable } from "../plots/axis.ts";
import { axisName } from "../slices/plane.ts";
import { sliceFigure } from "../slices/slice-figure.ts";
import { commandPage, type PageMaker } from "./command-page.ts";
import { findingsTable } from "./findings-table.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { injectionLine } from "./injection-line.ts";
import type { Anatomy, ImageLayer, RegistrationCheck } from "./model.ts";
import { registrationSection } from "./registration-section.ts";
import { conventionWords, planeNames, type Scene, sceneOf } from "./scene.ts";
import { pointText } from "./words.ts";

export interface SiscomClusterRow {
  readonly sign: 1 | -1;
  readonly volumeMl: number;
  readonly peakZ: number;
  readonly t1: Point;
  readonly template: Point;
  readonly region?: string;
  readonly p: number;
  /** Share of the settings that have it; of findings alone. */
  readonly agreement?: number;
}

export interface SiscomTable {
  readonly title: string;
  readonly note: string;
  readonly clusters: readonly SiscomClusterRow[];
}

export interface SiscomView {
  readonly source: string;
  /** What the page says first. */
  readonly answer: string;
  readonly anatomy: Anatomy;
  readonly crosshair?: { readonly position: Point; readonly label: string };
  readonly layers: readonly ImageLayer[];
  readonly tables: readonly SiscomTable[];
  readonly templateName: string;
  readonly settings: readonly {
    readonly name: string;
    readonly clusters: number;
    readonly overlap: number;
    readonly first?: { readonly peak: number; readonly volume: number; readonly centre: Point; readonly p: number };
  }[];
  /** Settings whose strongest cluster lies near that of the first, and those of them that call it a finding (p <= alpha). */
  readonly concordant: number;
  readonly finding: number;
  readonly alpha: number;
  readonly reachMm: number;
  readonly timing: {
    readonly onset?: number;
    readonly end?: number;
    readonly injection?: number;
    readonly delay?: number;
  };
  readonly registrations: readonly RegistrationCheck[];
  readonly qc: readonly QcFinding[];
  /** Labels of the normals; none without them. */
  readonly normals: readonly string[];
}

export type SiscomPageOptions = PageMaker;

/** mm. */
const pixel = 1;
/** Eight columns have room on a laptop's screen where their heads take two lines. */
const style = "thead th.num{white-space:normal}";

export function renderSiscomPage(view: SiscomView, { software, generatedAt }: SiscomPageOptions): string {
  const scene = sceneOf(
    { findings: [], ...(view.crosshair ? { crosshair: view.crosshair } : {}) },
    view.anatomy,
    "RAD",
    pixel,
  );
  // Drawn before the store of their pictures is written.
  const rows = view.layers.map((layer) => layerRow(layer, scene));
  const checks = registrationSection({ registrations: view.registrations }, scene);
  return commandPage(
    {
      title: "SISCOM",
      source: view.source,
      software,
      generatedAt,
      style,
      bodyClass: "rad",
      store: scene.store.markup(),
    },
    html`<section><h1>Ictal minus interictal SPECT</h1><p><strong>${view.answer}</strong></p>
<p>All rows are cut through ${scene.crosshairLabel} at ${pointText(scene.crosshair)}, axial, coronal and sagittal, over the T1. ${conventionWords(scene)}</p>
<div class="panel fused">${rows}</div></section>
${view.tables.map((table) => clusterTable(table, view.templateName))}
${normalsPart(view)}${agreementPart(view)}${injectionPart(view)}${checks}<section><h2>Quality control</h2>${findingsTable(view.qc, "both scans")}</section>`,
  );
}

function layerRow(layer: ImageLayer, scene: Scene): Html {
  const figures = planeNames.map((plane) => {
    const slice = scene.cut(plane, scene.crosshair, scene.pixel);
    return html`<figure>${sliceFigure(slice, {
      pictures: [{ id: scene.anatomyPicture(slice) }, { id: scene.layerPicture(slice, layer), opacity: 0.8 }],
      crosshair: scene.crosshair,
      label: `${layer.name} over T1, ${plane} plane at ${axisName[plane]} = ${slice.at.toFixed(0)} mm`,
    })}</figure>`;
  });
  return html`<div class="fusedrow"><div class="about"><h3>${layer.name}</h3>${colourBar(layer)}<p class="unit">${layer.unit}${layer.threshold === undefined ? "" : html`; shown from ${readable(layer.threshold)} on`}</p><p>${layer.note}</p></div><div class="planes three">${figures}</div></div>`;
}

function clusterTable({ title, note, clusters }: SiscomTable, template: string): Html {
  const shown = clusters.slice(0, 12);
  const agreed = shown.some(({ agreement }) => agreement !== undefined);
  const body =
    shown.length === 0
      ? html`<p class="empty">No cluster above the threshold.</p>`
      : html`<div class="scroll"><table><thead><tr><th scope="col">Change</th><th scope="col">Region</th><th scope="col" class="num">Peak z</th><th scope="col" class="num">Volume (mL)</th><th scope="col" class="num">T1 (mm)</th><th scope="col" class="num">${template} (mm)</th><th scope="col" class="num">p of the peak</th>${agreed ? html`<th scope="col" class="num">Settings that agree</th>` : ""}</tr></thead><tbody>${shown.map(
          (c) =>
            html`<tr><td class="from">${c.sign > 0 ? "more flow" : "less flow"}</td><th scope="row" class="from">${c.region ?? "no region"}</th><td class="num">${c.peakZ.toFixed(1)}</td><td class="num">${c.volumeMl.toFixed(1)}</td><td class="num">${pointText(c.t1)}</td><td class="num">${pointText(c.template)}</td><td class="num">${chance(c.p)}</td>${agreed ? html`<td class="num">${c.agreement === undefined ? "–" : `${(100 * c.agreement).toFixed(0)} %`}</td>` : ""}</tr>`,
        )}</tbody></table></div>`;
  const more = clusters.length - shown.length;
  return html`<section><h2>${title}</h2><p>${note}</p>${body}${more > 0 ? html`<p class="muted">${more} more in the table of files, each less unlikely by chance.</p>` : ""}</section>`;
}

function chance(p: number): string {
  return p < 0.001 ? "< 0.001" : p > 0.99 ? "1" : p.toFixed(3);
}

function normalsPart({ normals }: SiscomView): Html {
  return normals.length === 0
    ? html`<section><h2>Against normals</h2><p class="empty">Absent: no folder of test-retest pairs was given, and nothing stands in for it.</p></section>`
    : html`<section><h2>Normals</h2><p>${normals.length} test-retest pairs: ${normals.join(", ")}.</p></section>`;
}

function agreementPart({ settings, concordant, finding, alpha, reachMm }: SiscomView): Html {
  const where = `the strongest cluster lies within ${reachMm} mm of that of the first`;
  const words =
    finding === 0
      ? html`<strong>None of ${settings.length} settings calls the first's strongest cluster a finding (p at ${alpha} or below).</strong> In ${concordant} ${where}: noise peaks in one place whatever the setting, so this is no agreement about a finding.`
      : html`<strong>${finding} of ${settings.length} settings</strong> call the cluster in this place a finding (p at ${alpha} or below); in ${concordant} ${where}.`;
  return html`<section><h2>Agreement over settings</h2><p>${words}</p>
<div class="scroll"><table><thead><tr><th scope="col">Setting</th><th scope="col" class="num">Clusters</th><th scope="col" class="num">Strongest: peak z</th><th scope="col" class="num">p</th><th scope="col" class="num">mL</th><th scope="col" class="num">T1 (mm)</th><th scope="col" class="num">Overlap with the first (Dice)</th></tr></thead><tbody>${settings.map(
    ({ name, clusters, first, overlap }) =>
      html`<tr><th scope="row">${name}</th><td class="num">${clusters}</td><td class="num">${first ? first.peak.toFixed(1) : "–"}</td><td class="num">${first ? chance(first.p) : "–"}</td><td class="num">${first ? first.volume.toFixed(1) : "–"}</td><td class="num">${first ? pointText(first.centre) : "–"}</td><td class="num">${overlap.toFixed(2)}</td></tr>`,
  )}</tbody></table></div></section>`;
}

function injectionPart({ timing }: SiscomView): Html {
  const figure = injectionLine(timing);
  return html`<section><h2>Injection</h2>${
    timing.delay === undefined
      ? html`<p class="empty">Neither the side file nor events.tsv tells when the seizure began: the delay is not known.</p>`
      : html`<p>The tracer was given <strong>${timing.delay.toFixed(0)} s</strong> after seizure onset. Published series inject after 2 to 80 s, median 13 s; the later, the more of the picture is spread.</p>${figure}`
  }</section>`;
}
