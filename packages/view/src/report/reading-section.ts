import type { Modality } from "@quintet/core";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ReportModel } from "./model.ts";

const terms: readonly { readonly term: string; readonly meaning: string; readonly of?: Modality }[] = [
  {
    term: "RAD, NEURO",
    meaning:
      "Radiological view: the viewer looks from the feet or from the front, so the patient’s left is at the viewer’s right. Neurological view: left is left.",
  },
  {
    term: "RAS mm",
    meaning: "World coordinates: x to the patient’s right, y to the front, z to the top. Negative x is left.",
  },
  {
    term: "n of m",
    meaning: "m modalities were available; n of them point to this region. A count, not a probability.",
  },
  {
    term: "z",
    meaning:
      "Distance from a mean in standard deviations. In the table of measures the mean is a normative one, and there is a z only where a normative table was given; in a map the layer’s note says which mean.",
  },
  {
    term: "w",
    meaning:
      "A z for a volume of the MRI whose norm holds the intracranial volume beside age and sex, so that a large head does not read as a large region.",
  },
  {
    term: "Expected registration error",
    meaning: "How far apart the same point may lie in two registered images, inside the brain.",
  },
  { term: "SUVR", meaning: "Uptake in a region divided by the uptake in a reference region.", of: "pet" },
  { term: "SUV", meaning: "Activity concentration times body weight over injected dose, decay-corrected.", of: "pet" },
  {
    term: "Asymmetry index",
    meaning: "200 (left − right) / (left + right) per cent unless the method line says otherwise.",
  },
  {
    term: "SISCOM",
    meaning:
      "Subtraction of interictal from ictal SPECT, each scaled to its mean in the brain, in standard deviations of the difference.",
    of: "spect",
  },
  { term: "SBR", meaning: "Specific binding ratio: (target − reference) / reference.", of: "spect" },
  {
    term: "HbO, HbR",
    meaning: "Change of oxygenated and deoxygenated haemoglobin by the modified Beer–Lambert law.",
    of: "fnirs",
  },
  {
    term: "Scalp coupling index",
    meaning: "Correlation of the heart beat between the two wavelengths of a channel, 0 to 1.",
    of: "fnirs",
  },
  { term: "Band power", meaning: "Power spectral density integrated over a frequency band.", of: "eeg" },
];

/** How to read the report, and the words it uses. */
export function readingSection({ availability, layers }: ReportModel): Html {
  const there = new Set(availability.filter((a) => a.present).map((a) => a.modality));
  const maps = [...new Set(layers.map((l) => l.colourMap))];
  return html`<section id="reading" aria-labelledby="reading-h"><h2 id="reading-h">How to read this report</h2>
<ul><li>Slices are cut in world millimetres of the anatomical image, with linear interpolation, never along voxels.</li>
<li>A layer without threshold fades in over the lowest 4 % of its colour map; a layer with a threshold is shown where the size of its value reaches it. Opacity is linear.</li>
<li>Scalp maps and montages are seen from above with the nose up: left is on the viewer’s left there.</li>
<li>Colour maps: ${maps.length > 0 ? maps.join(", ") : "none used"}. Hot iron is that of DICOM PS3.6 Annex B; cividis (Nuñez et al. 2018) and inferno (van der Walt and Smith 2015) are readable with colour vision deficiency; cool-warm is that of Moreland 2009.</li>
<li>“No finding” means that no region met the rule, not that the brain is healthy.</li></ul>
<dl class="glossary">${terms.filter((t) => !t.of || there.has(t.of)).map((t) => html`<div><dt>${t.term}</dt><dd>${t.meaning}</dd></div>`)}</dl></section>`;
}
