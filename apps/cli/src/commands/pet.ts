import type { Command } from "../command.ts";
import { petCentiloid } from "./pet/centiloid.ts";
import { petMap } from "./pet/map.ts";
import { petModel } from "./pet/model.ts";
import { petPvc } from "./pet/pvc.ts";
import { petQc } from "./pet/qc.ts";
import { petRecon } from "./pet/recon.ts";
import { petUptake } from "./pet/uptake.ts";
import { petZscore } from "./pet/zscore.ts";

/** What the PET wing does alone: "quintet pet" lists them, "quintet pet NAME --help" tells of one. */
export const pet: readonly Command[] = [petRecon, petUptake, petPvc, petZscore, petCentiloid, petModel, petMap, petQc];
