/**
 * Surfaces of real and made heads against references, one JSON line per head and surface.
 *
 *   npm run study -- head-surfaces [sample|colin|phantom]
 *
 * sample: the MNE sample subject's T1 (3 mm) through the whole chain against FreeSurfer's three surfaces; colin: ch2
 * (1 mm); made: the twin's head at 2 mm against the surfaces of its true shares. Each line counts self-intersections,
 * genus and least distances too. The cortex of both sides: of the sample from brain.mgz (1 mm) with the sides by the warp to
 * the MNI152 template, counted against aseg; of Colin27 and the made head with the sides by their own coordinates, counted
 * against AAL and the made head's regions.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { identityAffine, type LabelVolume, type Point, type Surface } from "@quintet/core";
import { registerToTemplate } from "@quintet/fusion/register";
import { findTemplate, readLabels, readSurface, readVolume } from "@quintet/io/node";
import { isosurface, resampleLabels, surfaceAgreement, vertexDistances, warpMap } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  bemSurfaces,
  type HeadSegmentation,
  headTissueNames,
  headTissues,
  hemisphereMask,
  hemispheres,
  midGreyCortex,
  regionMarkers,
  segmentHead,
  templateMarkers,
} from "@quintet/modalities/mri";
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

/** Sides and cortex of a head; `truth` tells where a voxel really belongs: 1 left, 2 right, 3 below, 0 not said. */
function cortexOf(
  head: string,
  { labels, csf }: { readonly labels: LabelVolume; readonly csf: Float32Array },
  toTemplate: (point: Point) => Point,
  truth?: (voxel: number) => number,
): void {
  const start = process.cpuUsage();
  const found = hemispheres(labels, csf, (inside) => templateMarkers(labels, inside, toTemplate));
  const seconds = (): number => Number((process.cpuUsage(start).user / 1e6).toFixed(1));
  const counts = Object.fromEntries(found.qc.map(({ name, value }) => [name, value]));
  print({ head, parts: "left, right, below", processorSeconds: seconds(), ...counts });
  if (truth) {
    const [right, told] = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    for (const [i, label] of labels.data.entries()) {
      const part = label >= headTissues.grey ? truth(i) : 0;
      if (part === 0) continue;
      told[part - 1] = (told[part - 1] as number) + 1;
      if (found.parts.data[i] === part) right[part - 1] = (right[part - 1] as number) + 1;
    }
    const share = (k: number): number => Number(((100 * (right[k] as number)) / (told[k] as number)).toFixed(2));
    print({ head, parts: "% of the voxels told", left: share(0), right: share(1), below: share(2), told });
  }
  for (const side of ["left", "right"] as const) {
    const before = process.cpuUsage();
    const { qc } = midGreyCortex(labels, hemisphereMask(found, side), { filled: found.deep });
    const spent = Number((process.cpuUsage(before).user / 1e6).toFixed(1));
    print({ head, cortex: side, processorSeconds: spent });
    for (const { name, value, unit, note } of qc) print({ head, cortex: side, name, value, unit, note });
  }
}

async function sampleCortex(folder: string): Promise<void> {
  const template = await findTemplate({ template: join(dataFolder, "mri/mni152_09a"), env: {} });
  if (!template) return;
  const image = await readVolume(join(folder, "brain.mgz"), { space: "subject:T1w" });
  const { labels, probabilities, brain } = segmentHead(image);
  const { warp } = await registerToTemplate(image, template.t1, {
    mask: brain,
    ...(template.brain ? { templateMask: template.brain } : {}),
    resolution: 2,
  });
  const aseg = await readLabels(join(folder, "aseg.mgz"), { space: "subject:T1w" });
  const { markers } = regionMarkers(resampleLabels(aseg, image, identityAffine()));
  const head = { labels, csf: probabilities.csf.data };
  cortexOf("MNE sample, brain 1 mm", head, warpMap(warp), (i) => markers[i] as number);
}

async function colinCortex({ labels, probabilities }: HeadSegmentation): Promise<void> {
  const aal = join(dataFolder, "mri/mricron/aal.nii.gz");
  const atlas = existsSync(aal) ? await readLabels(aal) : undefined;
  const partOf = (name: string): number => (/^(Cerebel|Vermis)/.test(name) ? 3 : name.endsWith("_L") ? 1 : 2);
  const truth = atlas && byName(atlas, partOf);
  cortexOf("Colin27, 1 mm", { labels, csf: probabilities.csf.data }, (p) => p, truth);
}

/** What the name of a voxel's region says. */
const byName =
  (regions: LabelVolume, part: (name: string) => number) =>
  (voxel: number): number => {
    const name = regions.names.get(regions.data[voxel] as number);
    return name === undefined ? 0 : part(name);
  };

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
    await sampleCortex(sample);
  }
  const colin = join(dataFolder, "mri/mricron/ch2.nii.gz");
  if (asked("colin") && existsSync(colin)) {
    const head = segmentHead(await readVolume(colin));
    surfacesOf("Colin27, 1 mm", head.labels);
    await colinCortex(head);
  }
  if (asked("phantom")) {
    const { tissue, fractions, grid, regions } = phantomHead({ seed: 4, variation: 0.5, resolution: 2 });
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
    const partOf = (name: string): number => (/cerebellum|brainstem/.test(name) ? 3 : name.startsWith("left") ? 1 : 2);
    const labels = { ...tissue, data, names: headTissueNames };
    cortexOf("made head, 2 mm", { labels, csf: fractions.csf }, (p) => p, byName(regions, partOf));
  }
}
