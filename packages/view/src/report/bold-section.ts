/** BOLD: how the head moved, what the model held, what answered, and one course to believe it by. */
import { legend, linePlot, type PlotSpan, type Series } from "../plots/line-plot.ts";
import { pngUrl } from "../slices/png.ts";
import type { BoldView } from "./bold-view.ts";
import type { Html } from "./html.ts";
import { html, trusted } from "./html.ts";
import type { ReportModel } from "./model.ts";
import { count, phrase } from "./words.ts";

/** x, y, z; dashes too, so that colour is not all that tells them apart. */
const axes = [
  { name: "x (to the right)", colour: "#b4442c" },
  { name: "y (to the front)", colour: "#1d7a4c", dash: "7 3" },
  { name: "z (upwards)", colour: "#1f5fa8", dash: "2 3" },
] as const;
const limitColour = "#8a5a00";
const [measuredColour, fittedColour] = ["#5c6b7a", "#b4442c"] as const;

export function boldSection({ bold }: ReportModel): Html {
  if (!bold) return html``;
  return html`<section id="bold" aria-labelledby="bold-h"><h2 id="bold-h">BOLD</h2><p>${bold.note}</p>
${answers(bold)}${courseFigure(bold)}<h3>Motion</h3>${legend(axes.map(({ name, colour, ...rest }) => ({ name, colour, ...("dash" in rest ? { dash: true } : {}) })))}
<div class="columns">${motionFigure(bold, "shift")}${motionFigure(bold, "degrees")}${displacementFigure(bold)}${dvarsFigure(bold)}</div>
${designFigure(bold)}</section>`;
}

function answers({ contrasts, clusters }: BoldView): Html {
  if (contrasts.length === 0) return html``;
  const silent = contrasts.filter(({ threshold }) => threshold === undefined).map(({ name }) => name);
  const found = contrasts.filter(({ threshold }) => threshold !== undefined);
  const words = [
    ...found.map(
      ({ name, threshold = 0, significantVoxels }) =>
        `${name}: ${count(significantVoxels, "voxel")} from |z| = ${threshold.toFixed(2)} on.`,
    ),
    ...(silent.length > 0 ? [`Nothing is significant for ${silent.join(", ")}.`] : []),
  ];
  const rows = clusters.map(
    (one) =>
      html`<tr><th scope="row">${one.contrast}</th><td>${one.region === undefined ? "–" : phrase(one.region)}</td><td class="num">${signed(one.z, 1)}</td><td class="num">${signed(one.percent, 2)}</td><td class="num">${one.millilitres.toFixed(1)}</td><td class="num">${one.position.map((mm) => signed(mm, 0)).join(", ")}</td></tr>`,
  );
  const table =
    rows.length === 0
      ? ""
      : html`<div class="scroll"><table><caption>Strongest clusters at a false discovery rate of 5 % of voxels; supports a reading, names no finding.</caption><thead><tr><th scope="col">Contrast</th><th scope="col">Region of the peak</th><th scope="col" class="num">z</th><th scope="col" class="num">change, %</th><th scope="col" class="num">size, mL</th><th scope="col" class="num">peak, RAS mm</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  return html`<h3>Activation</h3><p>${words.join(" ")}</p>${table}`;
}

function signed(value: number, digits: number): string {
  return value.toFixed(digits).replace("-", "−");
}

/** Blocks of the first kinds of events in two grays; instants as thin lines. */
function spans({ events, times }: BoldView): PlotSpan[] {
  if (!events) return [];
  const kinds = [...new Set(events.list.map(({ type }) => type))].sort();
  const thin = ((times.at(-1) ?? 1) - (times[0] ?? 0)) / 500;
  return events.list.map(({ onset, duration, type }) => ({
    from: onset,
    to: onset + Math.max(duration, thin),
    colour: kinds.indexOf(type) % 2 === 0 ? "#dfe6ec" : "#f3e9d8",
  }));
}

function plot(
  bold: BoldView,
  title: string,
  unit: string,
  series: readonly Series[],
  [low, high]: readonly [number, number],
  size: { readonly width?: number; readonly height?: number } = {},
): Html {
  const pad = 0.06 * (high - low) || 0.1;
  return linePlot({
    title,
    width: 560,
    height: 220,
    ...size,
    x: { label: "time (s)", low: bold.times[0] ?? 0, high: bold.times.at(-1) ?? 1 },
    y: { label: unit, low: low - pad, high: high + pad },
    series,
    spans: spans(bold),
  });
}

function extent(...all: readonly ArrayLike<number>[]): readonly [number, number] {
  let [low, high] = [0, 0];
  for (const values of all)
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, values[i] as number);
      high = Math.max(high, values[i] as number);
    }
  return [low, high];
}

function motionFigure(bold: BoldView, which: "shift" | "degrees"): Html {
  const courses = axes.map((_, k) => Float64Array.from(bold[which], (p) => p[k] as number));
  const [words, unit] = which === "shift" ? ["Shift of the head", "mm"] : ["Turn of the head", "degrees"];
  const series = axes.map((axis, k) => ({ ...axis, x: bold.times, y: courses[k] as Float64Array, width: 1.5 }));
  return html`<figure><h4>${words}</h4>${plot(bold, `${words} in ${unit} against seconds, about three axes`, unit, series, extent(...courses))}</figure>`;
}

function level(bold: BoldView, value: number, name: string): Series {
  const ends = [bold.times[0] ?? 0, bold.times.at(-1) ?? 1];
  return { name, x: ends, y: [value, value], colour: limitColour, dash: "6 4", width: 1.3 };
}

function displacementFigure(bold: BoldView): Html {
  const { displacement, displacementLimit, censored } = bold;
  const series = [
    level(bold, displacementLimit, `${displacementLimit} mm`),
    { name: "framewise displacement", x: bold.times, y: displacement, colour: measuredColour, width: 1.4 },
  ];
  const left =
    censored.length === 0
      ? "No volume is"
      : `${count(censored.length, "volume")} above it ${censored.length === 1 ? "is" : "are"}`;
  return html`<figure><h4>Framewise displacement</h4>${plot(bold, "Framewise displacement in millimetres against seconds", "mm", series, extent(displacement, [displacementLimit]))}<figcaption>Power 2012; dashed: ${displacementLimit} mm. ${left} left out of the model.</figcaption></figure>`;
}

function dvarsFigure(bold: BoldView): Html {
  const y = Float64Array.from(bold.dvars, (v, t) => (t === 0 ? Number.NaN : v));
  const series = [
    level(bold, 1, "noise alone"),
    { name: "DVARS", x: bold.times, y, colour: measuredColour, width: 1.4 },
  ];
  return html`<figure><h4>Standardised DVARS</h4>${plot(bold, "Standardised DVARS against seconds", "over noise", series, extent(bold.dvars, [1.2]))}<figcaption>Change of the image from volume to volume over what each voxel's own noise explains (dashed: 1).</figcaption></figure>`;
}

