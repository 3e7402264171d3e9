/** One self-contained page of an fNIRS linear model: what was done, quality, ways to repair motion, responses, effects. */
import type { Sensor } from "@quintet/core";
import { readable } from "../plots/axis.ts";
import { legend, linePlot } from "../plots/line-plot.ts";
import { montageSketch } from "../topography/montage-sketch.ts";
import { scalpMap } from "../topography/scalp-map.ts";
import { commandPage, type PageMaker } from "./command-page.ts";
import { responseFigures } from "./fnirs-section.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { FnirsView } from "./model.ts";
import { count } from "./words.ts";

export interface NirsGlmView {
  readonly source: string;
  /** What was done, one sentence each; the pathlength and the extinction table are among them. */
  readonly steps: readonly string[];
  readonly leftOut: readonly { readonly pair: string; readonly why: string }[];
  readonly sensors: readonly Sensor[];
  readonly quality: readonly {
    readonly pair: string;
    readonly source: string;
    readonly detector: string;
    readonly distance?: number;
    readonly coupling: number;
    readonly power: number;
    /** Share, 0 to 1. */
    readonly goodWindows: number;
    /** dB */
    readonly signalToNoise: number;
    readonly pulse?: number;
    readonly flags: readonly string[];
  }[];
  /** Global variance of the temporal derivatives, {od}. */
  readonly movement?: {
    readonly times: ArrayLike<number>;
    readonly values: ArrayLike<number>;
    readonly threshold: number;
    readonly share: number;
  };
  readonly motion?: {
    readonly marked: number;
    readonly used: string;
    readonly rows: readonly {
      readonly method: string;
      readonly marked: number;
      readonly artefactPower?: number;
      readonly changed: number;
      readonly contrast?: number;
      /** mol/L */
      readonly amplitude?: number;
      readonly refused?: string;
    }[];
  };
  readonly responses: FnirsView["responses"];
  /** What the short pairs say about the scalp, in sentences. */
  readonly scalp: readonly string[];
  readonly conditions: readonly {
    readonly name: string;
    readonly events: number;
    readonly inflation: number;
    /** Long pairs, largest t of HbO first. */
    readonly effects: readonly {
      readonly pair: string;
      readonly kind: string;
      /** mol/L */
      readonly value: number;
      readonly standardError: number;
      readonly t: number;
      readonly dof: number;
      readonly p: number;
    }[];
  }[];
  readonly contrasts: readonly {
    readonly name: string;
    readonly pair: string;
    readonly channelKind: string;
    readonly kind: "t" | "F";
    readonly statistic: number;
    readonly dof: readonly [number, number];
    readonly p: number;
  }[];
}

export type NirsGlmPageOptions = PageMaker;

export function renderNirsGlmPage(view: NirsGlmView, { software, generatedAt }: NirsGlmPageOptions): string {
  const { source } = view;
  return commandPage(
    { title: "fNIRS linear model", source, software, generatedAt },
    html`<section><h1>fNIRS linear model</h1>
<h2>What was done</h2><ol>${view.steps.map((step) => html`<li>${step}</li>`)}</ol>${leftOut(view)}
<h2>Responses</h2>${responses(view)}
<h2>Effects</h2>${view.conditions.map((condition) => effects(condition, view))}${contrasts(view)}
<h2>Quality</h2>${quality(view)}
<h2>Motion</h2>${movement(view)}${motion(view)}</section>`,
  );
}

/** A pair's name stays on one line. */
const unbroken = (pair: string): string => pair.replaceAll("-", "\u2011");

const th = (name: string, right = true): Html => html`<th scope="col"${right ? html` class="num"` : ""}>${name}</th>`;

function leftOut({ leftOut: all }: NirsGlmView): Html {
  if (all.length === 0) return html`<p>Every pair was fitted.</p>`;
  return html`<h3>Left out</h3><ul class="plain">${all.map(({ pair, why }) => html`<li>${pair}: ${why}</li>`)}</ul>`;
}

function responses({ responses: all, scalp }: NirsGlmView): Html {
  const said = scalp.map((sentence) => html`<p><strong>${sentence}</strong></p>`);
  if (all.length === 0)
    return html`${said}<p class="muted">No event has its whole window inside the recording: no block average.</p>`;
  return html`${said}${responseFigures(all)}`;
}

