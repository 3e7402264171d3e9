/** One run of a study in a process of its own; prints seconds, peak memory and where each registered image ended. */
import { runStudy } from "../packages/pipeline/src/index.ts";

const [root, out, template, atlas] = process.argv.slice(2) as [string, string, string, string?];
const start = performance.now();
const outcomes = await runStudy({ root, out, template, ...(atlas ? { atlas } : {}) });
const seconds = (performance.now() - start) / 1000;
const gigabytes = (process.resourceUsage().maxRSS * 1024) / 1e9;
const failed = outcomes.flatMap((outcome) => outcome.failed);
console.log(
  JSON.stringify({ seconds, gigabytes, failed: failed.length, errors: outcomes.flatMap((o) => o.knownErrors) }),
);
