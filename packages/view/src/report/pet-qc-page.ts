/** One self-contained page of a phantom's scan: findings, uniformity, recovery, calibration with its acceptance, count rates. */
import type { QcFinding, Volume } from "@quintet/core";
import { readable } from "../plots/axis.ts";
import { commandPage, type PageMaker } from "./command-page.ts";
import { findingsTable } from "./findings-table.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { withError } from "./kinetics-figures.ts";
import { rateFigures, recoveryFigure, sliceFigures } from "./pet-qc-figures.ts";
import type { PetQcView } from "./pet-qc-view.ts";
import { reconCuts } from "./recon-cuts.ts";

export type PetQcPageOptions = PageMaker;

/** Nine columns have room on a laptop's screen where their heads take two lines. */
const style = "thead th.num{white-space:normal}";

export function renderPetQcPage(view: PetQcView, { software, generatedAt }: PetQcPageOptions): string {
  const { source, image, findings } = view;
  return commandPage(
    { title: "PET phantom", source, software, generatedAt, style, bodyClass: "rad" },
    html`<section><h1>PET phantom: quality control</h1><p><strong>${answerOf(findings)}</strong></p>${findingsTable(findings, source)}
${reconCuts(image, { source, modality: "pet", note: "", ...(image.unit === "1" ? { unit: "no unit stated" } : {}) })}</section>
${uniformityPart(view)}${recoveryPart(view)}${calibrationPart(view)}${countsPart(view)}`,
  );
}

function answerOf(findings: readonly QcFinding[]): string {
  const number = (verdict: QcFinding["verdict"]): number => findings.filter((f) => f.verdict === verdict).length;
  const [bad, warn] = [number("bad"), number("warn")];
  return bad + warn === 0
    ? `All ${findings.length} values are within their limits.`
    : `${bad} of ${findings.length} values bad, ${warn} to check.`;
}

const cell = (text: string): Html => html`<td class="num">${text}</td>`;
const percent = (x: number): string => `${(100 * x).toFixed(1).replace("-", "−")} %`;

/** kBq/mL of an image in Bq/mL. */
function level(value: number, { unit }: Volume, error?: number): string {
  const [scale, name] = unit === "Bq/mL" ? [1e-3, " kBq/mL"] : [1, ""];
  return `${error === undefined ? readable(scale * value, 4) : withError(scale * value, scale * error)}${name}`;
}

function uniformityPart({ uniformity, image, limits }: PetQcView): Html {
  if (!uniformity) return html``;
  const { cylinder, mean, standardError, slices } = uniformity;
  return html`<section><h2>Uniformity</h2><p>A cylinder of ${(2 * cylinder.radius).toFixed(0)} mm diameter and ${(cylinder.to - cylinder.from).toFixed(0)} mm length was found; its mean is ${level(mean, image, standardError)} (standard error from the spread of the slices).</p>
${sliceFigures(slices, mean, limits)}
<div class="scroll${slices.length > 15 ? " tall" : ""}"><table><caption>Each slice, from square regions that tile it. Deviations are shares of the slice’s own mean.</caption><thead><tr><th scope="col" class="num">z (mm)</th><th scope="col" class="num">Regions</th><th scope="col" class="num">Mean</th><th scope="col" class="num">Variation (SD over mean)</th><th scope="col" class="num">Highest region</th><th scope="col" class="num">Lowest region</th></tr></thead><tbody>${slices.map(
    (s) =>
      html`<tr>${cell(s.z.toFixed(1).replace("-", "−"))}${cell(String(s.regions))}${cell(level(s.mean, image))}${cell(percent(s.variation))}${cell(`+${percent(s.above)}`)}${cell(`−${percent(s.below)}`)}</tr>`,
  )}</tbody></table></div></section>`;
}

