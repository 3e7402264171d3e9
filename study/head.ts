/**
 * A head in five tissues against what others made of the same images, one JSON line per case:
 *
 *   npm run study -- head [--case colin|sample|mni|phantom|healthy|harm] [--harm WORDS] [--priors]
 *
 * Dice of the brain mask and of each tissue, seconds, findings that are not "ok". `harm`: the made head cropped, with slices
 * missing, mirrored in memory, with bright and dark lesions of 30 mL, under a 7-T bias, with bright vessels: what the
 * findings say, and what the tissues far from the harm lose. `healthy`: made heads of eight persons at 2 mm, and the real heads again:
 * how often a finding that nothing caused is not "ok". `--harm`: those whose name holds
 * the words. `--priors`: again with the made head's own tissue maps,
 * warped onto the person, as priors (never for the made head itself).
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { affineOf, DataError, identityAffine, invert, type LabelVolume, type Mask, type Volume } from "@quintet/core";
import { registerRigid, registerToTemplate, resampleToSubject } from "@quintet/fusion/register";
import { readLabels, readVolume } from "@quintet/io/node";
import { resample, resampleLabels, seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { brainMask, type HeadSegmentation, headTissues, segmentHead, type TissuePriors } from "@quintet/modalities/mri";
import { phantomHead, t1wImage } from "@quintet/twin";
import { dice, fiveDice, is, type Test, truthOf } from "../testing/made-tissue.ts";
import { dataFolder } from "../testing/real-data.ts";

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { case: { type: "string" }, harm: { type: "string" }, priors: { type: "boolean", default: false } },
  });
  await loadKernels();
  for (const [name, run] of Object.entries(cases)) {
    if (values.case !== undefined && values.case !== name) continue;
    await run(values.priors, values.harm).catch((error: unknown) => {
      if (!(error instanceof DataError)) throw error;
      print({ case: name, skipped: error.message });
    });
  }
}

const cases: Readonly<Record<string, (withPriors: boolean, harm?: string) => Promise<void>>> = {
  colin,
  sample,
  mni,
  phantom,
  healthy,
  harm,
};

async function segmented(t1: Volume, withPriors: boolean): Promise<{ head: HeadSegmentation; row: object }> {
  const started = performance.now();
  const brain = brainMask(t1);
  const priors = withPriors ? await madePriors(t1, brain) : undefined;
  const head = segmentHead(t1, { brain, ...(priors ? { priors } : {}) });
  const seconds = (performance.now() - started) / 1000;
  const doubts = head.qc.filter(({ verdict }) => verdict !== "ok").map(({ name, verdict }) => `${name}: ${verdict}`);
  return { head, row: { priors: withPriors, seconds, doubts } };
}

/** The made head's CSF, grey and white matter on the person, through the normalisation. */
async function madePriors(t1: Volume, mask: Mask): Promise<TissuePriors> {
  const made = phantomHead({ seed: 1, variation: 0, resolution: 1.6, space: "phantom" });
  const template = t1wImage(made, seededRandom(1), { bias: 0, noise: 0.005 });
  const { csf, grey, white, "deep-grey": deep } = made.fractions;
  const inside = csf.map((c, i) => c + (grey[i] as number) + (white[i] as number) + (deep[i] as number));
  const templateMask = { ...made.grid, data: Uint8Array.from(inside, (share) => (share >= 0.5 ? 1 : 0)) };
  const found = await registerToTemplate(t1, template, { mask, templateMask });
  const map = (data: Float32Array): Volume<"{probability}"> =>
    resampleToSubject({ ...template, unit: "{probability}", data }, t1, found);
  return { csf: map(csf), grey: map(grey.map((g, i) => g + (deep[i] as number))), white: map(white) };
}

