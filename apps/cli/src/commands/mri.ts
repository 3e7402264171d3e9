import type { Command } from "../command.ts";
import { mriBold } from "./mri/bold.ts";
import { mriHead } from "./mri/head.ts";
import { mriRecon } from "./mri/recon.ts";

/** What the MRI wing does alone: "quintet mri" lists them, "quintet mri NAME --help" tells of one. */
export const mri: readonly Command[] = [mriBold, mriHead, mriRecon];
