import { DataError, type LabelVolume, type Millimetres, sameGrid, spacing, type Volume } from "@quintet/core";
import { smoothGaussian } from "@quintet/kernels";
import type { TissueSegmentation } from "../tissue.ts";
import { type HeadSegmentation, headTissues } from "./head-tissues.ts";

/** Nuclei whose T1 signal lies between grey and white matter's, as regions name them ("left thalamus"). */
const nuclei = ["caudate", "putamen", "pallidum", "thalamus"] as const;

/** A warped atlas is this far off, one standard deviation, mm: what the normalisation leaves (a judgement). */
const placeError: Millimetres = 1.5;
/** Fewer voxels are no nucleus. */
const leastVoxels = 20;
/** Beyond this chance nothing is changed, so that the labels of a whole template cost only what lies near the nuclei. */
const leastChance = 0.02;

/**
 * Caudate, putamen, pallidum and thalamus as grey matter, by an atlas warped onto the head: their T1 signal lies between
 * grey and white matter's, and without a prior much of them reads as white.
 *
 *   q_k = G_1.5mm * [region k],   m_k = median of I over region k without CSF,   s = s_white
 *   p_k = q_k N(m_k, s) / (sum_j q_j N(m_j, s) + (1 - sum_j q_j) max(N(white, s), N(grey, s)))
 *   grey' = (1 - csf) p + (1 - p) grey,   white' = 1 - csf - grey',   p = sum_k p_k;   CSF stays
 *
 * @param image without its bias field
 * @param regions on the image's grid, named "left caudate" and so on; others are not looked at
 * @throws DataError `grid-mismatch`
 */
export function withDeepNuclei(image: Volume, found: TissueSegmentation, regions: LabelVolume): TissueSegmentation {
  if (!sameGrid(image, regions) || !sameGrid(image, found.labels))
    throw new DataError("grid-mismatch", "image, tissues and regions must lie on one grid");
  const chance = nucleusChance(image, found, regions);
  if (chance === undefined) return found;
  const [csf, grey, white] = [
    found.probabilities.csf.data,
    found.probabilities.grey.data.slice(),
    found.probabilities.white.data.slice(),
  ];
  const labels = Uint8Array.from(found.labels.data);
  for (let i = 0; i < chance.length; i++) {
    const p = chance[i] as number;
    if (p < leastChance || labels[i] === 0) continue;
    const rest = 1 - (csf[i] as number);
    const own = grey[i] as number;
    grey[i] = rest * p + (1 - p) * own;
    white[i] = Math.max(0, rest - (grey[i] as number));
    const shares = [csf[i] as number, grey[i] as number, white[i] as number];
    labels[i] = 1 + shares.indexOf(Math.max(...shares));
  }
  const { probabilities } = found;
  return {
    ...found,
    labels: { ...found.labels, data: labels },
    probabilities: {
      csf: probabilities.csf,
      grey: { ...probabilities.grey, data: grey },
      white: { ...probabilities.white, data: white },
    },
  };
}

/** The same of a head: its labels and shares inside the brain follow. */
export function headWithDeepNuclei(head: HeadSegmentation, regions: LabelVolume): HeadSegmentation {
  const tissue = withDeepNuclei(head.corrected, head.tissue, regions);
  if (tissue === head.tissue) return head;
  const inside = tissue.labels.data;
  const data = Uint8Array.from(head.labels.data, (label, i) =>
    (inside[i] as number) > 0 ? (inside[i] as number) + headTissues.csf - 1 : label,
  );
  const map = (name: "grey" | "white"): Volume<"{probability}"> => ({
    ...head.probabilities[name],
    data: head.probabilities[name].data.map((share, i) =>
      (inside[i] as number) > 0 ? (tissue.probabilities[name].data[i] as number) : share,
    ),
  });
  return {
    ...head,
    labels: { ...head.labels, data },
    probabilities: { ...head.probabilities, grey: map("grey"), white: map("white") },
    tissue,
  };
}

