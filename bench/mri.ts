/**
 * All benches of the MRI wing in turn: raw data to image, template, head, BOLD.
 *
 *   npm run bench -- mri [--runs 3]
 *
 * Other programs are timed beside ours where they are found: `bart` or $QUINTET_BART, `ismrmrd_recon_cartesian_2d` or
 * $QUINTET_ISMRMRD_RECON, `elastix` or $QUINTET_ELASTIX.
 */
import { parseArgs } from "node:util";
import { main as bold } from "./bold.ts";
import { main as head } from "./mri-head.ts";
import { main as recon } from "./mri-recon.ts";
import { main as template } from "./mri-template.ts";

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "3" } } });
  for (const bench of [recon, template, head, bold]) await bench(["--runs", values.runs]);
}
