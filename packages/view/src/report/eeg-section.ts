import { readable } from "../plots/axis.ts";
import type { Series } from "../plots/line-plot.ts";
import { legend, linePlot } from "../plots/line-plot.ts";
import { trialImage } from "../plots/trial-image.ts";
import { electrodesFigure } from "../surfaces/electrodes-figure.ts";
import { scalpMap } from "../topography/scalp-map.ts";
import { traceStack } from "../traces/trace-stack.ts";
import { cleaningSpectra, componentMaps, componentsTable } from "./eeg-cleaning.ts";
import { eegSourcesPart } from "./eeg-sources-part.ts";
import type { EegCleaning, EegTrials } from "./eeg-view.ts";
import { findingsTable } from "./findings-table.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { EegView, ReportModel } from "./model.ts";
import type { Scene } from "./scene.ts";

const bandTints = ["#eef2f6", "#e3eaf1"] as const;
const markedColours = ["#b5521b", "#0b6fa4", "#7a4fa3", "#1b6e46"] as const;

/** EEG: the montage, a stretch of traces, what cleaning found, spectra with their bands, scalp maps, averages and their sources. */
export function eegSection(model: ReportModel, scene?: Scene): Html {
  const { eeg } = model;
  const body = eeg
    ? html`<p>${eeg.note}</p>${eeg.badChannels.length > 0 ? html`<p>Bad channels, left out: <strong>${eeg.badChannels.join(", ")}</strong>.</p>` : ""}
${eeg.excerpt ? html`<figure class="wide"><div class="scroll">${traceStack(eeg.excerpt, eeg.badChannels)}</div><figcaption>${eeg.excerpt.channels.length} channels, positive up; the bar at the right is the distance between two lines. Bad channels are gray and marked ✕.</figcaption></figure>` : ""}
${model.anatomy?.scalp ? montage(eeg, electrodesFigure(model.anatomy.scalp, eeg.sensors, eeg.badChannels)) : ""}
${eeg.cleaning ? cleaning(eeg, eeg.cleaning) : ""}
<div class="columns">${eeg.spectra ? spectra(eeg, eeg.spectra) : ""}${eeg.topographies.some((t) => t.values.some((v) => Number.isFinite(v.value))) ? scalpMaps(eeg) : ""}</div>
${bandTable(eeg)}${(eeg.evoked ?? []).map((one) => evoked(eeg, one))}${eeg.sources ? eegSourcesPart(model, scene, eeg.sources) : ""}`
    : html`<p class="empty">${model.availability.find((a) => a.modality === "eeg")?.note ?? "No EEG in this study."}</p>`;
  return html`<section id="eeg" aria-labelledby="eeg-h"><h2 id="eeg-h">EEG</h2>${body}</section>`;
}

function montage({ sensors }: EegView, figure: Html): Html {
  if (figure.markup === "") return figure;
  const template = sensors.some((one) => one.template);
  return html`<h3>Montage</h3>${figure}<p class="muted">${template ? "Electrodes by their names, from a template: not measured." : "Electrodes as digitised, fitted to the scalp of the T1."} Bad ones are hollow.</p>`;
}

function cleaning({ sensors }: EegView, { steps, findings, before, after, components }: EegCleaning): Html {
  const named = components.filter(({ label }) => label !== "other");
  return html`<h3>What cleaning finds</h3><ol>${steps.map((step) => html`<li>${step}</li>`)}</ol>${findings.length > 0 ? findingsTable(findings, "the recording") : ""}
<div class="columns"><div><h4>Spectra before and after</h4>${cleaningSpectra({ before, after })}</div>${named.length > 0 ? html`<div><h4>Components that were named</h4>${componentMaps(named, sensors)}</div>` : ""}</div>${named.length > 0 ? componentsTable(named) : ""}`;
}

function scalpMaps({ topographies, sensors }: EegView): Html {
  return html`<div><h3>Scalp maps</h3><p>Head from above, nose up: <strong>the patient’s left is on the viewer’s left</strong>, the other way round than in the radiological slices. Between electrodes the map is interpolated.${sensors.some((s) => s.template) ? " Electrode positions are those of a template, not measured." : ""}</p><div class="scalps">${topographies.filter((t) => t.values.some((v) => Number.isFinite(v.value))).map((t) => scalpMap(t, sensors))}</div></div>`;
}