/** ch2 against ch2bet, and against AtlasViewer's tissue of the same person, brought over rigidly. */
async function colin(withPriors: boolean): Promise<void> {
  const t1 = { ...(await readVolume(join(dataFolder, "mri/mricron/ch2.nii.gz"))), space: "colin" };
  const stripped = await readVolume(join(dataFolder, "mri/mricron/ch2bet.nii.gz"));
  const { head, row } = await segmented(t1, withPriors);
  const found = head.labels.data;
  const reference = await atlasViewerOn(t1);
  const theirs = reference.data;
  const inner: Test = (v) => v > 1;
  print({
    case: "colin",
    ...row,
    brain: dice(
      head.brain.data,
      (v) => v > 0,
      stripped.data,
      (v) => v > 0,
    ),
    // their "scalp" is all that lies outside their CSF, bone and all; they have no skull
    outline: dice(
      found,
      (v) => v > 0,
      theirs,
      (v) => v > 0,
    ),
    scalpAndSkull: dice(found, (v) => v === 1 || v === 2, theirs, is(1)),
    scalpAlone: dice(found, is(headTissues.scalp), theirs, is(1)),
    csf: dice(found, is(headTissues.csf), theirs, is(2)),
    grey: dice(found, is(headTissues.grey), theirs, is(3)),
    white: dice(found, is(headTissues.white), theirs, is(4)),
    insideMillilitres: {
      ours: count(found, (v) => v >= headTissues.csf) / 1000,
      theirs: count(theirs, inner) / 1000,
      stripped: count(stripped.data, (v) => v > 0) / 1000,
    },
    // what is left when their own inner border is taken for ours: the head's outline alone
    scalpInsideTheirBorder: dice(
      Uint8Array.from(found, (v, i) => (v > 0 && !inner(theirs[i] as number) ? 1 : 0)),
      is(1),
      theirs,
      is(1),
    ),
  });
}

function count(data: ArrayLike<number>, inside: Test): number {
  let n = 0;
  for (let i = 0; i < data.length; i++) n += Number(inside(data[i] as number));
  return n;
}

/** Tissue values in the order of a T1's, for the rigid registration alone. */
const looks = [0, 110, 25, 85, 115];

async function atlasViewerOn(t1: Volume): Promise<LabelVolume> {
  const bytes = gunzipSync(readFileSync(join(dataFolder, "head/atlasviewer_colin/anatomical/headvol.vox.gz")));
  const grid = {
    shape: [256, 256, 256] as const,
    affine: affineOf([-1, 0, 0, 128, 0, 0, 1, -128, 0, -1, 0, 128]), // headvol2ras.txt
    space: "atlasviewer",
  };
  const labels: LabelVolume = { ...grid, data: new Uint8Array(bytes), names: new Map() };
  const image: Volume = {
    ...grid,
    unit: "{arbitrary}",
    frames: [{ start: 0, duration: 0 }],
    clock: "none",
    data: Float32Array.from(bytes, (label) => looks[label] ?? 0),
  };
  const { transform } = await registerRigid(t1, image);
  return resampleLabels(labels, t1, invert(transform.matrix));
}

/** MNE's sample subject: T1 at 3 mm, brain compared on FreeSurfer's 1-mm grid. */
async function sample(withPriors: boolean): Promise<void> {
  const folder = join(dataFolder, "multimodal/mne_sample");
  const t1 = { ...(await readVolume(join(folder, "T1.mgz"))), space: "subject" };
  const brain = { ...(await readVolume(join(folder, "brain.mgz"))), space: "subject" };
  const aseg = await readLabels(join(folder, "aseg.mgz"));
  const { head, row } = await segmented(t1, withPriors);
  const soft: Volume = { ...t1, data: Float32Array.from(head.brain.data) };
  const there = resample(soft, brain, identityAffine()).data;
  // codes of FreeSurferColorLUT.txt: cortex, cerebellar cortex, deep nuclei; then white matter
  const grey = new Set([3, 42, 8, 47, 10, 11, 12, 13, 17, 18, 26, 49, 50, 51, 52, 53, 54, 58]);
  const white = new Set([2, 41, 7, 46, 16, 28, 60, 77, 251, 252, 253, 254, 255]);
  print({
    case: "sample",
    ...row,
    brain: dice(
      there,
      (v) => v >= 0.5,
      brain.data,
      (v) => v > 0,
    ),
    grey: dice(head.labels.data, is(headTissues.grey), aseg.data, (v) => grey.has(v)),
    white: dice(head.labels.data, is(headTissues.white), aseg.data, (v) => white.has(v)),
  });
}

