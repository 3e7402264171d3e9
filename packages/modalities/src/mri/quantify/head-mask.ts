import { apply, type Grid, identityAffine, invert, type Mask, multiply, spacing, type Volume } from "@quintet/core";
import { closing, dilate, erode, type Faces, fillHoles, largestComponent, resample } from "@quintet/kernels";
import { type WorkingImage, workingImage } from "./working-image.ts";

/** Gaps up to twice this are closed over: thin dark skin, hair, wrinkles, mm. */
const closingRadius = 3;
/** A face of the image that cuts through more head than this is no way in for the air outside, cm2. */
const cutThrough = 20;
/** The rim is looked for at full resolution within this depth, mm. */
const rimDepth = 3;

/**
 * The head (all that is not air outside) of a T1-weighted image: what skin closes off from the air around it, the air of
 * its own cavities within.
 *
 *   head = all that no path through I <= t joins to the image's free faces,   t = t_2 + 0.1 (t_98 - t_2)
 *
 * on 2 mm, gaps of up to 6 mm closed. A face that cuts the head (the neck) is not free. The rim lies at full resolution
 * where the image passes half of the outermost 2 millimetres' median brightness.
 *
 * @throws DataError `not-finite`, `constant-data`, `no-head`
 */
export function headMask(t1: Volume): Mask {
  const work = workingImage(t1, 2);
  const { image, step } = work;
  const cut = cutFaces(t1, work.levels.threshold);
  const filled = closedHead(work, t1, cut);
  const [deep, close] = [erode(filled, image.shape, rimDepth / step), dilate(filled, image.shape, 1)].map(
    (mask) => resample({ ...image, data: Float32Array.from(mask) }, t1, identityAffine()).data,
  ) as [Float32Array, Float32Array];
  const edge = skinEdge(work, filled);
  const seen = t1.data.map((value, i) =>
    (deep[i] as number) > 0.5 || ((close[i] as number) > 0.5 && value > edge) ? 1 : 0,
  );
  const data = largestComponent(fillHoles(Uint8Array.from(seen), t1.shape, cut), t1.shape, 6);
  return { shape: t1.shape, affine: t1.affine, space: t1.space, data };
}

/** Which faces of the image cut through the head. */
function cutFaces({ data, shape, affine }: Volume, threshold: number): Faces {
  const [nx, ny, nz] = shape;
  const edges = spacing({ shape, affine, space: "" });
  const bright = [0, 0, 0, 0, 0, 0];
  const look = (i: number, face: number): void => {
    if ((data[i] as number) > threshold) bright[face] = (bright[face] as number) + 1;
  };
  const plane = nx * ny;
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++) {
      look(z * plane + y * nx, 0);
      look(z * plane + y * nx + nx - 1, 1);
    }
  for (let z = 0; z < nz; z++)
    for (let x = 0; x < nx; x++) {
      look(z * plane + x, 2);
      look(z * plane + (ny - 1) * nx + x, 3);
    }
  for (let i = 0; i < plane; i++) {
    look(i, 4);
    look((nz - 1) * plane + i, 5);
  }
  return bright.map((n, face) => {
    const axis = Math.floor(face / 2);
    const area = edges.reduce((product, mm, k) => (k === axis ? product : product * mm), 1);
    return n * area > 100 * cutThrough;
  }) as unknown as Faces;
}

function closedHead({ image, step, levels }: WorkingImage, t1: Grid, cut: Faces): Uint8Array {
  const bright = new Uint8Array(image.data.length).map((_, i) =>
    (image.data[i] as number) > levels.threshold ? 1 : 0,
  );
  const closed = closing(bright, image.shape, closingRadius / step);
  const beyond = beyondFaces(image, t1, cut);
  const walled = fillHoles(
    closed.map((inside, i) => (inside !== 0 || beyond[i] !== 0 ? 1 : 0)),
    image.shape,
  );
  const inside = walled.map((within, i) => (within !== 0 && beyond[i] === 0 ? 1 : 0));
  return largestComponent(inside, image.shape, 6);
}

/** Voxels of a grid that lie beyond some faces of another. */
function beyondFaces(grid: Grid, { shape, affine }: Grid, faces: Faces): Uint8Array {
  const toImage = multiply(invert(affine), grid.affine);
  const [nx, ny, nz] = grid.shape;
  const out = new Uint8Array(nx * ny * nz);
  if (!faces.includes(true)) return out;
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, i++) {
        const at = apply(toImage, [x, y, z]);
        for (let axis = 0; axis < 3; axis++) {
          const u = at[axis] as number;
          if ((faces[2 * axis] && u < -0.5) || (faces[2 * axis + 1] && u > (shape[axis] as number) - 0.5)) out[i] = 1;
        }
      }
  return out;
}

/** Half the median brightness of the head's outermost layer of voxels, and not below the threshold of the head. */
function skinEdge({ image, levels }: WorkingImage, filled: Uint8Array): number {
  const inner = erode(filled, image.shape, 1);
  const skin = image.data.filter((value, i) => filled[i] !== 0 && inner[i] === 0 && value > levels.threshold).sort();
  return Math.max(levels.threshold, (skin[skin.length >> 1] ?? 0) / 2);
}
