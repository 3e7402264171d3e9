/** Curves with fits and residuals, straight-line plots, and the table of parameters. */
import type { Axis } from "../plots/axis.ts";
import { readable } from "../plots/axis.ts";
import { legend, linePlot, type Series } from "../plots/line-plot.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { KineticRegion, KineticsView } from "./kinetics-view.ts";

const measuredColour = "#16202b";
const fittedColour = "#0b7f95";
const residualColour = "#8a3a48";
const inputColours = ["#b06a00", "#6d429a", "#4c5967"];

const kilo = (values: ArrayLike<number>): Float64Array => Float64Array.from(values, (v) => v / 1000);

function axisOf(label: string, values: readonly ArrayLike<number>[], fromZero: boolean): Axis {
  let [low, high] = fromZero ? [0, 0] : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const list of values) {
    for (let i = 0; i < list.length; i++) {
      const v = list[i] as number;
      if (!Number.isFinite(v)) continue;
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
  }
  if (!(high > low))
    return { label, low: Number.isFinite(low) ? low - 1 : 0, high: Number.isFinite(low) ? low + 1 : 1 };
  const pad = 0.06 * (high - low);
  return { label, low: fromZero && low === 0 ? 0 : low - pad, high: high + pad };
}

/** The measured curve as points, the fit as a line, and what is left below. */
export function fitFigure(region: KineticRegion): Html {
  const { time, measured, fitted, weights, start, region: name } = region;
  const [points, curve] = [kilo(measured), kilo(fitted)];
  const left = points.map((v, i) => ((weights[i] as number) > 0 ? v - (curve[i] as number) : Number.NaN));
  const x = axisOf("time (min)", [time], true);
  const spans =
    start !== undefined && start > 0.5 ? [{ from: start, to: x.high, colour: "#eef3f5", label: "fitted" }] : [];
  const bound = Math.max(1e-9, ...Array.from(left, (v) => (Number.isFinite(v) ? Math.abs(v) : 0))) * 1.15;
  return html`<figure><h4>${name}</h4>${linePlot({
    title: `${name}: measured activity and fit in kBq/mL against minutes`,
    width: 420,
    height: 250,
    x,
    y: axisOf("activity (kBq/mL)", [points, curve], true),
    series: [
      ...dots("measured", time, points, measuredColour),
      { name: "fit", x: time, y: curve, colour: fittedColour, width: 2 },
    ],
    spans,
  })}${linePlot({
    title: `${name}: measured less fitted in kBq/mL against minutes`,
    width: 420,
    height: 120,
    x: { ...x, label: "" },
    y: { label: "residual", low: -bound, high: bound },
    series: dots("residual", time, left, residualColour),
  })}<figcaption>${figures(region)}</figcaption></figure>`;
}

/** The main parameters of a region in one line. */
function figures({ estimates, flags }: KineticRegion): Html {
  const told = estimates
    .filter(({ value }) => value !== undefined)
    .slice(0, 3)
    .map(({ name, value = 0, standardError }) => `${name} ${withError(value, standardError)}`);
  const care = flags.length > 0 ? html`<br>! ${flags.join("; ")}` : "";
  return html`${told.length > 0 ? told.join(" · ") : "no number is justified"}${care}`;
}

/** Short strokes that stand for points: a line plot knows no other mark. */
function dots(name: string, x: Float64Array, y: Float64Array, colour: string): readonly Series[] {
  const span = (x[x.length - 1] ?? 1) * 0.004;
  return Array.from(x.keys())
    .filter((i) => Number.isFinite(y[i]))
    .map((i) => ({
      name,
      x: [(x[i] as number) - span, (x[i] as number) + span],
      y: [y[i] as number, y[i] as number],
      colour,
      width: 4,
    }));
}

