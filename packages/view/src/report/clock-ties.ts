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
  return html`<h3>Shared pulses</h3><div class="scroll"><table><caption>Streams that recorded the same pulses. Sigma of each map follows from the scatter of its pulses and their number.</caption><thead><tr><th scope="col">Stream</th><th scope="col">With</th><th scope="col">Pulses</th><th scope="col" class="num">Used</th><th scope="col" class="num">Refused</th><th scope="col" class="num">Scatter, ms</th><th scope="col">Result</th></tr></thead><tbody>${rows}</tbody></table></div>
${ties.filter(({ residuals }) => residuals.length > 0).map(residualPlot)}${told}`;
}

function residualPlot({ from, to, residuals, jitter = 0 }: ClockTieView): Html {
  const times = residuals.map(({ time }) => time);
  const reach = Math.max(5 * jitter, 1e-6);
  const points = residuals.map(({ time, residual }) => ({
    x: time,
    y: 1000 * residual,
    left: Math.abs(residual) > reach,
  }));
  const plot = scatterPlot({
    title: `Residuals of ${from} against ${to}`,
    x: { label: `time on the clock of ${from}, s`, low: Math.min(...times), high: Math.max(...times) + 1e-9 },
    y: { label: "residual, ms", low: -1000 * reach, high: 1000 * reach },
    points,
    colour: "#0b6fa4",
  });
  return html`<figure>${plot}<figcaption>${from} against ${to}: each shared pulse's distance from the fitted line; open circles lie beyond five scatters and at the edge.</figcaption></figure>`;
}
