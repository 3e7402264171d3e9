import { identityAffine } from "@quintet/core";
import { registerRigid } from "@quintet/fusion/register";
import { readVolume } from "@quintet/io/node";
import { largestComponent, opening } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { brainMask } from "@quintet/modalities/mri";
import { pointsInside, targetErrors } from "../packages/fusion/src/register/simulated-pair.ts";

const D = "/work/shared/data/";
await loadKernels();
const t1 = await readVolume(D + "mri/mricron/ch2.nii.gz");
const bet = await readVolume(D + "mri/mricron/ch2bet.nii.gz");
const m = brainMask(t1);
const pts = pointsInside(t1, { data: bet.data }, 2000);
const s = t1.data.filter((_, i) => m.data[i]).sort();
const p = s[Math.floor(s.length * 0.95)]!;
const v = await readVolume(D + "spm_templates_GPL/PET.nii");
const bright = {
  ...m,
  data: largestComponent(
    opening(
      m.data.map((x, i) => (x && t1.data[i]! > 0.45 * p ? 1 : 0)),
      m.shape,
      2,
    ),
    m.shape,
    6,
  ),
};
const q =
  process.argv[2] === "res1"
    ? await registerRigid(t1, v, { fixedMask: m, resolution: 1 })
    : await registerRigid(t1, v, { fixedMask: bright });
console.log(process.argv[2], targetErrors(q.transform.matrix, identityAffine(), pts), q.converged);
