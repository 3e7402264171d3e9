/**
 * All benches of the PET wing in turn: projectors, reconstruction at clinical size, kinetic models of every voxel.
 *
 *   npm run bench -- pet [--runs 5]
 *
 * Other programs are timed beside ours where they are found: $QUINTET_PARALLELPROJ (pet-projector.ts) and those of
 * pet-model.ts.
 */
import { parseArgs } from "node:util";
import { main as model } from "./pet-model.ts";
import { main as projector } from "./pet-projector.ts";
import { main as recon } from "./pet-recon.ts";

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "5" } } });
  await projector(["--runs", values.runs]);
  await recon(["--iterations", values.runs]);
  await model(["--runs", values.runs]);
}
