/** An image placed on the anatomy: read, made static, registered. */
import {
  DataError,
  identityAffine,
  type Metadata,
  type Modality,
  type QcFinding,
  spacing,
  type Transform,
  type Volume,
} from "@quintet/core";
import { registerRigid } from "@quintet/fusion/register";
import { withSidecar } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import { fwhmPerSigma, smoothGaussian } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { imageCorrectedAsStated, meanOverWindow } from "@quintet/modalities/pet";
import type { Step } from "../../engine/step.ts";
import { finding, type Placed } from "./outcome.ts";

export interface AlignParams {
  readonly modality: Modality;
  /** "FDG", "ictal": how the report calls the image. */
  readonly name: string;
  /** Seconds on the image's clock; all frames without it. */
  readonly window?: { readonly start: number; readonly end: number };
  /** "identity" leaves the image where its header says: a control that must fail on a misplaced image. */
  readonly method: "rigid" | "identity";
  /** FWHM of the image, mm. */
  readonly resolution: number;
  /** The side file: unit and frames of the stored numbers. */
  readonly metadata: Metadata;
}

/** Where the true place is known (phantom, planted offset), mm limits the issue sets for real images. */
export const registrationLimits: Readonly<Record<"pet" | "spect", number>> = { pet: 3, spect: 5 };

export const align: Step<{ file: string; emission: Volume }, AlignParams, Placed> = {
  name: "align",
  version: 3,
  title: "Align to the T1",
  async run({ file, emission }, { modality, name, window, method, metadata, resolution }, { progress }) {
    await loadKernels();
    const read = await readVolume(file, {
      space: `scanner:${modality}-${name}`,
      clock: `${modality}-${name}`,
      nonFinite: "background",
    });
    const stored = withSidecar(read, metadata, file);
    const decay = modality === "pet" ? atOneTime(stored, metadata, file) : { volume: stored };
    return place(meanOverWindow(decay.volume, window));

    async function place(volume: Volume): Promise<Placed> {
      if (emission.space === volume.space)
        throw new DataError("same-space", "an image cannot be its own anatomy", { file });
      if (method === "identity") {
        const transform: Transform = { from: volume.space, to: emission.space, matrix: identityAffine() };
        return placed(
          volume,
          transform,
          Number.NaN,
          Number.NaN,
          "none",
          "left where its header says, not registered",
          false,
        );
      }
      progress(0.1, name);
      const found = await registerRigid(blurred(emission, resolution), volume);
      return placed(
        volume,
        found.transform,
        found.expectedError,
        found.quality.nmi,
        "normalised mutual information",
        found.note || "repeated runs agree",
        found.converged,
      );
    }

    function placed(
      volume: Volume,
      transform: Transform,
      expectedError: number,
      quality: number,
      qualityName: string,
      note: string,
      converged: boolean,
    ): Placed {
      const verdict = converged && expectedError <= 3 ? "ok" : converged && expectedError <= 6 ? "warn" : "bad";
      return {
        volume,
        transform,
        expectedError,
        check: {
          modality,
          name,
          volume,
          toAnatomy: transform.matrix,
          expectedError,
          quality,
          qualityName,
          verdict,
          note,
        },
        ...(decay.reference === undefined ? {} : { decayReference: decay.reference }),
        qc: [
          ...(decay.found ? [decay.found] : []),
          finding(
            modality,
            `${name}-registration-error`,
            expectedError,
            verdict,
            `expected target registration error to the T1: ${note}`,
            "mm",
          ),
        ],
      };
    }
  },
};

interface AtOneTime {
  readonly volume: Volume;
  /** To which it was corrected here, s on its clock. */
  readonly reference?: number;
  readonly found?: QcFinding;
}

/**
 * Frames that are stated not to be corrected for decay, corrected where the side file says enough: their mean is then one at a time. Where
 * it does not, the image is placed all the same, and told of.
 */
function atOneTime(stored: Volume, metadata: Metadata, file: string): AtOneTime {
  try {
    const { value, metadata: told, note } = imageCorrectedAsStated(stored, metadata, file);
    if (note === undefined) return { volume: value };
    const reference = told.ImageDecayCorrectionTime as number;
    return { volume: value, reference, found: finding("pet", "decay-correction", "done here", "ok", note) };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { volume: stored, found: finding("pet", "decay-correction", "none", "warn", error.message) };
  }
}

/** The expected image at the emission image's own resolution. */
function blurred(emission: Volume, fwhm: number): Volume {
  const [x, y, z] = spacing(emission).map((mm) => fwhm / fwhmPerSigma / mm) as [number, number, number];
  return { ...emission, data: smoothGaussian(emission.data, emission.shape, [x, y, z]) };
}