function recoveryPart({ recovery, image, limits }: PetQcView): Html {
  if (!recovery) return html``;
  const { background, circles, spheres } = recovery;
  const { least, most } = limits.recovery;
  return html`<section><h2>Recovery</h2><p>Contrast of each sphere against its true one, 1 is full recovery. Background: ${level(background, image)}, mean of ${circles} circles. The largest sphere should reach ${least} to ${most} (limits of this program).</p>
${recoveryFigure(spheres)}
<div class="scroll"><table><thead><tr><th scope="col" class="num">Diameter (mm)</th><th scope="col" class="num">True ratio</th><th scope="col" class="num">Measured ratio</th><th scope="col" class="num">Contrast recovery</th><th scope="col" class="num">Mean of the sphere over truth</th><th scope="col" class="num">Maximum over truth</th><th scope="col" class="num">Background variability</th></tr></thead><tbody>${spheres.map(
    (s) =>
      html`<tr>${cell(readable(s.diameter))}${cell(`${readable(s.ratio)} : 1`)}${cell(`${s.measuredRatio.toFixed(2)} : 1`)}${cell(`${s.contrast.toFixed(3)} ± ${s.standardError.toFixed(3)}`)}${cell(s.mean === undefined ? "–" : s.mean.toFixed(3))}${cell(s.max === undefined ? "–" : s.max.toFixed(3))}${cell(percent(s.variability))}</tr>`,
  )}</tbody></table></div></section>`;
}

function calibrationPart({ calibration, limits }: PetQcView): Html {
  if (!calibration) {
    return html`<section><h2>Cross-calibration</h2><p class="empty">Not made: the phantom’s description holds no reading of a dose calibrator.</p></section>`;
  }
  const { measured, measuredError, expected, expectedError, factor, standardError } = calibration;
  const { warn, bad } = limits.calibration;
  const off = Math.abs(factor - 1);
  const verdict =
    off <= warn
      ? `accepted: within ${percent(warn)}`
      : off <= bad
        ? `to check: beyond ${percent(warn)}, within ${percent(bad)}`
        : `not accepted: beyond ${percent(bad)}`;
  const kilo = (value: number, error: number): string => `${withError(value / 1000, error / 1000)} kBq/mL`;
  return html`<section><h2>Cross-calibration</h2><dl class="facts"><dt>Dose calibrator, at the image’s time</dt><dd>${kilo(expected, expectedError)}</dd><dt>Image</dt><dd>${kilo(measured, measuredError)}</dd><dt>Factor, dose calibrator over image</dt><dd>${factor.toFixed(4)} ± ${standardError.toFixed(4)}</dd><dt>Acceptance</dt><dd><strong>${verdict}</strong></dd></dl></section>`;
}

function countsPart({ counts }: PetQcView): Html {
  if (!counts) {
    return html`<section><h2>Count rates</h2><p class="empty">Not made: no table of counts was given.</p></section>`;
  }
  const { rates, peak } = counts;
  const kilo = (rate: number): string => readable(rate / 1000, 4);
  return html`<section><h2>Count rates</h2><p>${peak ? `The noise-equivalent rate is largest at ${readable(peak.activity / 1e6)} MBq: ${kilo(peak.noiseEquivalent)} thousand counts a second.` : "The series shows no peak of the noise-equivalent rate: its best measurement has no neighbour of known activity on either side."}</p>
${rateFigures(rates)}
<div class="scroll${rates.length > 15 ? " tall" : ""}"><table><caption>Rates in thousand counts a second.</caption><thead><tr><th scope="col" class="num">Activity (MBq)</th><th scope="col" class="num">Prompts</th><th scope="col" class="num">Trues</th><th scope="col" class="num">Randoms</th><th scope="col" class="num">Scatter</th><th scope="col" class="num">Randoms fraction</th><th scope="col" class="num">Scatter fraction</th><th scope="col" class="num">Noise-equivalent</th></tr></thead><tbody>${rates.map(
    (r) =>
      html`<tr>${cell(r.activity === undefined ? "not known" : readable(r.activity / 1e6))}${[r.prompts, r.trues, r.randoms, r.scatter].map((x) => cell(kilo(x)))}${cell(r.randomsFraction.toFixed(3))}${cell(r.scatterFraction.toFixed(3))}${cell(withError(r.noiseEquivalent / 1000, r.noiseEquivalentError / 1000))}</tr>`,
  )}</tbody></table></div></section>`;
}
