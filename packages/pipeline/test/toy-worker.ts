import { serveJobs } from "../src/engine/serve.ts";
import { toySteps } from "./toy-steps.ts";

serveJobs(toySteps);