function spectra(eeg: EegView, { frequencies, channels, marked = [], method }: NonNullable<EegView["spectra"]>): Html {
  const low = Math.max(1, frequencies[1] ?? 1);
  const high = Math.min(45, frequencies[frequencies.length - 1] ?? 45);
  const inView: number[] = [];
  const named = channels.filter((c) => marked.includes(c.name)).slice(0, markedColours.length);
  const rest = channels.filter((c) => !named.includes(c));
  const series: Series[] = [...rest, ...named].map(({ name, power }) => {
    const y = Float64Array.from(power, (p) => p * 1e12);
    for (let i = 0; i < y.length; i++) {
      const f = frequencies[i] as number;
      if (f >= low && f <= high && (y[i] as number) > 0) inView.push(y[i] as number);
    }
    const k = named.findIndex((c) => c.name === name);
    return {
      name,
      x: frequencies,
      y,
      colour: k < 0 ? "#9aa6b2" : (markedColours[k] as string),
      width: k < 0 ? 0.7 : 2,
    };
  });
  const [least, most] = inView.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  if (!(most > 0)) return html``;
  const spans = eeg.bands
    .filter((band) => band.low < high && band.high > low)
    .map((band, i) => ({ from: band.low, to: band.high, label: band.name, colour: bandTints[i % 2] as string }));
  return html`<figure><h3>Power spectra</h3>${linePlot({
    title: `EEG power spectral density of ${channels.length} channels from ${low.toFixed(0)} to ${high.toFixed(0)} Hz`,
    x: { label: "frequency (Hz)", low, high },
    y: { label: "power (µV²/Hz), log", low: least * 0.8, high: most * 1.3, log: true },
    series,
    spans,
  })}${legend([...named.map((c, k) => ({ name: c.name, colour: markedColours[k] as string })), { name: named.length > 0 ? `${rest.length} other channels` : `${rest.length} channels`, colour: "#9aa6b2" }])}<figcaption>${method}</figcaption></figure>`;
}

function evoked(
  { sensors }: EegView,
  { name, time, channels, trials, single, maps = [] }: NonNullable<EegView["evoked"]>[number],
): Html {
  const micro = (a: ArrayLike<number>): Float64Array => Float64Array.from(a, (v) => v * 1e6);
  const series: Series[] = channels.map((c, k) => ({
    name: c.name,
    x: time,
    y: micro(c.mean),
    ...(c.se ? { band: micro(c.se) } : {}),
    colour: markedColours[k % markedColours.length] as string,
  }));
  const most = Math.max(...series.flatMap((s) => Array.from(s.y, Math.abs)), 1e-9) * 1.15;
  const zero = name === "spikes" ? "peak" : "event";
  const shown = maps.filter(({ values }) => values.some(({ value }) => Number.isFinite(value)));
  return html`<h3>Average: ${name}</h3><div class="columns"><figure>${linePlot({
    title: `Average of ${name}, ${trials} trials`,
    x: { label: `time from the ${zero} (s)`, low: time[0] ?? 0, high: time[time.length - 1] ?? 1 },
    y: { label: "potential (µV), positive up", low: -most, high: most },
    series,
    spans: [],
  })}${legend(series.map(({ name: n, colour }) => ({ name: n, colour })))}<figcaption>Mean of ${trials} trials at the channels that show it most; bands are one standard error.</figcaption></figure>${single ? trialsFigure(name, zero, single) : ""}${shown.length > 0 ? html`<div class="scalps">${shown.map((map) => scalpMap(map, sensors))}</div>` : ""}</div>`;
}

function trialsFigure(name: string, zero: string, { channel, times, trials }: EegTrials): Html {
  return html`<figure class="trials">${trialImage({
    title: `Single trials of ${name} at ${channel}`,
    times,
    trials: trials.map((trial) => Float64Array.from(trial, (v) => v * 1e6)),
    unit: "µV",
    timeLabel: `time from the ${zero} (s)`,
  })}<figcaption>Single trials at ${channel}, µV, in the order they happened, first at the top.</figcaption></figure>`;
}

/** Mean over channels of the values in each scalp map, beside the channels that carry its extremes. */
function bandTable(eeg: EegView): Html {
  const rows = eeg.topographies.flatMap(({ name, unit, values, scale = 1 }) => {
    const known = values.filter((v) => Number.isFinite(v.value));
    if (known.length === 0) return [];
    const sorted = [...known].sort((a, b) => a.value - b.value);
    const [low, high] = [sorted[0], sorted.at(-1)];
    const mean = known.reduce((s, v) => s + v.value, 0) / known.length;
    const end = (v: (typeof values)[number] | undefined): string =>
      v ? `${readable(v.value * scale)} at ${v.channel}` : "–";
    return [
      html`<tr><th scope="row">${name}</th><td class="num">${readable(mean * scale)}</td><td>${end(low)}</td><td>${end(high)}</td><td>${unit}</td><td class="num">${known.length}</td></tr>`,
    ];
  });
  if (rows.length === 0) return html``;
  const bands = eeg.bands.map((b) => `${b.name} ${b.low}–${b.high} Hz`).join(", ");
  return html`<div class="scroll"><table><caption>What the scalp maps hold.${bands ? ` Bands: ${bands}.` : ""}</caption><thead><tr><th scope="col">Map</th><th scope="col" class="num">Mean</th><th scope="col">Lowest</th><th scope="col">Highest</th><th scope="col">Unit</th><th scope="col" class="num">Channels</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