function effects(
  { name, events, inflation, effects: all }: NirsGlmView["conditions"][number],
  { quality: pairs, sensors }: NirsGlmView,
): Html {
  const hbo = all.filter(({ kind }) => kind === "hbo");
  const shown = all.filter(({ pair }) => hbo.slice(0, 10).some((effect) => effect.pair === pair));
  return html`<h3>Events “${name}”</h3><p>${count(events, "event")}; variance inflation ${readable(inflation, 3)}${inflation > 5 ? ": above 5, its estimate hangs on the other columns" : ""}.</p>
<div class="columns">${pairMap(
    `t of HbO, ${name}`,
    "1",
    "cool-warm",
    hbo.map(({ pair, t }) => ({ pair, value: t })),
    pairs,
    sensors,
  )}
<div class="scroll tall"><table><caption>The ten long pairs with the largest t of HbO; p is two-sided and not corrected for the number of channels.</caption><thead><tr>${th("Pair", false)}${th("Kind", false)}${th("β (µM)")}${th("SE (µM)")}${th("t")}${th("dof")}${th("p")}</tr></thead><tbody>${shown.map(
    ({ pair, kind, value, standardError, t, dof, p }) =>
      html`<tr><th scope="row">${unbroken(pair)}</th><td>${kind === "hbo" ? "HbO" : "HbR"}</td><td class="num">${readable(1e6 * value, 3)}</td><td class="num">${readable(1e6 * standardError, 3)}</td><td class="num">${t.toFixed(2)}</td><td class="num">${dof.toFixed(0)}</td><td class="num">${p.toPrecision(2)}</td></tr>`,
  )}</tbody></table></div></div>`;
}

function contrasts({ contrasts: all }: NirsGlmView): Html {
  if (all.length === 0) return html``;
  return html`<h3>Contrasts</h3><div class="scroll tall"><table><thead><tr>${th("Contrast", false)}${th("Pair", false)}${th("Kind", false)}${th("Statistic")}${th("dof")}${th("p")}</tr></thead><tbody>${all.map(
    ({ name, pair, channelKind, kind, statistic, dof, p }) =>
      html`<tr><th scope="row">${name}</th><td>${unbroken(pair)}</td><td>${channelKind === "hbo" ? "HbO" : "HbR"}</td><td class="num">${kind} ${statistic.toFixed(2)}</td><td class="num">${kind === "F" ? `${dof[0]}, ${dof[1].toFixed(0)}` : dof[1].toFixed(0)}</td><td class="num">${p.toPrecision(2)}</td></tr>`,
  )}</tbody></table></div>`;
}

/** A map over the middles of the pairs; nothing where fewer than four pairs have a place. */
function pairMap(
  name: string,
  unit: string,
  colourMap: "cividis" | "cool-warm",
  values: readonly { readonly pair: string; readonly value: number }[],
  pairs: NirsGlmView["quality"],
  sensors: readonly Sensor[],
  range?: readonly [number, number],
): Html {
  const at = new Map(sensors.map((sensor) => [sensor.name, sensor.position]));
  const middles = pairs.flatMap(({ pair, source, detector }): Sensor[] => {
    const [a, b] = [at.get(source), at.get(detector)];
    if (!a || !b) return [];
    return [{ name: pair, kind: "electrode", position: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2] }];
  });
  const placed = values.filter(({ pair }) => middles.some((middle) => middle.name === pair));
  if (placed.length < 4) return html``;
  return scalpMap(
    {
      name,
      unit,
      colourMap,
      nearest: 0.22,
      ...(range ? { range } : {}),
      values: values.map(({ pair, value }) => ({ channel: pair, value })),
    },
    middles,
  );
}

function quality({ quality: pairs, sensors }: NirsGlmView): Html {
  if (pairs.length === 0) return html`<p class="muted">No light intensity to judge.</p>`;
  const good = pairs.filter(({ flags }) => flags.length === 0);
  const sketch = sensors.some(({ position }) => position)
    ? montageSketch({
        sensors,
        channels: pairs.map(({ pair, source, detector, distance, coupling, flags }) => ({
          name: pair,
          source,
          detector,
          ...(distance === undefined ? {} : { distance }),
          ...(Number.isFinite(coupling) ? { coupling: Math.max(0, coupling) } : {}),
          status: flags.length === 0 ? ("good" as const) : ("bad" as const),
        })),
      })
    : html`<p class="muted">The optodes have no places: no map.</p>`;
  const map = pairMap(
    "Share of good windows",
    "1",
    "cividis",
    pairs.map(({ pair, goodWindows }) => ({ pair, value: goodWindows })),
    pairs,
    sensors,
    [0, 1],
  );
  return html`<p>${good.length} of ${count(pairs.length, "pair")} without a flag. A window of 10 s is good with a scalp coupling of at least 0.75 and a peak spectral power of at least 0.1; short pairs see less of the pulse.</p>
<div class="columns">${sketch}${map}</div>
<div class="scroll tall"><table><thead><tr>${th("Pair", false)}${th("Distance (mm)")}${th("Coupling")}${th("Peak power (1/Hz)")}${th("Good windows")}${th("SNR (dB)")}${th("Pulse (1/min)")}${th("Flags", false)}</tr></thead><tbody>${pairs.map(
    ({ pair, distance, coupling, power, goodWindows, signalToNoise, pulse, flags }) =>
      html`<tr><th scope="row">${unbroken(pair)}</th><td class="num">${distance === undefined ? "–" : distance.toFixed(0)}</td><td class="num">${coupling.toFixed(2)}</td><td class="num">${power.toFixed(3)}</td><td class="num">${Math.round(100 * goodWindows)} %</td><td class="num">${signalToNoise.toFixed(1)}</td><td class="num">${pulse === undefined ? "–" : pulse.toFixed(0)}</td><td>${flags.join("; ")}</td></tr>`,
  )}</tbody></table></div>`;
}

