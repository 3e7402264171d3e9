/** The parts of a PET reconstruction that its own page and the report of a run share. */
import type { Volume } from "@quintet/core";
import { frameData } from "@quintet/core";
import { readable } from "../plots/axis.ts";
import { findingsTable } from "./findings-table.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { convergenceFigures, courseFigure, motionFigures } from "./pet-recon-figures.ts";
import type { PetReconFrame, PetReconView } from "./pet-recon-view.ts";
import { reconCuts } from "./recon-cuts.ts";
import { reconHeading, settingsList } from "./recon-settings.ts";
import { sentenceCase } from "./words.ts";

/** @param heading level of the parts' headings */
export function petReconBlocks(view: PetReconView, heading: 2 | 4): Html {
  const title = reconHeading(heading);
  const { source, settings, terms, notes, findings, frames, course, motion, motionNote, image, unit } = view;
  const still = image && stillOf(image);
  return html`${still ? html`${title("Image as reconstructed")}${reconCuts(still.image, { source, modality: "pet", note: still.note, ...(unit === undefined ? {} : { unit }) })}` : ""}
${title("How it was reconstructed")}${settingsList(settings, image)}${notes.map((note) => html`<p>${sentenceCase(note)}</p>`)}
${title("Terms of the model")}<p>y = n a (A x) + r + s: prompts y, detector efficiencies n, attenuation a, projections A x of the image, randoms r, scatter s.</p>
<dl class="facts">${terms.map(({ name, value, note }) => html`<dt>${sentenceCase(name)}</dt><dd>${value ?? html`<strong>not modelled</strong>`}${note === undefined ? "" : `; ${note}`}</dd>`)}</dl>
${findings.length > 0 ? html`${title("Findings")}${findingsTable(findings, source)}` : ""}
${title("Counts")}${countTable(frames)}${course ? courseFigure(course) : ""}
${title("Motion")}<p>${motionNote}</p>${motion ? motionFigures(motion) : ""}
${title("Convergence")}${convergencePart(frames)}`;
}

/** Of several frames their mean by duration; what counts per frame is added up. */
function stillOf(image: Volume): { readonly image: Volume; readonly note: string } {
  const { frames } = image;
  const [first] = frames;
  if (frames.length < 2 || !first) return { image, note: "" };
  const activity = image.unit === "Bq/mL";
  const whole = frames.reduce((sum, { duration }) => sum + duration, 0);
  const data = new Float32Array(frameData(image, 0).length);
  for (const [t, { duration }] of frames.entries()) {
    const weight = activity && whole > 0 ? duration / whole : activity ? 1 / frames.length : 1;
    for (const [i, value] of frameData(image, t).entries()) data[i] = (data[i] as number) + weight * value;
  }
  return {
    image: { ...image, frames: [{ start: first.start, duration: whole }], data },
    note: `${activity ? "Mean" : "Sum"} of ${frames.length} frames.`,
  };
}

const countText = (n: number): string => Math.round(n).toLocaleString("en-US");
const cell = (text: string): Html => html`<td class="num">${text}</td>`;
/** For what is no term of the model. */
const silent = html`<td class="num muted">not modelled</td>`;

