/**
 * All benches of the fNIRS wing in turn: the linear model, light by Monte Carlo.
 *
 *   npm run bench -- fnirs [--runs 5]
 *
 * A plain C program of the same walk is timed beside ours where it is found: $QUINTET_PHOTONS_C (fnirs-photons.ts).
 */
import { parseArgs } from "node:util";
import { main as glm } from "./fnirs-glm.ts";
import { main as photons } from "./fnirs-photons.ts";

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "5" } } });
  await glm(["--runs", values.runs]);
  await photons(["--runs", values.runs]);
}
