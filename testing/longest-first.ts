import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take more than ten seconds, the longest first. A line that names no file any more does no harm. */
const longest: readonly string[] = [
  "packages/pipeline/src/run-study.test.ts",
  "packages/pipeline/src/pet-recon/list-mode.test.ts",
  "packages/fusion/src/register/rigid.test.ts",
  "packages/fusion/src/register/rigid.real.test.ts",
  "packages/pipeline/src/recipes/five/side-and-place.test.ts",
  "apps/web/test/page.test.ts",
  "fuzz/fuzz.test.ts",
  "apps/cli/src/exit-codes.test.ts",
  "packages/pipeline/src/pet-recon/motion.test.ts",
  "packages/modalities/src/mri/index.test.ts",
];

/**
 * The longest files first, so that the workers end together even on a clone that has never run its tests; the others as
 * Vitest sorts them (by the times it remembers, else by size).
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = longest.indexOf(relative(this.ctx.config.root, moduleId));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
