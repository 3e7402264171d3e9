/** How an EEG was cleaned, in tables and pictures: for the page of `quintet eeg clean` and for the visit's report. */
import type { Sensor } from "@quintet/core";
import { readable } from "../plots/axis.ts";
import { legend, linePlot, type Series } from "../plots/line-plot.ts";
import { scalpMap } from "../topography/scalp-map.ts";
import type { EegCleaning, MedianSpectrum } from "./eeg-view.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

export function cleaningSpectra({ before, after }: Pick<EegCleaning, "before" | "after">): Html {
  const high = Math.min(100, before.frequencies.at(-1) ?? 100, after.frequencies.at(-1) ?? 100);
  const low = 0.5;
  const inView: number[] = [];
  const curve = (name: string, { frequencies, density }: MedianSpectrum, colour: string): Series => {
    const y = Float64Array.from(density, (p) => p * 1e12);
    y.forEach((p, k) => {
      const f = frequencies[k] as number;
      if (f >= low && f <= high && p > 0) inView.push(p);
    });
    return { name, x: frequencies, y, colour, width: 1.6 };
  };
  const series = [curve("before", before, "#9aa6b2"), curve("after", after, "#0b6fa4")];
  const [least, most] = inView.reduce(
    ([a, b], v) => [Math.min(a, v), Math.max(b, v)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  if (!(most > 0)) return html`<p class="muted">No power to show.</p>`;
  return html`<figure>${linePlot({
    title: `Median power spectral density over channels before and after, ${low} to ${readable(high)} Hz`,
    x: { label: "frequency (Hz)", low, high },
    // Twelve decades are more than an eye can use.
    y: { label: "power (µV²/Hz), log", low: Math.max(least * 0.8, most * 1e-12), high: most * 1.3, log: true },
    series,
  })}${legend(series.map(({ name, colour }) => ({ name, colour })))}<figcaption>Median over the good EEG channels, windows of 2 s.</figcaption></figure>`;
}

export function cleaningComponents(components: EegCleaning["components"], sensors: readonly Sensor[]): Html {
  if (components.length === 0) return html``;
  return html`${componentMaps(components, sensors)}${componentsTable(components)}`;
}

/** Scalp maps of the components that have a name. */
export function componentMaps(components: EegCleaning["components"], sensors: readonly Sensor[]): Html {
  const named = components.filter(({ label }) => label !== "other");
  if (named.length === 0) return html`<p>None was named.</p>`;
  if (sensors.length === 0) return html`<p class="muted">No places of electrodes: no maps.</p>`;
  return html`<p>Head from above, nose up, the patient’s left on the left; µV per standard deviation of the source.</p><div class="scalps">${named.map(
    ({ index, label, pattern }) =>
      scalpMap({ name: `${index}: ${label}`, unit: "µV", colourMap: "cool-warm", values: pattern }, sensors),
  )}</div>`;
}

export function componentsTable(components: EegCleaning["components"]): Html {
  return html`
<div class="scroll"><table><caption>Independent components.</caption><thead><tr><th scope="col" class="num">Component</th><th scope="col">Label</th><th scope="col">Why</th><th scope="col" class="num">Share of variance</th><th scope="col">Removed</th></tr></thead><tbody>${components.map(
    ({ index, label, rule, share, removed }) =>
      html`<tr><td class="num">${index}</td><td>${label}</td><td>${rule}</td><td class="num">${readable(100 * share)} %</td><td>${removed ? "yes" : ""}</td></tr>`,
  )}</tbody></table></div>`;
}
