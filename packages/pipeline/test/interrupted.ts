/** Runs a slow toy recipe in `argv[2]` and prints what becomes of each node; kills itself in the middle of the node `argv[3]`. */
import { join } from "node:path";
import { Cache } from "../src/engine/cache.ts";
import { Recipe } from "../src/engine/graph.ts";
import { inlineEngine } from "../src/engine/local.ts";
import { runRecipe } from "../src/engine/run.ts";
import { SourceHashes } from "../src/engine/source-hash.ts";
import { readNumber, scale, toySteps } from "./toy-steps.ts";

const [folder = "", last] = process.argv.slice(2);
const recipe = new Recipe();
let x = recipe.add("read", readNumber, {}, { file: { file: join(folder, "x.txt") } });
for (let i = 0; i < 40; i++) x = recipe.add(`scale-${i}`, scale, { by: 1 + i / 1000, wait: 20 }, { x });
const cache = new Cache(join(folder, "cache"));
await runRecipe(recipe, {
  cache,
  hashes: new SourceHashes(join(folder, "hashes.json")),
  engine: inlineEngine(toySteps, cache),
  onEvent(event) {
    if (event.kind === "end") console.log(`${event.state.kind} ${event.node.id}`);
    // Before the node's own wait of 20 ms is over, however busy the machine is: the timer due first is heard first.
    else if (event.kind === "start" && event.node.id === last)
      setTimeout(() => process.kill(process.pid, "SIGKILL"), 10);
  },
});
