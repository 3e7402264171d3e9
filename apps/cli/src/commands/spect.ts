import type { Command } from "../command.ts";
import { spectRecon } from "./spect/recon.ts";
import { spectSbr } from "./spect/sbr.ts";
import { spectSiscom } from "./spect/siscom.ts";

/** What the SPECT wing does alone: "quintet spect" lists them, "quintet spect NAME --help" tells of one. */
export const spect: readonly Command[] = [spectRecon, spectSiscom, spectSbr];
