import type { Command } from "../command.ts";
import { petModel } from "./pet/model.ts";
import { petRecon } from "./pet/recon.ts";

/** What the PET wing does alone: "quintet pet" lists them, "quintet pet NAME --help" tells of one. */
export const pet: readonly Command[] = [petRecon, petModel];