/** Logan's or Patlak's plot with its line. */
export function lineFigure({ region, line, weights }: KineticRegion): Html {
  if (!line) return html``;
  const { x, y, xLabel, yLabel, slope, intercept } = line;
  const used = Array.from(x.keys()).filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]));
  const inLine = used.filter((i) => (weights[i] as number) > 0);
  const late = inLine.length > 0 ? inLine : used;
  const from = late.reduce((i, k) => ((x[k] as number) < (x[i] as number) ? k : i), late[0] ?? 0);
  // Early points of a plot can lie at any distance; what the line is about is shown.
  const seen = used.filter((i) => (x[i] as number) <= 1.02 * Math.max(...late.map((k) => x[k] as number)));
  const pick = (v: Float64Array, which: readonly number[]): Float64Array =>
    Float64Array.from(which, (i) => v[i] as number);
  const ends = [x[from] as number, Math.max(...late.map((i) => x[i] as number))];
  return html`<figure><h4>${region}</h4>${linePlot({
    title: `${region}: ${yLabel} against ${xLabel} with the fitted line`,
    width: 420,
    height: 250,
    x: axisOf(xLabel, [pick(x, seen)], true),
    y: axisOf(yLabel, [pick(y, seen)], true),
    series: [
      ...dots("measured", pick(x, seen), pick(y, seen), measuredColour),
      { name: "line", x: ends, y: ends.map((v) => slope * v + intercept), colour: fittedColour, width: 2 },
    ],
  })}</figure>`;
}

/** Reference region or plasma over time. */
export function inputFigure({ inputs }: KineticsView): Html {
  if (inputs.length === 0) return html``;
  const colours = inputs.map((_, i) => inputColours[i % inputColours.length] as string);
  return html`${legend(inputs.map(({ name }, i) => ({ name, colour: colours[i] as string })))}<div class="columns"><figure>${linePlot(
    {
      title: `${inputs.map(({ name }) => name).join(", ")} in kBq/mL against minutes`,
      width: 620,
      height: 240,
      x: axisOf(
        "time (min)",
        inputs.map(({ time }) => time),
        true,
      ),
      y: axisOf(
        "activity (kBq/mL)",
        inputs.map(({ value }) => kilo(value)),
        true,
      ),
      series: inputs.map(({ name, time, value }, i) => ({
        name,
        x: time,
        y: kilo(value),
        colour: colours[i] as string,
        width: 1.8,
      })),
    },
  )}</figure></div>`;
}

/** Name of a unit for readers. */
const unitWords: Readonly<Record<string, string>> = {
  "1": "",
  "1/min": "1/min",
  "mL/cm3": "mL/cm³",
  "mL/cm3/min": "mL/cm³/min",
};

export function estimatesTable({ regions }: KineticsView): Html {
  const names = [...new Set(regions.flatMap(({ estimates }) => estimates.map(({ name }) => name)))];
  const unitOf = (name: string): string => {
    const unit = regions.flatMap(({ estimates }) => estimates).find((e) => e.name === name)?.unit ?? "";
    return unitWords[unit] ?? unit;
  };
  const head = names.map((name) => {
    const unit = unitOf(name);
    return html`<th scope="col" class="num">${name}${unit === "" ? "" : html` <span class="muted">${unit}</span>`}</th>`;
  });
  const hasStart = regions.some(({ start }) => start !== undefined);
  const rows = regions.map((region) => {
    const cells = names.map((name) => {
      const estimate = region.estimates.find((e) => e.name === name);
      if (estimate?.value === undefined) return html`<td class="num muted" title="${estimate?.absent ?? ""}">–</td>`;
      return html`<td class="num">${withError(estimate.value, estimate.standardError)}</td>`;
    });
    const start = region.start === undefined ? "–" : region.start.toFixed(1);
    return html`<tr><th scope="row">${region.region}</th>${cells}${hasStart ? html`<td class="num">${start}</td>` : ""}<td>${region.flags.join("; ")}</td></tr>`;
  });
  // A long list scrolls by itself, its head standing.
  return html`<div class="scroll${regions.length > 15 ? " tall" : ""}"><table><caption>Value ± standard error. A dash: these data justify no number; the last column says why.</caption><thead><tr><th scope="col">Region</th>${head}${hasStart ? html`<th scope="col" class="num">t* <span class="muted">min</span></th>` : ""}<th scope="col">Note</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** Two figures of the error, and the value to the same place. */
export function withError(value: number, error: number | undefined): string {
  if (error === undefined || !(error > 0)) return readable(value, 4);
  const places = Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(error))));
  const text = (v: number): string => v.toFixed(places).replace("-", "−");
  return `${text(value)} ± ${text(error)}`;
}