/** The stripped MNI152 2009a against its own maps cut at half. */
async function mni(withPriors: boolean): Promise<void> {
  const [t1, grey, white] = (await Promise.all(
    ["t1", "gm", "wm"].map((name) =>
      readVolume(join(dataFolder, `mri/mni152_09a/mni_icbm152_${name}_tal_nlin_sym_09a_converted.nii.gz`)),
    ),
  )) as [Volume, Volume, Volume];
  const { head, row } = await segmented({ ...t1, space: "mni" }, withPriors);
  const half = (map: Volume): number => map.data.reduce((a, b) => Math.max(a, b), 0) / 2;
  const score = (label: number, map: Volume): number => {
    const cut = half(map);
    return dice(head.labels.data, is(label), map.data, (v) => v > cut);
  };
  print({ case: "mni", ...row, grey: score(headTissues.grey, grey), white: score(headTissues.white, white) });
}

/** The made head at 1 mm: without and with the twin's own bias and noise, and an individual. */
async function phantom(): Promise<void> {
  for (const [seed, variation, bias, noise] of [
    [1, 0, 0, 0.005],
    [1, 0, 0.15, 0.025],
    [3, 1, 0.15, 0.025],
  ] as const) {
    const made = phantomHead({ seed, variation, resolution: 1 });
    const t1 = t1wImage(made, seededRandom(seed), { bias, noise });
    const { head, row } = await segmented(t1, false);
    print({ case: "phantom", seed, variation, bias, noise, ...row, ...fiveDice(head.labels.data, truthOf(made)) });
  }
}

/** Findings of heads with nothing wrong: eight made persons at 2 mm, Colin27, MNE's sample subject, MNI152. */
async function healthy(): Promise<void> {
  const doubts = new Map<string, number>();
  let heads = 0;
  const look = (name: string, t1: Volume): void => {
    const found = segmentHead(t1).qc.filter(({ name: finding }) => harmFindings.includes(finding));
    for (const { name: finding, verdict } of found)
      if (verdict !== "ok") doubts.set(finding, (doubts.get(finding) ?? 0) + 1);
    heads++;
    print({ case: "healthy", name, ...Object.fromEntries(found.map(({ name: finding, value }) => [finding, value])) });
  };
  for (let seed = 1; seed <= 8; seed++) {
    const made = phantomHead({ seed, variation: 1, resolution: 2 });
    look(`made head ${seed}`, t1wImage(made, seededRandom(seed), { bias: 0.15, noise: 0.025 }));
  }
  for (const [name, path] of [
    ["Colin27", "mri/mricron/ch2.nii.gz"],
    ["MNE sample", "multimodal/mne_sample/T1.mgz"],
    ["MNI152", "mri/mni152_09a/mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz"],
  ] as const)
    if (existsSync(join(dataFolder, path))) look(name, await readVolume(join(dataFolder, path)));
  print({ case: "healthy", heads, notOk: Object.fromEntries(doubts) });
}

const harmFindings = [
  "bright-border",
  "odd-tissue",
  "white-asymmetry",
  "empty-slices",
  "head-cut-at-top",
  "brain-at-image-edge",
];

/** What can be wrong with an image, done to the made head at 2 mm. */
async function harm(_: boolean, only = ""): Promise<void> {
  const made = phantomHead({ seed: 1, variation: 0, resolution: 2 });
  const t1 = t1wImage(made, seededRandom(1), { bias: 0.05, noise: 0.02 });
  const truth = truthOf(made);
  for (const [name, image, map] of harms(t1, truth)) {
    if (!name.includes(only)) continue;
    try {
      const { head, row } = await segmented(image, false);
      print({ case: "harm", name, ...row, ...fiveDice(head.labels.data, map) });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      print({ case: "harm", name, refused: error.code, message: error.message });
    }
  }
}

