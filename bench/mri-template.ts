/**
 * A T1 (ch2, 1 mm) to the MNI152 template with a warp on 2 mm, beside native elastix where it is found.
 *
 *   npm run bench -- mri-template [--runs 3]
 *
 * elastix ($QUINTET_ELASTIX, else `elastix` on the path; `transformix` beside it): affine, then a cubic B-spline of 16 mm,
 * the settings of `npm run study -- template`, the brains cut out and brought to 2 mm for it beforehand; its time holds the
 * program's start and the reading of both files, ours is in memory and holds the inverse. Before any time is printed both
 * results carry the brain over: the error is 1 - local correlation with the template inside its brain, of ours; a line of its
 * own gives both. Both with one thread.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { frameData, identityAffine, type Mask, type Volume } from "@quintet/core";
import { registerToTemplate, resampleToTemplate } from "@quintet/fusion/register";
import { writeNifti } from "@quintet/io";
import { findTemplate, readVolume } from "@quintet/io/node";
import { resample } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import type { ParameterMap } from "../packages/fusion/src/register/elastix.ts";
import { elastixStage } from "../packages/fusion/src/register/elastix-stage.ts";
import { atResolution } from "../packages/fusion/src/register/prepare.ts";
import { localCorrelation } from "../packages/fusion/test/overlap.ts";
import { interleaved, printLine } from "../testing/bench-line.ts";
import { dataFolder } from "../testing/real-data.ts";

const elastix = process.env.QUINTET_ELASTIX ?? "elastix";
const transformix = elastix === "elastix" ? "transformix" : join(dirname(elastix), "transformix");

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "3" } } });
  await loadKernels();
  const template = await findTemplate({ template: join(dataFolder, "mri/mni152_09a"), env: {} });
  const t1 = await readVolume(join(dataFolder, "mri/mricron/ch2.nii.gz"), { space: "subject:T1w" });
  const stripped = await readVolume(join(dataFolder, "mri/mricron/ch2bet.nii.gz"), { space: "subject:T1w" });
  if (!template?.brain) throw new Error("the MNI152 template is not in the data folder");
  const { t1: still, brain: templateMask } = template;
  const { shape, affine, space } = stripped;
  const mask: Mask = { shape, affine, space, data: Uint8Array.from(stripped.data, (v) => (v > 0 ? 1 : 0)) };
  const fixed = atResolution(still, 2);
  const inside = resample<Volume<"1">>(asVolume(templateMask), fixed, identityAffine()).data.map((v) =>
    Number(v > 0.5),
  );
  const likeness = (carried: Float32Array): number =>
    localCorrelation(carried, frameData(fixed, 0), [...fixed.shape], inside);

  let ours = 0;
  const mine = async (): Promise<void> => {
    const found = await registerToTemplate(t1, still, { mask, templateMask, resolution: 2 });
    const carried = resampleToTemplate({ ...stripped, space: t1.space }, still, found);
    ours = likeness(frameData(atResolution(carried, 2), 0));
  };
  const folder = mkdtempSync(join(tmpdir(), "quintet-bench-"));
  try {
    const installed = spawnSync(elastix, ["--version"]).status === 0;
    const run = installed ? nativeElastix(folder, fixed, atResolution(stripped, 2)) : undefined;
    let theirs: number | null = null;
    if (run) {
      run();
      const carried = join(folder, "result.nii");
      call(transformix, ["-in", join(folder, "moving.nii"), "-tp", join(folder, "TransformParameters.1.txt")], folder);
      theirs = likeness(frameData(await readVolume(carried), 0));
    }
    const [time, peer] = await interleaved(run ? [mine, run] : [mine], Number(values.runs));
    const rest = {
      bench: "mri-template",
      peer_name: run ? "elastix" : null,
      error: Number((1 - ours).toFixed(4)),
      threads: 1,
    };
    const ratio = (a: number, b: number | undefined): number | null => (b === undefined ? null : b / a);
    const name = "T1 to the template, 2-mm warp; error: 1 - local correlation";
    printLine({
      ...rest,
      case: name,
      ours: time as number,
      unit: "ms",
      peer: peer ?? null,
      ratio: ratio(time as number, peer),
    });
    printLine({
      ...rest,
      case: "local correlation of the two",
      ours,
      unit: "1",
      peer: theirs,
      ratio: theirs && ours / theirs,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function asVolume(mask: Mask): Volume<"1"> {
  return { ...mask, unit: "1", frames: [{ start: 0, duration: 0 }], clock: "none", data: Float32Array.from(mask.data) };
}

function nativeElastix(folder: string, fixed: Volume, moving: Volume): () => void {
  const levels = { shrink: [4, 2, 0], iterations: [150, 150, 200], samples: 2500 };
  const begin: ParameterMap = {
    AutomaticTransformInitialization: ["true"],
    AutomaticTransformInitializationMethod: ["GeometricalCenter"],
  };
  const spline: ParameterMap = {
    FinalGridSpacingInPhysicalUnits: ["16"],
    GridSpacingSchedule: ["4", "2", "1"],
    BSplineTransformSplineOrder: ["3"],
  };
  const stages = [
    elastixStage("AffineTransform", 1, levels, begin),
    elastixStage("BSplineTransform", 1, levels, spline),
  ].map((stage, i) => {
    const more: ParameterMap = {
      FixedImageDimension: ["3"],
      MovingImageDimension: ["3"],
      ResultImageFormat: ["nii"],
      // The same as FinalLinearInterpolator, which Debian's build leaves out.
      ResampleInterpolator: ["FinalBSplineInterpolator"],
      FinalBSplineInterpolationOrder: ["1"],
    };
    const path = join(folder, `stage-${i}.txt`);
    const lines = Object.entries({ ...stage, ...more }).map(
      ([key, words]) => `(${key} ${words.map(quoted).join(" ")})`,
    );
    writeFileSync(path, `${lines.join("\n")}\n`);
    return ["-p", path];
  });
  const [still, mobile] = [join(folder, "fixed.nii"), join(folder, "moving.nii")];
  writeFileSync(still, writeNifti(fixed));
  writeFileSync(mobile, writeNifti(moving));
  return () => call(elastix, ["-f", still, "-m", mobile, ...stages.flat(), "-threads", "1"], folder);
}

/** Numbers as they are, words in quotation marks. */
function quoted(word: string): string {
  return Number.isFinite(Number(word)) ? word : `"${word}"`;
}

function call(program: string, words: readonly string[], folder: string): void {
  const { status, stderr, stdout } = spawnSync(program, [...words, "-out", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${stderr || stdout.slice(-400)}`);
}
