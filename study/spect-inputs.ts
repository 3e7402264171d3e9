/**
 * Inputs for the commands of the SPECT wing, made by code: what docs/evidence/09-spect.md runs them on.
 *
 *   npm run study -- spect-inputs --out FOLDER [--only pair,normals,dat,projections] [--people 10] [--seed 1] [--counts 5]
 *
 * pair: one person as a BIDS folder, T1w, ictal and interictal SPECT; a focus of 5 mL, +60 %, in the left inferior parietal lobe; poses up to
 * 15 mm and 15 degrees apart. normals: people of other heads with a T1w and two scans at rest. dat: T1w, its regions and a dopamine transporter
 * scan, true ratios of caudate and putamen 4 and 2 on the left, 4.5 and 3 on the right. projections: the pair's counts before reconstruction
 * (Interfile), each with the map of the head as it lay (140.5 keV). All scans: LEHR at 15 cm, 64 views, Poisson noise of --counts million
 * counts. One JSON line a part, with what is true.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Point, Transform, Volume } from "@quintet/core";
import { writeInterfileProjections, writeNifti } from "@quintet/io";
import { BidsWriter, writeAttenuationMap } from "@quintet/io/node";
import { type Random, seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { spectGrid } from "@quintet/modalities/spect";
import { focusInRegion, hmpaoFlows, type PhantomHead, phantomHead, randomPose, t1wImage } from "@quintet/twin";
import { brainCamera, brainSpect, headAttenuation, poisson, posed, scanGrid } from "../testing/spect-scan.ts";
import { datCamera } from "../testing/striatal-phantom.ts";

const resolution = 2;
const space = "subject:T1w";
const middle: Point = [0, -15, 6];

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      out: { type: "string" },
      only: { type: "string", default: "pair,normals,dat,projections" },
      people: { type: "string", default: "10" },
      seed: { type: "string", default: "1" },
      counts: { type: "string", default: "5" },
    },
  });
  const { out } = values;
  if (out === undefined) throw new Error("--out FOLDER is needed: the files go there");
  await loadKernels();
  const [seed, counts] = [Number(values.seed), 1e6 * Number(values.counts)];
  const parts: Readonly<Record<string, () => Promise<object>>> = {
    pair: () => writePair(join(out, "pair"), seed, counts),
    normals: () => writeNormals(join(out, "normals"), Number(values.people), seed, counts),
    dat: () => writeDat(join(out, "dat"), seed, counts),
    projections: () => writeProjections(join(out, "projections"), seed, counts),
  };
  for (const name of values.only.split(",")) {
    const part = parts[name];
    if (!part) throw new Error(`--only takes ${Object.keys(parts).join(", ")}, not "${name}"`);
    console.log(JSON.stringify({ part: name, ...(await part()) }));
  }
}

interface Patient {
  readonly head: PhantomHead;
  readonly flows: ReturnType<typeof hmpaoFlows>;
  readonly poses: { readonly ictal: Transform; readonly interictal: Transform };
  readonly random: Random;
}

function patient(seed: number): Patient {
  const head = phantomHead({ seed, resolution, space });
  const focus = focusInRegion(head, { side: "left", region: "inferior-parietal", volume: 5, increase: 0.6 });
  if (!focus) throw new Error(`head ${seed} has no grey matter for the focus`);
  const random = seededRandom(seed).fork("spect-inputs");
  const pose = (name: string): Transform =>
    randomPose(random.fork(name), space, "scanner:spect", { degrees: 7.5, millimetres: 7.5 }, middle);
  return {
    head,
    flows: hmpaoFlows(head, focus, random.fork("flow")),
    poses: { ictal: pose("ictal"), interictal: pose("interictal") },
    random,
  };
}

async function writePair(root: string, seed: number, counts: number): Promise<object> {
  const { head, flows, poses, random } = patient(seed);
  const writer = await BidsWriter.open(root, { name: "Phantom pair" });
  await writeT1w(writer, "01", head, random);
  for (const state of ["ictal", "interictal"] as const) {
    const volume = scan(head, flows[state], poses[state], counts, random.fork(`${state} counts`));
    await writeScan(writer, "01", { acq: state }, volume, { SpectState: state });
  }
  return { root, focus: "left inferior-parietal", centre_T1_mm: flows.centre };
}

async function writeNormals(root: string, people: number, seed: number, counts: number): Promise<object> {
  const writer = await BidsWriter.open(root, { name: "Phantom normals" });
  for (let k = 1; k <= people; k++) {
    const subject = `h${String(k).padStart(2, "0")}`;
    const head = phantomHead({ seed: seed + 100 + k, resolution, space });
    const random = seededRandom(seed + 100 + k).fork("normal");
    const flows = hmpaoFlows(head, undefined, random.fork("flow"));
    await writeT1w(writer, subject, head, random);
    for (const [run, flow] of [flows.interictal, flows.ictal].entries()) {
      const own = random.fork(`run ${run}`);
      const pose = randomPose(own.fork("pose"), space, "scanner:spect", { degrees: 7.5, millimetres: 7.5 }, middle);
      const volume = scan(head, flow, pose, counts, own.fork("counts"));
      await writeScan(writer, subject, { run: `${run + 1}` }, volume, { SpectState: "baseline" });
    }
  }
  return { root, people };
}

async function writeDat(root: string, seed: number, counts: number): Promise<object> {
  const head = phantomHead({ seed, resolution, space });
  const random = seededRandom(seed).fork("dat");
  const ratios = { left: [4, 2], right: [4.5, 3] } as const;
  const camera = datCamera(head);
  const image = camera.reconstruct(poisson(camera.expected(ratios, counts), random));
  camera.close();
  mkdirSync(root, { recursive: true });
  const files = { scan: join(root, "dat.nii.gz"), t1: join(root, "T1w.nii.gz"), labels: join(root, "regions.nii.gz") };
  writeFileSync(files.scan, writeNifti(image, { gzip: true }));
  writeFileSync(files.t1, writeNifti(t1(head, random), { gzip: true }));
  const { data, names } = head.regions;
  const labels = { ...image, ...head.grid, unit: "1", data: Float32Array.from(data) } as const;
  writeFileSync(files.labels, writeNifti(labels, { gzip: true }));
  const rows = [...names].map(([label, name]) => `${label}\t${name}`);
  writeFileSync(join(root, "regions.tsv"), `index\tname\n${rows.join("\n")}\n`);
  return { ...files, ratios };
}

async function writeProjections(root: string, seed: number, counts: number): Promise<object> {
  const { head, flows, poses, random } = patient(seed);
  const { matrix, slices, views, edge, radius } = brainSpect;
  const geometry = {
    columns: matrix,
    rows: slices,
    size: [edge, edge] as const,
    angles: Float64Array.from({ length: views }, (_, v) => (2 * Math.PI * v) / views),
    radii: new Float64Array(views).fill(radius),
    window: { low: 126, high: 154 },
    start: 0,
    duration: 1200,
  };
  mkdirSync(root, { recursive: true });
  for (const state of ["ictal", "interictal"] as const) {
    const pose = poses[state];
    const grid = scanGrid(brainSpect, pose.to);
    const mu = posed(head, headAttenuation(head), grid, pose);
    const camera = brainCamera(brainSpect, grid, mu);
    const expected = camera.expected(posed(head, flows[state], grid, pose), counts);
    const data = poisson(expected, random.fork(`${state} counts`));
    camera.close();
    for (const { name, bytes } of writeInterfileProjections({ ...geometry, data }, { name: state }))
      writeFileSync(join(root, name), bytes);
    const frames = [{ start: 0, duration: 0 }];
    const map = { ...spectGrid(geometry), unit: "1/cm", energy: 140.5, frames, clock: "none", data: mu } as const;
    await writeAttenuationMap(join(root, `${state}_mumap.nii.gz`), map);
  }
  return { root, counts };
}

function t1(head: PhantomHead, random: Random): Volume {
  return t1wImage(head, random.fork("t1w"), { bias: 0.15, noise: 0.025 });
}

async function writeT1w(writer: BidsWriter, subject: string, head: PhantomHead, random: Random): Promise<void> {
  await writer.writeVolume({
    ...{ subject, datatype: "anat", suffix: "T1w", volume: t1(head, random) },
    metadata: { Modality: "MR" },
  });
}

async function writeScan(
  writer: BidsWriter,
  subject: string,
  entities: Readonly<Record<string, string>>,
  volume: Volume,
  state: { readonly SpectState: string },
): Promise<void> {
  const metadata = { TracerName: "HMPAO", TracerRadionuclide: "Tc99m", Collimator: "LEHR", ...state };
  await writer.writeVolume({ subject, datatype: "spect", suffix: "spect", entities, volume, metadata });
}

/** Projected in its pose, with Poisson noise, reconstructed with the head's own attenuation. */
function scan(head: PhantomHead, flow: Float32Array, pose: Transform, counts: number, random: Random): Volume {
  const grid = scanGrid(brainSpect, pose.to);
  const camera = brainCamera(brainSpect, grid, posed(head, headAttenuation(head), grid, pose));
  try {
    return camera.reconstruct(poisson(camera.expected(posed(head, flow, grid, pose), counts), random));
  } finally {
    camera.close();
  }
}
