import { type Mask, type Millimetres, type QcFinding, spacing } from "@quintet/core";

/** How near to an image's face the brain counts as cut by it: the mask of a cut brain rounds off towards the face. */
const near: Millimetres = 6;
/** cm2: a brain that only comes near a face loses nothing, nor does one that ends in the medulla. Chosen here. */
const limits = { warn: 15, bad: 40 };

/**
 * Whether the image ends inside the brain: the finding `brain-at-image-edge`.
 *
 *   value = sum over the six faces of the largest area of brain among the slices within 6 mm of the face, cm2
 */
export function brainAtEdge(brain: Mask): QcFinding {
  const edges = spacing(brain);
  const area = [0, 1, 2].reduce((sum, axis) => {
    const seen = areas(brain, axis);
    const depth = 1 + Math.floor(near / (edges[axis] as number));
    return sum + Math.max(...seen.slice(0, depth)) + Math.max(...seen.slice(-depth));
  }, 0);
  return {
    modality: "mri",
    name: "brain-at-image-edge",
    value: area,
    unit: "cm2",
    verdict: area > limits.bad ? "bad" : area > limits.warn ? "warn" : "ok",
    note: `area of brain at the image's faces, which may cut it; ${limits.warn} and ${limits.bad} cm2 chosen here`,
  };
}

/** Brain in each slice along an axis, cm2. */
function areas({ data, shape, affine, space }: Mask, axis: number): number[] {
  const [nx, ny] = shape;
  const counts = new Uint32Array(shape[axis] as number);
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue;
    const at = axis === 0 ? i % nx : axis === 1 ? Math.floor(i / nx) % ny : Math.floor(i / (nx * ny));
    counts[at] = (counts[at] as number) + 1;
  }
  const voxel = spacing({ shape, affine, space }).reduce((product, mm, k) => (k === axis ? product : product * mm), 1);
  return Array.from(counts, (count) => (count * voxel) / 100);
}
