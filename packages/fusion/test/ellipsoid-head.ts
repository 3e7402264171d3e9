import { apply, type Grid, type Mask, type Volume } from "@quintet/core";

/**
 * A head of ellipsoids without symmetry, T1-like: scalp, skull, CSF, grey ribbon, white core, two unequal ventricles.
 * For tests that must run without any file.
 */
export function ellipsoidHead(voxel: number, space = "subject:T1w"): { t1: Volume; brain: Mask } {
  const shape = [180, 210, 180].map((mm) => Math.round(mm / voxel)) as [number, number, number];
  const affine = Float64Array.of(voxel, 0, 0, -90, 0, voxel, 0, -110, 0, 0, voxel, -80, 0, 0, 0, 1);
  const grid: Grid = { shape, affine, space };
  const n = shape[0] * shape[1] * shape[2];
  const data = new Float32Array(n);
  const inside = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const voxelIndex = [i % shape[0], Math.floor(i / shape[0]) % shape[1], Math.floor(i / (shape[0] * shape[1]))];
    const [x, y, z] = apply(affine, voxelIndex as [number, number, number]);
    const depth = (rx: number, ry: number, rz: number, cy = -12, cz = 8): number =>
      Math.hypot(x / rx, (y - cy) / ry, (z - cz) / rz);
    const fold = 0.03 * (Math.sin(x / 7 + y / 19) + Math.sin(y / 8 - z / 15) + Math.sin(z / 6 + x / 23));
    const brain = depth(66, 82, 62) + fold;
    const nose = Math.hypot(x / 12, (y - 92) / 16, (z + 40) / 22) < 1;
    inside[i] = brain < 1 ? 1 : 0;
    if (
      Math.hypot((x + 12) / 7, (y - 2) / 28, (z - 14) / 10) < 1 ||
      Math.hypot((x - 11) / 5, (y + 8) / 22, (z - 12) / 8) < 1
    )
      data[i] = 0.2;
    else if (brain < 0.82) data[i] = 1;
    else if (brain < 1) data[i] = 0.65;
    else if (depth(69, 85, 65) < 1) data[i] = 0.2;
    else if (depth(75, 91, 71) < 1) data[i] = 0.08;
    else if (depth(82, 98, 78) < 1 || nose) data[i] = 0.9;
  }
  const frames = [{ start: 0, duration: 0 }];
  return { t1: { ...grid, unit: "{arbitrary}", frames, clock: "scanner:mri", data }, brain: { ...grid, data: inside } };
}
