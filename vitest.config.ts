import { configDefaults, defineConfig } from "vitest/config";
import { LongestFirst } from "./testing/longest-first.ts";
import { TallyReporter } from "./testing/tally-reporter.ts";

const below = (folders: readonly string[]): string[] => folders.map((folder) => `${folder}/**/*.test.ts`);

/** Their tests say themselves which kernels are compiled: reference and kernel are held against each other. */
const foundation = below(["packages/core", "packages/kernels"]);
/** What stands on the kernels. */
const above = below([
  ...["fusion", "io", "live", "modalities", "pipeline", "twin", "view"].map((name) => `packages/${name}`),
  ...["cli", "server"].map((name) => `apps/${name}`),
]);

// Hooks compute as tests do, and a machine that does much else meanwhile takes its time for either.
const common = {
  setupFiles: ["./testing/allclose.ts"],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  pool: "forks" as const,
};

export default defineConfig({
  test: {
    reporters: ["default", new TallyReporter()],
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Modules keep no state but loaded kernels, so files share a process and each module is read once.
    projects: [
      { test: { ...common, name: "foundation", include: foundation, isolate: false } },
      {
        test: {
          ...common,
          name: "above",
          include: above,
          setupFiles: [...common.setupFiles, "./testing/compiled-kernels.ts"],
          isolate: false,
        },
      },
      {
        test: {
          ...common,
          name: "own",
          include: ["**/*.test.ts"],
          exclude: [...configDefaults.exclude, "**/dist/**", ...foundation, ...above],
        },
      },
    ],
  },
});
