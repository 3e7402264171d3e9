/** The whole report as one self-contained HTML page: no network, works without scripts, made for screen and paper. */
import type { SideConvention } from "../slices/plane.ts";
import { answerSection, levelsSection } from "./answer-section.ts";
import { boldSection } from "./bold-section.ts";
import { clockSection } from "./clock-section.ts";
import { eegSection } from "./eeg-section.ts";
import { findingsSection } from "./findings-section.ts";
import { fingerprintSection } from "./fingerprint-section.ts";
import { fnirsSection } from "./fnirs-section.ts";
import { fusedSection } from "./fused-section.ts";
import { headSection } from "./head-section.ts";
import type { Html } from "./html.ts";
import { html, trusted } from "./html.ts";
import { kineticsSection } from "./kinetics-section.ts";
import { measuresSection } from "./measures-section.ts";
import type { ReportModel } from "./model.ts";
import { petReconSection } from "./pet-recon-section.ts";
import { methodsSection, provenanceSection } from "./provenance-section.ts";
import { qcSection } from "./qc-section.ts";
import { readingSection } from "./reading-section.ts";
import { registrationSection } from "./registration-section.ts";
import type { Scene } from "./scene.ts";
import { sceneOf } from "./scene.ts";
import { reportScript } from "./script.ts";
import { spectReconSection } from "./spect-recon-section.ts";
import { reportStyle } from "./style.ts";
import { participantFacts } from "./words.ts";

export interface ReportOptions {
  /** How slices are drawn before the reader turns them. Default "RAD". */
  readonly convention?: SideConvention;
  /** Pixel edge of the main pictures in mm; larger pixels make a smaller page. Default 0.8. */
  readonly pixel?: number;
}

const researchLine =
  "For research use only. Not a medical device. Results are unvalidated and must not guide diagnosis or treatment.";

/**
 * @returns a complete HTML document
 * @throws DataError `singular-affine` when an image's or transform's matrix cannot be inverted
 */
export function renderReport(model: ReportModel, options: ReportOptions = {}): string {
  const scene = model.anatomy
    ? sceneOf(model, model.anatomy, options.convention ?? "RAD", options.pixel ?? 0.8)
    : undefined;
  const sections: readonly (readonly [id: string, title: string, body: Html])[] = [
    ["answer", "Answer", answerSection(model, scene)],
    ["findings", "Findings", findingsSection(model)],
    ...imageSections(model, scene),
    ["bold", "BOLD", boldSection(model)],
    ["eeg", "EEG", eegSection(model, scene)],
    ["fnirs", "fNIRS", fnirsSection(model, scene)],
    ["kinetics", "PET kinetics", kineticsSection(model)],
    ["pet-recon", "PET reconstruction", petReconSection(model)],
    ["spect-recon", "SPECT reconstruction", spectReconSection(model)],
    ["regions", "Regions", fingerprintSection(model)],
    ["measures", "Measures", measuresSection(model)],
    ["clock", "Clock", clockSection(model)],
    ["qc", "Quality", qcSection(model)],
    ["methods", "Methods", methodsSection(model)],
    ["provenance", "Provenance", provenanceSection(model)],
    ["reading", "How to read", readingSection(model)],
  ];
  const shown = sections.filter(([, , body]) => body.markup !== "");
  const { subject, session, study, software } = model;
  const who = `sub-${subject.label}${session ? ` ses-${session}` : ""}`;
  const facts = [...participantFacts(subject), `study ${study}`, model.generatedAt.slice(0, 16).replace("T", " ")];
  return `<!doctype html>\n${
    html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${who} · ${software.name} report</title><style>${trusted(reportStyle)}</style></head>
<body><a class="skip" href="#answer">Skip to the answer</a>
<header class="top"><div class="brand"><span class="five" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i></span>${software.name}</div><div class="who"><strong>${who}</strong>${facts.map((f) => html`<span>${f}</span>`)}</div></header>
<div class="research" role="note"><strong>${researchLine}</strong>${model.disclaimers.map((d) => html`<span>${d}</span>`)}</div>
${scene ? scene.store.markup() : ""}
<div class="page"><nav aria-label="Sections"><ol>${shown.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ol></nav>
<main>${shown.map(([, , body]) => body)}</main></div>
<footer>${software.name} ${software.version} · ${who} · ${model.generatedAt} · ${researchLine}</footer>
<script>${trusted(reportScript)}</script></body></html>`.markup
  }\n`;
}

function imageSections(model: ReportModel, scene: Scene | undefined): (readonly [string, string, Html])[] {
  if (!scene) return [];
  return [
    ["fused", "Fused images", fusedSection(model, scene)],
    ["levels", "Axial levels", levelsSection(model, scene)],
    ["head", "Head", headSection(model, scene)],
    ["registration", "Registration", registrationSection(model, scene)],
  ];
}