function courseFigure(bold: BoldView): Html {
  const { course } = bold;
  if (!course) return html``;
  const series = [
    { name: "measured", x: bold.times, y: course.measured, colour: measuredColour, width: 1.1 },
    { name: "model", x: bold.times, y: course.fitted, colour: fittedColour, width: 2 },
  ];
  return html`<figure class="wide"><h3>Course of the strongest peak <span class="muted">${phrase(course.name)}</span></h3>${legend(
    [
      { name: "measured, without drift and motion", colour: measuredColour },
      { name: "model", colour: fittedColour },
    ],
  )}${plot(bold, `Signal change of ${course.name} in percent against seconds, measured and model`, "change (%)", series, extent(course.measured, course.fitted), { width: 1040, height: 250 })}<figcaption>Shaded: events, kinds in turn. The peak was chosen because it fits best, so its fit looks better than a fresh run's would.</figcaption></figure>`;
}

/** Columns side by side, volumes downwards; each column runs over its own range. */
function designFigure({ design }: BoldView): Html {
  if (!design) return html``;
  const [columns, rows] = [design.names.length, design.rows.length];
  const pixels = new Uint8Array(columns * rows);
  for (let j = 0; j < columns; j++) {
    const values = design.rows.map((row) => row[j] as number);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    for (let t = 0; t < rows; t++)
      pixels[t * columns + j] = high > low ? Math.round((255 * ((values[t] as number) - low)) / (high - low)) : 255;
  }
  const size = Math.max(columns, rows);
  const square = new Uint8Array(size * size);
  for (let t = 0; t < size; t++)
    for (let j = 0; j < size; j++)
      square[t * size + j] = pixels[
        Math.floor((t * rows) / size) * columns + Math.floor((j * columns) / size)
      ] as number;
  const url = pngUrl({ width: size, height: size, channels: 1, pixels: square });
  const [width, height] = [Math.min(640, Math.max(220, 26 * columns)), 260];
  const step = width / columns;
  return html`<figure><h3>Design</h3><div class="scroll"><svg viewBox="0 0 ${width + 60} ${height + 110}" width="${width + 60}" height="${height + 110}" role="img" aria-label="Design matrix: ${columns} columns by ${rows} volumes"><image href="${trusted(url)}" width="${width}" height="${height}" preserveAspectRatio="none" style="image-rendering:pixelated"/><rect width="${width}" height="${height}" fill="none" stroke="#8896a3"/>${design.names.map(
    (name, j) =>
      html`<text class="tick" x="${(step * (j + 0.5)).toFixed(1)}" y="${height + 12}" transform="rotate(40 ${(step * (j + 0.5)).toFixed(1)} ${height + 12})" font-size="11">${name}</text>`,
  )}</svg></div><figcaption>Volumes run downwards; white is the highest value of each column.</figcaption></figure>`;
}
