/** Which streams are tied by pulses that both recorded: how many, how well, and why others are not. */
import { readable } from "../plots/axis.ts";
import { scatterPlot } from "../plots/scatter-plot.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ClockTieView, SessionClock } from "./model.ts";

export function clockTies({ ties = [], findings = [] }: SessionClock): Html {
  const told =
    findings.length > 0
      ? html`<h3>Found on the clocks</h3><ul>${findings.map((text) => html`<li>${text}</li>`)}</ul>`
      : html``;
  if (ties.length === 0) return told;
  const rows = ties.map(
    (tie) =>
      html`<tr><th scope="row">${tie.from}</th><td>${tie.to}</td><td>${tie.pulses}</td><td class="num">${tie.why === undefined ? tie.used : "–"}</td><td class="num">${tie.why === undefined ? tie.refused.length : "–"}</td><td class="num">${tie.jitter === undefined ? "–" : readable(1000 * tie.jitter, 3)}</td><td class="note">${tie.why ?? "tied"}</td></tr>`,
  );
  return html`<h3>Shared pulses</h3><div class="scroll"><table><caption>Streams that recorded the same pulses. The SD of a map follows from the scatter of its pulses, their number and the steps in which either clock tells time.</caption><thead><tr><th scope="col">Stream</th><th scope="col">With</th><th scope="col">Pulses</th><th scope="col" class="num">Used</th><th scope="col" class="num">Refused</th><th scope="col" class="num">Scatter, ms</th><th scope="col">Result</th></tr></thead><tbody>${rows}</tbody></table></div>
<p>Distance of each shared pulse from the fitted line; open circles lie beyond five scatters and stand at the edge.</p>
<div class="columns">${ties.filter(({ residuals }) => residuals.length > 0).map(residualPlot)}</div>${told}`;
}

/** 1, 2 or 5 times a power of ten: both ends of the axis have a number. */
function roundUp(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  return power * ([1, 2, 5].find((step) => step * power >= size) ?? 10);
}

function residualPlot({ from, to, residuals, jitter = 0 }: ClockTieView): Html {
  const times = residuals.map(({ time }) => time);
  const edge = Math.max(5 * jitter, 1e-6);
  const largest = residuals.reduce((most, { residual }) => Math.max(most, Math.abs(residual)), 1e-4);
  const reach = roundUp(Math.min(edge, 1.1 * largest));
  const points = residuals.map(({ time, residual }) => ({
    x: time,
    y: 1000 * residual,
    left: Math.abs(residual) > edge,
  }));
  const plot = scatterPlot({
    title: `Residuals of ${from} against ${to}`,
    x: { label: `time on the clock of ${from}, s`, low: Math.min(...times), high: Math.max(...times) + 1e-9 },
    y: { label: "residual, ms", low: -1000 * reach, high: 1000 * reach },
    points,
    colour: "#0b6fa4",
  });
  return html`<figure>${plot}<figcaption>${from} against ${to}</figcaption></figure>`;
}
