/**
 * Raw MRI against stored results, one JSON line per case.
 *
 *   npm run study -- mri-recon [brain]
 *
 * brain: 8-coil k-space of 180 x 230, 12.66 % Poisson-disc, against the stored parallel-imaging result of the whole.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadKernels } from "@quintet/kernels/node";
import { type CartesianKSpace, cgSense, espirit, senseModel, sparseSense, toImage } from "@quintet/modalities/mri";
import { compareMagnitude, setMagnitude } from "../packages/modalities/test/magnitude.ts";
import { dataFolder } from "../testing/real-data.ts";

const print = (line: object): void => console.log(JSON.stringify(line));

export async function main(): Promise<void> {
  await loadKernels();
  const folder = join(dataFolder, "mri/kspace_bart_brain");
  const floats = (name: string): Float32Array => {
    const bytes = readFileSync(join(folder, name));
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  };
  const [data, stored] = [floats("ksp.cfl"), floats("img.cfl")];
  const shape = [1, 180, 230] as const;
  const points = 180 * 230;
  const mask = Uint8Array.from({ length: points }, (_, i) => Number(data[2 * i] !== 0 || data[2 * i + 1] !== 0));
  const kspace: CartesianKSpace = { coils: 8, shape, data, mask };
  const truth = setMagnitude(stored, 2);
  const truth1 = setMagnitude(stored.subarray(0, 2 * points), 1);
  const zero = setMagnitude(toImage(kspace).data, 8);
  const report = (method: string, image: Float32Array, seconds: number, more: object = {}): void => {
    print({
      study: "brain",
      method,
      ...compareMagnitude(image, truth),
      firstMap: compareMagnitude(image, truth1),
      seconds: Math.round(seconds * 100) / 100,
      ...more,
    });
  };
  report("zero-filled, root sum of squares", zero, 0, { sampled: mask.reduce((a, b) => a + b, 0) / points });
  let started = performance.now();
  const maps = espirit(kspace, { sets: 2 });
  const calibrated = (performance.now() - started) / 1000;
  print({ study: "maps", calibration: maps.calibration, kept: maps.kept, of: maps.kernels, seconds: calibrated });
  const model = senseModel(maps, mask);
  started = performance.now();
  const cg = cgSense(model, data);
  report("CG-SENSE", setMagnitude(cg.image, 2), (performance.now() - started) / 1000, { iterations: cg.iterations });
  for (const prior of ["wavelet", "tv"] as const)
    for (const weight of [0.001, 0.003, 0.01]) {
      started = performance.now();
      const cs = sparseSense(model, data, shape, { prior, weight, lipschitz: 1 });
      report(`ESPIRiT-CS, ${prior}, ${weight}`, setMagnitude(cs.image, 2), (performance.now() - started) / 1000, {
        iterations: cs.iterations,
      });
    }
}
