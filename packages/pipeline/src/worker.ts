/** Entry of the worker threads: every step of every recipe. */
import { serveJobs } from "./engine/serve.ts";
import { steps } from "./recipes/five/steps.ts";
import { headSteps } from "./recipes/head/steps.ts";
import { siscomSteps } from "./spect-siscom/steps.ts";

serveJobs(new Map([...steps, ...headSteps, ...siscomSteps]));
