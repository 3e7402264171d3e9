import type { Mask, QcFinding, Volume } from "@quintet/core";
import { erode } from "@quintet/kernels";
import { correctBias } from "../correct.ts";

export interface BrightBorder {
  /** Of the voxels along the hull's border those brighter than white matter, 0 to 1. */
  readonly share: number;
  /** Voxels brighter than white matter, when there are so many along the border that they are no accident. */
  readonly bright: Uint8Array | undefined;
}

/** More of the border than this is bright in no head without a contrast agent (`npm run study -- head --case healthy`). */
const limits = { warn: 0.12, bad: 0.3 };
/** Voxels: how thick the border is, and how deep the core lies in which grey and white matter are learnt. */
const [thickness, depth] = [2, 4];

/**
 * Whether the brain's border is brighter than white matter, as meninges and venous sinuses are after a contrast agent.
 *
 *   share = | I > m_white + (m_white - m_grey) / 2 | / | border |
 *
 * border: the hull's outer 4 mm; means: three classes of the hull's core, 8 mm deep, which meninges do not reach. Where the
 * share is large, it is counted again without the core's bias field: a surface coil brightens the border too.
 *
 * @param image on 2 mm
 * @param classesOf means of CSF, grey and white matter in a mask of the image
 */
export function brightBorder(
  image: Volume,
  hull: Uint8Array,
  classesOf: (mask: Uint8Array) => { readonly means: readonly number[] },
): BrightBorder {
  const { shape } = image;
  const core = erode(hull, shape, depth);
  const border = erode(hull, shape, thickness).map((deep, i) => (hull[i] !== 0 && deep === 0 ? 1 : 0));
  if (!core.includes(1) || !border.includes(1)) return { share: 0, bright: undefined };
  const [, grey, white] = classesOf(core).means as [number, number, number];
  const limit = white + (white - grey) / 2;
  const seen = shareAbove(image, border, limit);
  if (seen <= limits.warn) return { share: seen, bright: undefined };
  const mask: Mask = { shape, affine: image.affine, space: image.space, data: core };
  const { corrected } = correctBias(image, mask);
  const share = Math.min(seen, shareAbove(corrected, border, limit));
  const bright = Uint8Array.from(corrected.data, (value) => (value > limit ? 1 : 0));
  return { share, bright: share > limits.warn ? bright : undefined };
}

function shareAbove({ data }: Volume, mask: Uint8Array, limit: number): number {
  let [above, n] = [0, 0];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    n++;
    if ((data[i] as number) > limit) above++;
  }
  return above / n;
}

export function borderFinding({ share }: BrightBorder): QcFinding {
  return {
    modality: "mri",
    name: "bright-border",
    value: 100 * share,
    unit: "%",
    verdict: share > limits.bad ? "bad" : share > limits.warn ? "warn" : "ok",
    note: "share of the brain's border brighter than white matter: meninges and sinuses after a contrast agent, or fat and marrow taken for brain",
  };
}
