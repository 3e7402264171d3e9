import { type Affine, invert, type Mask, multiply, type Volume } from "@quintet/core";
import { type ParameterMap, runElastix } from "./elastix.ts";
import { elastixStage, type Levels, withEffort } from "./elastix-stage.ts";
import { linearTransform } from "./itk-transform.ts";
import { atResolution, checkedFrame, cutOut } from "./prepare.ts";
import { searchRigid } from "./search.ts";

export interface AffineOptions {
  /** Brain of the moving and of the fixed image; used only when both are there. */
  readonly mask?: Mask | undefined;
  readonly templateMask?: Mask | undefined;
  readonly seed?: number;
  readonly effort?: number;
}

export interface AffineStage {
  /** What is registered: one frame each, cut out where masks were given. */
  readonly fixed: Volume;
  readonly moving: Volume;
  /** The same at 2 mm, at which the affine is sought. */
  readonly coarseFixed: Volume;
  readonly coarseMoving: Volume;
  /** Fixed world -> moving world. */
  readonly toMoving: Affine;
}

/** Voxel edge, mm. */
const edge = 2;
/** Background kept around the brain, mm: the warp of its rim must not meet the border. */
const margin = 12;
const levels: Levels = { shrink: [2, 0], iterations: [200, 200], samples: 4096 };

/** Rigid search from many starts, then elastix' affine over Mattes' mutual information, at 2 mm. */
export async function alignAffine(
  t1: Volume,
  template: Volume,
  { mask, templateMask, seed = 1, effort = 1 }: AffineOptions,
): Promise<AffineStage> {
  const subject = checkedFrame(t1, "T1");
  const whole = checkedFrame(template, "template");
  const masked = mask !== undefined && templateMask !== undefined;
  const fixed = masked ? cutOut(whole, templateMask, margin) : whole;
  const moving = masked ? cutOut(subject, mask, margin) : subject;
  const [coarseFixed, coarseMoving] = [atResolution(fixed, edge), atResolution(moving, edge)];
  const { best } = searchRigid(coarseFixed, coarseMoving);
  const started = { ...coarseMoving, affine: multiply(invert(best.fixedToMoving), coarseMoving.affine) };
  const stage = elastixStage("AffineTransform", seed, withEffort(levels, effort));
  const { maps } = await runElastix(coarseFixed, started, [stage]);
  const toMoving = multiply(best.fixedToMoving, linearTransform(maps[0] as ParameterMap));
  return { fixed, moving, coarseFixed, coarseMoving, toMoving };
}
