import { configDefaults, defineConfig } from "vitest/config";
import { LongestFirst } from "./testing/longest-first.ts";
import { TallyReporter } from "./testing/tally-reporter.ts";

/** Packages whose modules keep no state but loaded kernels: their files share a process, so each module is read once. */
const stateless = ["core", "kernels", "modalities", "fusion", "twin", "view"].map(
  (name) => `packages/${name}/**/*.test.ts`,
);

const common = { setupFiles: ["./testing/allclose.ts"], testTimeout: 60_000, pool: "forks" as const };

export default defineConfig({
  test: {
    reporters: ["default", new TallyReporter()],
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...common, name: "stateless", include: stateless, isolate: false } },
      {
        test: {
          ...common,
          name: "own",
          include: ["**/*.test.ts"],
          exclude: [...configDefaults.exclude, "**/dist/**", ...stateless],
        },
      },
    ],
  },
});