/** One row a frame, and one for all. */
function countTable(frames: readonly PetReconFrame[]): Html {
  const heads = [
    "Start (s)",
    "Duration (s)",
    "Prompts",
    "Prompts (1/s)",
    "Randoms",
    "Scatter",
    "Trues",
    "Randoms fraction",
    "Scatter fraction",
    "Scatter scale",
  ];
  const row = (name: string, frame: PetReconFrame): Html => {
    const { start, duration, prompts, randoms, scatter, scatterScale } = frame;
    const left = prompts - (randoms ?? 0);
    const whole = randoms !== undefined && scatter !== undefined;
    return html`<tr><th scope="row">${name}</th>${duration > 0 ? html`${cell(short(start))}${cell(short(duration))}` : html`${cell("not known")}${cell("not known")}`}${cell(countText(prompts))}${cell(duration > 0 ? countText(prompts / duration) : "–")}${randoms === undefined ? silent : cell(countText(randoms))}${scatter === undefined ? silent : cell(countText(scatter))}${cell(whole ? countText(left - scatter) : "–")}${randoms === undefined ? silent : cell(share(randoms, prompts))}${scatter === undefined ? silent : cell(share(scatter, left))}${cell(scatterScale ? `${scatterScale.value.toFixed(3)} ± ${scatterScale.error.toFixed(3)}` : "–")}</tr>`;
  };
  const all = frames.length > 1 ? row("all", sumOf(frames)) : "";
  return html`<div class="scroll${frames.length > 15 ? " tall" : ""}"><table><caption>Randoms fraction: randoms over prompts. Scatter fraction: scatter over prompts without randoms. Trues: prompts less randoms and scatter; a dash where the model lacks one of them. Scatter scale: what the tails outside the head asked of the computed scatter.</caption><thead><tr><th scope="col">Frame</th>${heads.map((head) => html`<th scope="col" class="num">${head}</th>`)}</tr></thead><tbody>${frames.map((frame, i) => row(String(i + 1), frame))}${all}</tbody></table></div>`;
}

function short(x: number): string {
  return String(Number(x.toFixed(3)));
}

function share(part: number, of: number): string {
  return of > 0 ? (part / of).toFixed(3) : "–";
}

function sumOf(frames: readonly PetReconFrame[]): PetReconFrame {
  const sum = (of: (frame: PetReconFrame) => number): number => frames.reduce((s, frame) => s + of(frame), 0);
  const modelled = (name: "randoms" | "scatter"): object =>
    frames.every((frame) => frame[name] !== undefined) ? { [name]: sum((frame) => frame[name] ?? 0) } : {};
  return {
    start: frames[0]?.start ?? 0,
    duration: sum(({ duration }) => duration),
    prompts: sum(({ prompts }) => prompts),
    ...modelled("randoms"),
    ...modelled("scatter"),
    iterations: [],
  };
}

function convergencePart(frames: readonly PetReconFrame[]): Html {
  const [first] = frames;
  const table =
    frames.length === 1 && first
      ? html`<div class="scroll${first.iterations.length > 15 ? " tall" : ""}"><table><caption>Expected counts: what the model expects over the iteration; of list mode the image’s own, without randoms and scatter. Change of the image: norm of its change over its norm.</caption><thead><tr><th scope="col">Iteration</th><th scope="col" class="num">Log-likelihood</th><th scope="col" class="num">Expected counts</th><th scope="col" class="num">Change of the image</th></tr></thead><tbody>${first.iterations.map(
          ({ logLikelihood, expected, change }, i) =>
            html`<tr><th scope="row">${i + 1}</th>${cell(logLikelihood === undefined ? "–" : likelihoodText(logLikelihood))}${cell(countText(expected))}${cell(readable(change))}</tr>`,
        )}</tbody></table></div>`
      : html`<div class="scroll${frames.length > 15 ? " tall" : ""}"><table><thead><tr><th scope="col">Frame</th><th scope="col" class="num">Iterations</th><th scope="col" class="num">Log-likelihood</th><th scope="col" class="num">Last change of the image</th></tr></thead><tbody>${frames.map(
          ({ iterations }, i) => {
            const last = iterations.at(-1);
            return html`<tr><th scope="row">${i + 1}</th>${cell(String(iterations.length))}${cell(last?.logLikelihood === undefined ? "–" : likelihoodText(last.logLikelihood))}${cell(last ? readable(last.change) : "–")}</tr>`;
          },
        )}</tbody></table></div>`;
  return html`${table}${convergenceFigures(frames)}`;
}

function likelihoodText(x: number): string {
  return x.toLocaleString("en-US", { maximumFractionDigits: 1 }).replace("-", "\u2212");
}