function movement({ movement: course }: NirsGlmView): Html {
  if (!course) return html``;
  const every = Math.max(1, Math.floor(course.values.length / 1600));
  const x = Float64Array.from(
    { length: Math.floor(course.values.length / every) },
    (_, i) => course.times[i * every] as number,
  );
  // The largest of each stretch: a movement of one sample must not fall between two points.
  const y = Float64Array.from(x, (_, i) => {
    let top = 0;
    for (let k = i * every; k < (i + 1) * every; k++) top = Math.max(top, course.values[k] as number);
    return top;
  });
  const [low, high] = [x[0] ?? 0, x.at(-1) ?? 1];
  // One start-up jump must not flatten all the rest: the axis ends at twice what 99 of 100 points stay below.
  const most = Math.max(...y);
  const usual = y.toSorted()[Math.floor(0.99 * (y.length - 1))] ?? most;
  const top = Math.min(1.08 * most, 2 * Math.max(usual, course.threshold));
  const shown = y.map((v) => Math.min(v, top));
  const series = [
    { name: "global variance", x, y: shown, colour: "#0b6fa4", width: 1.2 },
    {
      name: "threshold",
      x: [low, high],
      y: [course.threshold, course.threshold],
      colour: "#a3203a",
      width: 1.2,
      dash: "6 3",
    },
  ];
  return html`<figure class="wide">${linePlot({
    title: "Global variance of the temporal derivatives of the optical density over the recording, with its threshold",
    width: 1040,
    height: 220,
    x: { label: "time on the recording's clock (s)", low, high },
    y: { label: "root mean square change (OD)", low: 0, high: top },
    series,
  })}${legend(series.map(({ name, colour, dash }) => ({ name, colour, ...(dash ? { dash: true } : {}) })))}<figcaption>${readable(100 * course.share, 3)} % of the samples lie above the threshold (Sherafati et al. 2020).${most > top ? ` The largest, ${readable(most, 3)}, is cut off.` : ""}</figcaption></figure>`;
}

function motion({ motion: table }: NirsGlmView): Html {
  if (!table) return html`<p class="muted">No comparison of repairs was asked for.</p>`;
  const rows = table.rows.map(({ method, marked, artefactPower, changed, contrast, amplitude, refused }) =>
    refused === undefined
      ? html`<tr><th scope="row">${method}${method === table.used ? " (used)" : ""}</th><td class="num">${readable(100 * marked, 3)} %</td><td class="num">${artefactPower === undefined ? "–" : readable(artefactPower, 3)}</td><td class="num">${readable(100 * changed, 3)} %</td><td class="num">${contrast === undefined ? "–" : readable(contrast, 3)}</td><td class="num">${amplitude === undefined ? "–" : readable(1e6 * amplitude, 3)}</td></tr>`
      : html`<tr><th scope="row">${method}</th><td colspan="5">${refused}</td></tr>`,
  );
  return html`<h3>Ways to repair it, on this run</h3><p>${readable(100 * table.marked, 3)} % of the samples hold motion of a pair before any repair. Still moving: samples whose global variance stays above the threshold drawn above. Then medians over the HbO of the long pairs, 0.01 to 0.5 Hz: power within the marked stretches over that outside, what was changed outside them (share of the signal), contrast to noise over trials and size of the response 5 to 10 s after the onset. A good repair lowers the power, changes little elsewhere and raises the contrast.</p>
<div class="scroll"><table><thead><tr>${th("Method", false)}${th("Still moving")}${th("Power inside / outside")}${th("Changed outside")}${th("Contrast to noise")}${th("Response (µM)")}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
