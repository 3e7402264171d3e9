/** fNIRS: where the montage looks in this head, and the haemoglobin of each kind of event on its cortex. */
import { DataError, type Events, type Montage, type Point, type QcFinding, type Recording } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import { type TissueTableName, tissueTableFor, tissueTables } from "@quintet/modalities/fnirs";
import type { FnirsTomography, ImageLayer } from "@quintet/view";
import type { Step } from "../../engine/step.ts";
import {
  type CortexImage,
  cortexImage,
  factorsOf,
  type MontageLight,
  medianOf,
  montageLight,
  sampledResolution,
  seen,
} from "../../nirs-image/cortex-image.ts";
import { label } from "../../nirs-image/image-nirs-file.ts";
import { diffusedFields } from "../../nirs-image/light-in-head.ts";
import { type OpticalResponses, responsesOf, withoutResponses } from "../../nirs-image/read-responses.ts";
import { readFnirs } from "./fnirs-inputs.ts";
import { type Anatomy, finding, type HeadFrame, type KeptImage } from "./outcome.ts";
import { sensorsOnHead } from "./sensors-on-head.ts";
import type { TissueMaps } from "./tissue-step.ts";

export interface FnirsTomographyParams {
  readonly companions: Readonly<Record<string, string>>;
}

export interface TomographyOutcome {
  /** Absent when no image could be made; a finding says why. */
  readonly view?: FnirsTomography;
  readonly images: readonly KeptImage[];
  readonly qc: readonly QcFinding[];
}

/** As `quintet nirs image` has them without options, but for the table of tissue, which is the one that reaches the wavelengths. */
const settings = { table: "prahl", lambda1: 0.01, lambda2: 0.1 } as const;
/** mm: a montage of thirty optodes stays within seconds. */
const spacing = 3;
/** Points whose spread is looked at: a median needs no more. */
const sampled = 60;
/** Shares and ratios below which the image is not to be relied on: judgements, told with each finding. */
const least = { grey: 0.01, peak: 0.05, change: 3 } as const;
/** mm, of the median point: the limit that simulated activations are held to. */
const mostMisplaced = 10;

export const fnirsTomographyStep: Step<
  { file: string; anatomy: Anatomy; frame: HeadFrame; tissue: TissueMaps },
  FnirsTomographyParams,
  TomographyOutcome
> = {
  name: "fnirs-tomography",
  version: 1,
  title: "fNIRS: optical tomography",
  async run({ file, anatomy, frame, tissue: { head: labels } }, { companions }, { progress }) {
    await loadKernels();
    try {
      const { recording, montage, events } = await readFnirs(file, companions);
      if (!montage) return none("optodes have no positions");
      const { head } = sensorsOnHead("fnirs", montage, anatomy, frame);
      if (!head) return none("optodes could not be placed on this head");
      const [found, why] = responsesOr({ recording, montage, events }, file);
      const table = tissueTableFor(found.wavelengths);
      progress(0.3, "light");
      const lit = montageLight(labels, head.montage, found, {
        spacing,
        file,
        fields: diffusedFields(table),
        onProgress: (share, note) => progress(0.3 + 0.6 * share, note),
      });
      progress(0.9, "image");
      const outcome = outcomeOf(lit, found, table);
      return { ...outcome, qc: [...outcome.qc, ...why] };
    } catch (error) {
      if (error instanceof DataError) return none(error.message);
      throw error;
    }
  },
};

/** The recording's responses; where they cannot be had its measurements alone, with a finding that says why. */
function responsesOr(
  read: { readonly recording: Recording; readonly montage: Montage; readonly events: Events },
  file: string,
): readonly [OpticalResponses, readonly QcFinding[]] {
  try {
    return [responsesOf(read, file, { table: settings.table }), []];
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const note = `sensitivity alone, no image of haemoglobin: ${error.message}`;
    return [withoutResponses(read, file), [finding("fnirs", "tomography", "sensitivity", "warn", note)]];
  }
}

function none(why: string): TomographyOutcome {
  return { images: [], qc: [finding("fnirs", "tomography", "none", "warn", `no optical tomography: ${why}`)] };
}

