/**
 * Registration accuracy, one JSON line per case: simulated contrasts of ch2 at several poses, and the group-average PET
 * and SPECT of SPM moved by seeded offsets of 20 mm and 15 degrees. `npm run study -- registration [simulated|real]`
 */
import { join } from "node:path";
import {
  type Affine,
  apply,
  identityAffine,
  invert,
  type Mask,
  multiply,
  type Point,
  type Volume,
} from "@quintet/core";
import { registerRigid } from "@quintet/fusion/register";
import { readVolume } from "@quintet/io/node";
import { seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { contrasts, pointsInside, simulatedPair, targetErrors } from "../packages/fusion/test/simulated-pair.ts";
import { dataFolder } from "../testing/real-data.ts";

export async function main(args: readonly string[]): Promise<void> {
  const [which] = args;
  await loadKernels();
  const t1 = await readVolume(join(dataFolder, "mri/mricron/ch2.nii.gz"));
  const bet = await readVolume(join(dataFolder, "mri/mricron/ch2bet.nii.gz"));
  const brain: Mask = { ...t1, data: Uint8Array.from(bet.data, (v) => (v > 0 ? 1 : 0)) };
  const points = pointsInside(t1, brain, 2000);

  const poses = {
    small: { degrees: [5, -7, 10], shift: [8, -10, 6] },
    "60 degrees": { degrees: [3, 2, 60], shift: [5, 5, -5] },
    "90 degrees": { degrees: [3, 2, 90], shift: [5, 5, -5] },
  } as const;

  const report = async (name: string, moving: Volume, truth: Affine, fixedMask: Mask | undefined): Promise<void> => {
    const started = performance.now();
    const found = await registerRigid(t1, moving, fixedMask === undefined ? {} : { fixedMask });
    const { mean, max } = targetErrors(multiply(found.transform.matrix, invert(truth)), identityAffine(), points);
    const seconds = (performance.now() - started) / 1000;
    const { expectedError, converged, note } = found;
    console.log(
      JSON.stringify({ name, mask: fixedMask !== undefined, mean, max, expectedError, converged, note, seconds }),
    );
  };

  if (which !== "real") {
    for (const contrast of contrasts) {
      for (const [pose, move] of Object.entries(poses)) {
        const { moving, truth } = simulatedPair(t1, brain, contrast, move, 7);
        for (const mask of [brain, undefined]) await report(`${contrast.name}, ${pose}`, moving, truth, mask);
      }
    }
  }

  if (which !== "simulated") {
    for (const name of ["PET", "SPECT"]) {
      const image = await readVolume(join(dataFolder, `spm_templates_GPL/${name}.nii`));
      for (const seed of [1, 2, 3, 4, 5]) {
        const offset = seededOffset(seed, 20, 15, [0, -18, 10]);
        const moving = { ...image, affine: multiply(offset, image.affine) };
        await report(`${name}, seed ${seed}`, moving, invert(offset), brain);
      }
    }
  }
}

/** A turn of `degrees` about a random axis through `centre` and a shift of `mm` in a random direction. */
function seededOffset(seed: number, mm: number, degrees: number, centre: Point): Affine {
  const random = seededRandom(seed);
  const direction = (): Point => {
    const v = [random.normal(), random.normal(), random.normal()];
    return v.map((x) => x / Math.hypot(...v)) as unknown as Point;
  };
  const [shift, [x, y, z]] = [direction(), direction()];
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const d = 1 - c;
  const m = Float64Array.of(
    ...[c + x * x * d, x * y * d - z * s, x * z * d + y * s, 0],
    ...[y * x * d + z * s, c + y * y * d, y * z * d - x * s, 0],
    ...[z * x * d - y * s, z * y * d + x * s, c + z * z * d, 0],
    ...[0, 0, 0, 1],
  );
  const turned = apply(m, centre);
  for (let k = 0; k < 3; k++) m[k * 4 + 3] = centre[k]! - turned[k]! + mm * shift[k]!;
  return m;
}
