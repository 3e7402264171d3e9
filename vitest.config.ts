import { defineConfig } from "vitest/config";
import { LongestFirst } from "./testing/longest-first.ts";
import { TallyReporter } from "./testing/tally-reporter.ts";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    setupFiles: ["./testing/allclose.ts"],
    reporters: ["default", new TallyReporter()],
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
  },
});