/** Images, what is shown of them, and what there is to say against them. @throws DataError those of tomography */
export function outcomeOf(lit: MontageLight, found: OpticalResponses, table: TissueTableName): TomographyOutcome {
  const images = found.conditions.map(({ name, events }, c) => ({
    name,
    events,
    image: cortexImage(lit, found.rows, c, settings),
  }));
  const spread = sampledResolution(lit, settings, sampled);
  const resolution = { localisation: medianOf(spread, "localisation"), fwhm: medianOf(spread, "fwhm") };
  const onCortex = Float32Array.from(lit.voxels, (v) => lit.sensitivity.data[v] as number);
  const top = onCortex.reduce((most, v) => Math.max(most, v), 0);
  const best = onCortex.indexOf(top);
  const sensitivity: ImageLayer = {
    kind: "image",
    id: "fnirs-sensitivity",
    modality: "fnirs",
    name: "Sensitivity",
    unit: "mm",
    range: [0, top],
    threshold: seen * top,
    colourMap: "inferno",
    note: "Path of the measured light in each voxel, summed over the pairs, mean of the wavelengths. The scale ends at the largest of the cortex; scalp and skull lie beyond it.",
    volume: lit.sensitivity,
  };
  const pairs = found.rows.length / found.wavelengths.length;
  return {
    view: {
      note: [
        `${pairs} pairs at ${found.wavelengths.join(" and ")} nm. Light by diffusion in voxels of ${spacing} mm of this head’s five tissues (optical properties: ${tissueTables[table].citation}).`,
        ...(images.length > 0
          ? [`Each event’s peak by a linear model with autoregressive noise (short channels: ${found.short}).`]
          : []),
        `Both wavelengths are inverted together by Tikhonov’s regularisation: λ1 ${settings.lambda1} of the largest singular value, λ2 ${settings.lambda2} of the largest column, both fixed.`,
      ].join(" "),
      sensitivity,
      best: lit.places[best] as Point,
      outline: seen * top,
      maps: images.map(({ name, events, image }) => ({
        condition: name,
        events,
        hbo: haemoglobinLayer(name, "hbo", image),
        hbr: haemoglobinLayer(name, "hbr", image),
        peak: image.peak,
      })),
      resolution,
      factors: factorsOf(lit),
    },
    images: [
      { suffix: "space-T1w_desc-sensitivity_dot", datatype: "nirs", volume: lit.sensitivity },
      ...images.flatMap(({ name, image }) =>
        (["hbo", "hbr"] as const).map((kind) => ({
          suffix: `space-T1w_desc-${label(name)}_${kind}`,
          datatype: "nirs",
          volume: image[kind],
        })),
      ),
    ],
    qc: findingsOf(lit, found, resolution.localisation, images),
  };
}

function haemoglobinLayer(condition: string, kind: "hbo" | "hbr", image: CortexImage): ImageLayer {
  const volume = image[kind];
  const top = 1e6 * volume.data.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
  return {
    kind: "image",
    id: `fnirs-${kind}-${label(condition)}`,
    modality: "fnirs",
    name: `${kind === "hbo" ? "HbO" : "HbR"} on the cortex, ${condition}`,
    unit: "µM",
    scale: 1e6,
    range: [-top, top],
    threshold: top / 4,
    colourMap: "cool-warm",
    note: "Optical tomography in grey matter; amplitudes shrink with depth and spread.",
    volume,
  };
}

function findingsOf(
  lit: MontageLight,
  { rows, conditions, short }: OpticalResponses,
  localisation: number,
  images: readonly { readonly name: string; readonly image: CortexImage }[],
): QcFinding[] {
  const shares = factorsOf(lit)
    .map(({ factors }) => (factors.grey as number) / Object.values(factors).reduce((sum, f) => sum + f, 0))
    .sort((a, b) => a - b);
  const grey = shares[shares.length >> 1] as number;
  const verdict = (good: boolean): QcFinding["verdict"] => (good ? "ok" : "warn");
  return [
    finding(
      "fnirs",
      "tomography-grey-share",
      100 * grey,
      verdict(grey >= least.grey),
      `of the measured light's path lies in grey matter, median of ${shares.length} measurements; below ${100 * least.grey} % a change in the scalp a hundredth as large weighs as much`,
      "%",
    ),
    ...(images.length === 0
      ? []
      : [
          finding(
            "fnirs",
            "tomography-scalp",
            short,
            verdict(short !== "none"),
            short === "none"
              ? "no short channels: what the scalp does in time with the task is in the image, which may then lie centimetres off"
              : "short channels are taken out before the image",
          ),
        ]),
    finding(
      "fnirs",
      "tomography-localisation",
      localisation,
      verdict(localisation <= mostMisplaced),
      "median error of place of single points without noise: what the montage can tell apart",
      "mm",
    ),
    ...images.flatMap(({ name, image }, c) => {
      const strongest = rows.reduce(
        (most, { values, errors }) => Math.max(most, Math.abs((values[c] as number) / (errors[c] as number))),
        0,
      );
      return [
        finding(
          "fnirs",
          `tomography-change, ${conditions[c]?.name}`,
          strongest,
          verdict(strongest >= least.change),
          strongest >= least.change
            ? "strongest measured change over its standard error; the image itself is not tested"
            : `strongest measured change over its standard error, below ${least.change}: the image may show noise alone`,
          "1",
        ),
        finding(
          "fnirs",
          `tomography-edge, ${name}`,
          100 * image.peakSensitivity,
          verdict(image.peakSensitivity >= least.peak),
          `sensitivity where HbO is largest, of the cortex's best; below ${100 * least.peak} % it lies at the edge of what the montage sees`,
          "%",
        ),
      ];
    }),
  ];
}
