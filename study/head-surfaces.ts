/**
 * Surfaces of real and made heads against references, one JSON line per head and surface.
 *
 *   npm run study -- head-surfaces [sample|colin|made]
 *
 * sample: the MNE sample subject's T1 (3 mm) through the whole chain against FreeSurfer's three surfaces; colin: ch2
 * (1 mm); made: the twin's head at 2 mm against the surfaces of its true shares. Each line counts self-intersections,
 * genus and least distances too.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LabelVolume, Surface } from "@quintet/core";
import { readSurface, readVolume } from "@quintet/io/node";
import { isosurface, surfaceAgreement, vertexDistances } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { bemSurfaces, headTissueNames, headTissues, segmentHead } from "@quintet/modalities/mri";
import { phantomHead } from "@quintet/twin";
import { dataFolder } from "../testing/real-data.ts";

const print = (line: object): void => console.log(JSON.stringify(line));
const references = { innerSkull: "inner_skull", outerSkull: "outer_skull", scalp: "outer_skin" } as const;

function surfacesOf(head: string, labels: LabelVolume): ReturnType<typeof bemSurfaces> {
  const start = performance.now();
  const found = bemSurfaces(labels);
  const counts = Object.fromEntries(found.qc.map(({ name, value }) => [name, value]));
  print({ head, seconds: Number(((performance.now() - start) / 1000).toFixed(1)), ...counts });
  return found;
}

export async function main(args: readonly string[]): Promise<void> {
  const asked = (name: string): boolean => args.length === 0 || args.includes(name);
  await loadKernels();
  const sample = join(dataFolder, "multimodal/mne_sample");
  if (asked("sample") && existsSync(sample)) {
    const t1 = await readVolume(join(sample, "T1.mgz"));
    const found = surfacesOf("MNE sample, T1 3 mm", segmentHead(t1).labels);
    for (const [name, file] of Object.entries(references) as [keyof typeof references, string][]) {
      const reference = await readSurface(join(sample, `${file}.surf`), { volume: t1 });
      print({ head: "MNE sample, T1 3 mm", surface: name, against: file, ...surfaceAgreement(found[name], reference) });
    }
  }
  const colin = join(dataFolder, "mri/mricron/ch2.nii.gz");
  if (asked("colin") && existsSync(colin)) surfacesOf("Colin27, 1 mm", segmentHead(await readVolume(colin)).labels);
  if (asked("made")) {
    const { tissue, fractions, grid } = phantomHead({ seed: 4, variation: 0.5, resolution: 2 });
    const { air, scalp, skull, csf, grey, white } = headTissues;
    const five = [air, scalp, scalp, skull, skull, csf, grey, white, grey, scalp];
    const data = Uint8Array.from(tissue.data, (label) => five[label] as number);
    const found = surfacesOf("made head, 2 mm", { ...tissue, data, names: headTissueNames });
    const inside = fractions.csf.map((share, i) =>
      (["grey", "white", "deep-grey"] as const).reduce((sum, name) => sum + (fractions[name][i] as number), share),
    );
    const compare = (surface: string, mine: Surface, share: Float32Array): void => {
      const away = vertexDistances(mine, isosurface(share, grid, 0.5)).sort();
      const at = (q: number): number => away[Math.floor(q * away.length)] as number;
      print({ head: "made head, 2 mm", surface, against: "true shares", median: at(0.5), p95: at(0.95) });
    };
    compare("innerSkull", found.innerSkull, inside);
  }
}
