import { defineConfig } from "vitest/config";
import { TallyReporter } from "./testing/tally-reporter.ts";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    setupFiles: ["./testing/allclose.ts"],
    reporters: ["default", new TallyReporter()],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
