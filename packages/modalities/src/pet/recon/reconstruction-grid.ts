import {
  affineOf,
  circleRadius,
  DataError,
  detectorsPerRing,
  type Grid,
  ringPositions,
  type SinogramLayout,
} from "@quintet/core";

/**
 * Where an image of a sinogram lies: about the scanner's centre, planes half a ring's pitch apart from the first ring to the
 * last, square in the plane over the circle that the tangential bins reach.
 *
 * @param voxel edge in the plane, mm; default half a crystal's pitch at the centre
 * @param fieldOfView edge of the square, mm
 * @throws DataError `bad-grid`
 */
export function reconstructionGrid(
  layout: SinogramLayout,
  { voxel, fieldOfView }: { readonly voxel?: number; readonly fieldOfView?: number } = {},
): Grid {
  const { scanner, bins, arc } = layout;
  const radius = circleRadius(scanner);
  const bin = arc?.width ?? (Math.PI * radius) / detectorsPerRing(scanner);
  const reach = arc
    ? bin * bins
    : 2 * radius * Math.sin(Math.min(Math.PI / 2, (Math.PI * bins) / 2 / detectorsPerRing(scanner)));
  const edge = voxel ?? bin;
  const width = fieldOfView ?? reach;
  const n = Math.ceil(width / edge - 1e-9);
  if (!(edge > 0 && width > 0 && n >= 1 && n <= 1024)) {
    throw new DataError("bad-grid", "voxels and field of view of the image", {
      expected: "positive millimetres, at most 1024 voxels across",
      found: `${edge} mm over ${Number(width.toFixed(2))} mm`,
    });
  }
  const rings = ringPositions(scanner);
  const dz = scanner.axial.pitch / 2;
  const [low, high] = [rings[0] as number, rings.at(-1) as number];
  const nz = Math.round((high - low) / dz) + 1;
  const start = (-(n - 1) / 2) * edge;
  return {
    shape: [n, n, nz],
    space: "scanner:pet",
    affine: affineOf([edge, 0, 0, start, 0, edge, 0, start, 0, 0, dz, (-(nz - 1) / 2) * dz]),
  };
}
