/** Runs a slow toy recipe in `argv[2]` until somebody kills it; prints "running" once it is under way. */
import { join } from "node:path";
import { Cache } from "../src/engine/cache.ts";
import { Recipe } from "../src/engine/graph.ts";
import { inlineEngine } from "../src/engine/local.ts";
import { runRecipe } from "../src/engine/run.ts";
import { SourceHashes } from "../src/engine/source-hash.ts";
import { readNumber, scale, toySteps } from "./toy-steps.ts";

const folder = process.argv[2] as string;
const recipe = new Recipe();
let x = recipe.add("read", readNumber, {}, { file: { file: join(folder, "x.txt") } });
for (let i = 0; i < 40; i++) x = recipe.add(`scale-${i}`, scale, { by: 1 + i / 1000, wait: 20 }, { x });
const cache = new Cache(join(folder, "cache"));
await runRecipe(recipe, {
  cache,
  hashes: new SourceHashes(join(folder, "hashes.json")),
  engine: inlineEngine(toySteps, cache),
  onEvent: (event) => event.kind === "end" && console.log(`${event.state.kind} ${event.node.id}`),
});
