import { type LabelVolume, type Mask, type Millimetres, toWorld, voxelVolume } from "@quintet/core";
import { headTissues } from "./head-tissues.ts";

/** Height of the layers looked at. */
const layer: Millimetres = 2;
/** The foramen magnum is 7 to 10 cm2 wide, the canal below it 3 to 5 (a judgement between it and the posterior fossa), cm2. */
const fossa = 12;
/** A brain that ends round is narrow for less than this. */
const shortest: Millimetres = 8;

/**
 * What the skull encloses: CSF, grey and white matter without the spinal canal.
 *
 * Along world z in layers of 2 mm: all below the lowest layer of at least 12 cm2 is canal when 8 mm or more of it are seen.
 *
 * @param labels `headTissues`
 */
export function intracranialMask(labels: LabelVolume): Mask {
  const { shape, affine, space } = labels;
  const [nx, ny, nz] = shape;
  const [rx, ry, rz] = [affine[8] as number, affine[9] as number, affine[10] as number];
  const corners = [0, nx - 1].flatMap((x) =>
    [0, ny - 1].flatMap((y) => [0, nz - 1].map((z) => toWorld(labels, [x, y, z])[2])),
  );
  const [bottom, top] = [Math.min(...corners), Math.max(...corners)];
  const start = toWorld(labels, [0, 0, 0])[2] - bottom;
  const counts = new Uint32Array(Math.floor((top - bottom) / layer) + 2);
  const data = new Uint8Array(labels.data.length);
  const each = (take: (i: number, at: number) => void): void => {
    for (let z = 0, i = 0; z < nz; z++)
      for (let y = 0; y < ny; y++)
        for (let x = 0; x < nx; x++, i++)
          if ((labels.data[i] as number) >= headTissues.csf)
            take(i, Math.floor((start + rx * x + ry * y + rz * z) / layer + 1e-6));
  };
  each((_, at) => {
    counts[at] = (counts[at] as number) + 1;
  });
  const areas = Array.from(counts, (n) => (10 * n * voxelVolume(labels)) / layer); // mL over mm are 10 cm2
  const [lowest, floor] = [areas.findIndex((area) => area > 0), areas.findIndex((area) => area >= fossa)];
  const canal = (floor - lowest) * layer >= shortest;
  each((i, at) => {
    data[i] = canal && at < floor ? 0 : 1;
  });
  return { shape, affine, space, data };
}
