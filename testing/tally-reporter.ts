import type { Reporter, TestCase, TestModule } from "vitest/node";
import { realDataMark } from "./real-data-mark.ts";

/** Closes the run with "real data: N tests run, M skipped" and "N passed, N failed, N skipped". */
export class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (some: readonly TestCase[], state: string): number =>
      some.filter((t) => t.result().state === state).length;
    const real = tests.filter((test) => test.fullName.includes(realDataMark));
    const broken = modules.filter(
      (module) => module.state() === "failed" && count([...module.children.allTests()], "failed") === 0,
    ).length;
    console.log(`real data: ${real.length - count(real, "skipped")} tests run, ${count(real, "skipped")} skipped`);
    console.log(
      `${count(tests, "passed")} passed, ${count(tests, "failed") + broken} failed, ${count(tests, "skipped")} skipped`,
    );
  }
}
