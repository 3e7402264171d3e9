import { legend, linePlot } from "../plots/line-plot.ts";
import { montageSketch } from "../topography/montage-sketch.ts";
import { fnirsTomographyPart } from "./fnirs-tomography-part.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { Curve, FnirsView, ReportModel } from "./model.ts";
import type { Scene } from "./scene.ts";
import { count } from "./words.ts";

// HbO red, HbR blue by the field's habit; HbR is also dashed, so that colour is not all that tells them apart.
const hboColour = "#c0392b";
const hbrColour = "#1f5fa8";

/** fNIRS: montage with coupling, block averages with their standard errors, one channel's whole course. */
export function fnirsSection(model: ReportModel, scene?: Scene): Html {
  const { fnirs } = model;
  const body = fnirs
    ? html`<p>${fnirs.note}</p><div class="columns">${fnirs.sensors.some((s) => s.position) ? montageSketch(fnirs) : ""}${coupling(fnirs)}</div>
${
  fnirs.responses.length > 0 ? html`<h3>Responses</h3>${responseFigures(fnirs.responses)}` : ""
}${fnirs.tomography ? fnirsTomographyPart(fnirs.tomography, scene) : ""}${fnirs.course ? course(fnirs, fnirs.course) : ""}`
    : html`<p class="empty">${model.availability.find((a) => a.modality === "fnirs")?.note ?? "No fNIRS in this study."}</p>`;
  return html`<section id="fnirs" aria-labelledby="fnirs-h"><h2 id="fnirs-h">fNIRS</h2>${body}</section>`;
}

/** Block averages side by side, one scale for all. */
export function responseFigures(all: FnirsView["responses"]): Html {
  return html`${legend([
    { name: "HbO", colour: hboColour },
    { name: "HbR", colour: hbrColour, dash: true },
  ])}<div class="smallmultiples">${responses(all)}</div><p class="muted">Mean change of concentration; bands are one standard error over trials; gray: the stimulus. One scale for all.</p>`;
}

const micro = (a: ArrayLike<number>): Float64Array => Float64Array.from(a, (v) => v * 1e6);

function extent(curves: readonly Curve[]): readonly [number, number] {
  let [low, high] = [0, 0];
  for (const { mean, se } of curves) {
    for (let i = 0; i < mean.length; i++) {
      const [m, e] = [(mean[i] as number) * 1e6, ((se?.[i] ?? 0) as number) * 1e6];
      if (!Number.isFinite(m)) continue;
      low = Math.min(low, m - e);
      high = Math.max(high, m + e);
    }
  }
  const pad = 0.08 * (high - low) || 1;
  return [low - pad, high + pad];
}

function responses(all: FnirsView["responses"]): Html[] {
  const [low, high] = extent(all.flatMap((r) => [r.hbo, r.hbr]));
  return all.map((response) => {
    const { name, condition, time, hbo, hbr, trials, stimulus, channels } = response;
    const series = (label: string, curve: Curve, colour: string, dash?: string) => ({
      name: label,
      x: time,
      y: micro(curve.mean),
      ...(curve.se ? { band: micro(curve.se) } : {}),
      colour,
      width: 2,
      ...(dash ? { dash } : {}),
    });
    return html`<figure><h4>${name} <span class="muted">${condition}</span></h4>${linePlot({
      title: `fNIRS response of ${name} to ${condition}, ${trials} trials: HbO and HbR in micromolar against seconds`,
      width: 400,
      height: 240,
      x: { label: "time from onset (s)", low: time[0] ?? 0, high: time[time.length - 1] ?? 1 },
      y: { label: "Δc (µM)", low, high },
      series: [series("HbR", hbr, hbrColour, "6 3"), series("HbO", hbo, hboColour)],
      ...(stimulus ? { spans: [{ from: 0, to: stimulus, colour: "#e9edf1" }] } : {}),
    })}<figcaption>${count(trials, "trial")}, ${count(channels.length, "channel")}</figcaption></figure>`;
  });
}

function coupling({ channels }: FnirsView): Html {
  const bad = channels.filter((c) => c.status === "bad");
  const rows = channels.map(
    (c) =>
      html`<tr><th scope="row">${c.name}</th><td class="num">${c.distance === undefined ? "–" : c.distance.toFixed(0)}</td><td>${c.coupling === undefined ? "–" : html`<span class="meter" aria-hidden="true"><span style="width:${Math.round(100 * Math.min(1, Math.max(0, c.coupling)))}%"></span></span> ${c.coupling.toFixed(2)}`}</td><td>${c.status === "bad" ? html`<span class="verdict bad"><span aria-hidden="true">✕</span>bad</span>` : html`<span class="verdict ok"><span aria-hidden="true">✓</span>good</span>`}</td></tr>`,
  );
  return html`<div class="scroll tall"><table><caption>${channels.length - bad.length} of ${channels.length} channels are good. Coupling: scalp coupling index (0 to 1).</caption><thead><tr><th scope="col">Channel</th><th scope="col" class="num">Distance, mm</th><th scope="col">Coupling</th><th scope="col">Verdict</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function course(fnirs: FnirsView, { channel, rate, start, hbo, hbr }: NonNullable<FnirsView["course"]>): Html {
  const every = Math.max(1, Math.floor(hbo.length / 1200));
  const pick = (a: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: Math.floor(a.length / every) }, (_, i) => (a[i * every] as number) * 1e6);
  const x = Float64Array.from({ length: Math.floor(hbo.length / every) }, (_, i) => start + (i * every) / rate);
  const [low, high] = extent([{ mean: hbo }, { mean: hbr }]);
  const end = x[x.length - 1] ?? 1;
  return html`<figure class="wide"><h3>Course of ${channel}</h3>${linePlot({
    title: `HbO and HbR of ${channel} over the whole recording`,
    width: 1040,
    height: 230,
    x: { label: "time on the recording's clock (s)", low: start, high: end },
    y: { label: "Δc (µM)", low, high },
    series: [
      { name: "HbR", x, y: pick(hbr), colour: hbrColour, width: 1, dash: "6 3" },
      { name: "HbO", x, y: pick(hbo), colour: hboColour, width: 1 },
    ],
    spans: (fnirs.events?.list ?? [])
      .filter((e) => e.duration > 0)
      .map((e) => ({ from: e.onset, to: e.onset + e.duration, colour: "#e9edf1" })),
  })}<figcaption>Gray: stimulus blocks.</figcaption></figure>`;
}