type Harm = readonly [name: string, image: Volume, truth: Uint8Array];

function harms(t1: Volume, truth: Uint8Array): Harm[] {
  const [nx, ny, nz] = t1.shape;
  const slab = (from: number, to: number): Harm => {
    const [a, b] = [Math.round(from * nz), Math.round(to * nz)];
    const plane = nx * ny;
    const move = t1.affine.slice();
    for (const row of [3, 7, 11]) move[row] = (move[row] as number) + a * (move[row - 1] as number);
    const image = { ...t1, shape: [nx, ny, b - a] as const, affine: move, data: t1.data.slice(a * plane, b * plane) };
    return ["", image, truth.slice(a * plane, b * plane)];
  };
  const changed = (change: (value: number, x: number, y: number, z: number, i: number) => number): Volume => {
    const data = t1.data.slice();
    for (let z = 0, i = 0; z < nz; z++)
      for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++, i++) data[i] = change(data[i] as number, x, y, z, i);
    return { ...t1, data };
  };
  const mm = (x: number, y: number, z: number): [number, number, number] => {
    const a = t1.affine;
    return [0, 4, 8].map(
      (r) => (a[r] as number) * x + (a[r + 1] as number) * y + (a[r + 2] as number) * z + (a[r + 3] as number),
    ) as [number, number, number];
  };
  const ball = Math.cbrt((3 * 30_000) / (4 * Math.PI)); // 30 mL
  const lesion = (value: number): Volume =>
    changed((v, x, y, z) => {
      const [px, py, pz] = mm(x, y, z);
      return Math.hypot(px + 35, py - 5, pz - 30) < ball ? value : v;
    });
  const mirrored = (): Harm => {
    const data = new Float32Array(t1.data.length);
    const there = new Uint8Array(truth.length);
    for (let i = 0; i < data.length; i++) {
      const j = i - (i % nx) + (nx - 1 - (i % nx));
      data[i] = t1.data[j] as number;
      there[i] = truth[j] as number;
    }
    const affine = t1.affine.slice();
    for (const row of [0, 4, 8]) {
      affine[row + 3] = (affine[row + 3] as number) + (nx - 1) * (affine[row] as number);
      affine[row] = -(affine[row] as number);
    }
    return ["left-handed voxels", { ...t1, affine, data }, there];
  };
  const rename = (name: string, [, image, map]: Harm): Harm => [name, image, map];
  const top = Math.round(0.7 * nz);
  return [
    ["nothing", t1, truth],
    rename("top cut off", slab(0, 0.85)),
    rename("neck cut off", slab(0.3, 1)),
    ["three slices missing", changed((v, _x, _y, z) => (z >= top && z < top + 3 ? 0 : v)), truth],
    mirrored(),
    ["bright lesion of 30 mL", lesion(620), truth],
    ["dark lesion of 30 mL", lesion(120), truth],
    [
      "7-T bias, a factor of 3",
      changed((v, x, y, z) => {
        const [px, py, pz] = mm(x, y, z);
        return v * 3 ** (1 - Math.min(1.3, Math.hypot(px / 85, (py + 17) / 100, (pz - 12) / 85)));
      }),
      truth,
    ],
    [
      "contrast agent: bright sinus and meninges",
      changed((v, x, _y, z, i) => {
        const [px, , pz] = mm(x, 0, z);
        const inCsf = truth[i] === headTissues.csf;
        const rim = [1, -1, nx, -nx, nx * ny, -nx * ny].some((s) => truth[i + s] === headTissues.skull);
        return inCsf && (rim || (Math.abs(px) < 3 && pz > 55)) ? 700 : v;
      }),
      truth,
    ],
  ];
}

function print(row: object): void {
  console.log(JSON.stringify(row, (_, v) => (typeof v === "number" ? Number(v.toPrecision(4)) : v)));
}