/** sum_k p_k per voxel; undefined where the regions name no nucleus that is there. */
function nucleusChance(
  image: Volume,
  { labels, means, sds }: TissueSegmentation,
  regions: LabelVolume,
): Float32Array | undefined {
  const [grey, white] = [means[1] as number, means[2] as number];
  const s = Math.max(sds[2] as number, 1e-6 * white);
  const sigma = spacing(image).map((mm) => placeError / mm) as [number, number, number];
  const density = (value: number, mean: number): number => Math.exp(-((value - mean) ** 2) / (2 * s * s));
  const n = image.data.length;
  const [own, all] = [new Float32Array(n), new Float32Array(n)];
  // twice the kernel's reach: where a voxel's chance is not 0, the kernel does not meet the box's rim
  const rim = sigma.map((voxels) => 2 * Math.ceil(4 * voxels)) as [number, number, number];
  const [nx, ny] = image.shape;
  let any = false;
  for (const [label, { low, high }] of boxesOf(regions)) {
    const [x0, y0, z0] = low.map((at, k) => Math.max(0, at - (rim[k] as number))) as [number, number, number];
    const [x1, y1, z1] = high.map((at, k) => Math.min((image.shape[k] as number) - 1, at + (rim[k] as number))) as [
      number,
      number,
      number,
    ];
    const box = [x1 - x0 + 1, y1 - y0 + 1, z1 - z0 + 1] as const;
    const where = new Float32Array(box[0] * box[1] * box[2]);
    const values: number[] = [];
    for (let z = z0, to = 0; z <= z1; z++)
      for (let y = y0; y <= y1; y++)
        for (let x = x0, i = x0 + nx * (y + ny * z); x <= x1; x++, i++, to++) {
          if (regions.data[i] !== label) continue;
          where[to] = 1;
          if ((labels.data[i] as number) > 1) values.push(image.data[i] as number);
        }
    if (values.length < leastVoxels) continue;
    any = true;
    const mean = Math.min(white, Math.max(grey, values.sort((a, b) => a - b)[values.length >> 1] as number));
    const q = smoothGaussian(where, box, sigma);
    for (let z = z0, from = 0; z <= z1; z++)
      for (let y = y0; y <= y1; y++)
        for (let x = x0, i = x0 + nx * (y + ny * z); x <= x1; x++, i++, from++) {
          const share = q[from] as number;
          if (share < 1e-3) continue;
          own[i] = (own[i] as number) + share * density(image.data[i] as number, mean);
          all[i] = (all[i] as number) + share;
        }
  }
  if (!any) return undefined;
  return own.map((weight, i) => {
    if (weight === 0) return 0;
    const value = image.data[i] as number;
    const other = Math.max(0, 1 - (all[i] as number)) * Math.max(density(value, white), density(value, grey));
    return weight / (weight + other);
  });
}

interface Box {
  readonly low: readonly [number, number, number];
  readonly high: readonly [number, number, number];
}

/** First and last voxel along each axis of every nucleus that the regions hold. */
function boxesOf({ data, names, shape: [nx, ny] }: LabelVolume): ReadonlyMap<number, Box> {
  const wanted = [...names].filter(([, name]) =>
    nuclei.some((one) => name === `left ${one}` || name === `right ${one}`),
  );
  const boxes = new Map(wanted.map(([label]) => [label, { low: [Infinity, Infinity, Infinity], high: [-1, -1, -1] }]));
  for (let row = 0; row < data.length / nx; row++) {
    const [y, z] = [row % ny, Math.floor(row / ny)];
    for (let x = 0; x < nx; x++) {
      const label = data[row * nx + x] as number;
      const box = label === 0 ? undefined : boxes.get(label);
      if (!box) continue;
      for (const [k, at] of [x, y, z].entries()) {
        box.low[k] = Math.min(box.low[k] as number, at);
        box.high[k] = Math.max(box.high[k] as number, at);
      }
    }
  }
  return new Map([...boxes].filter(([, { high }]) => (high[0] as number) >= 0)) as unknown as ReadonlyMap<number, Box>;
}
