/** What an fNIRS file and its side files say together, one way for every step that reads them. */
import type { Events, Montage, Recording } from "@quintet/core";
import { readRecording } from "@quintet/io/node";
import { readCompanionEvents, readCompanionMontage } from "./companions.ts";
import { withoutVolumeTriggers } from "./volume-triggers.ts";

export interface FnirsInputs {
  readonly recording: Recording;
  readonly montage: Montage | undefined;
  readonly events: Events;
}

/** @throws DataError those of the readers */
export async function readFnirs(file: string, companions: Readonly<Record<string, string>>): Promise<FnirsInputs> {
  const read = await readRecording(file);
  const { recording } = read;
  return {
    recording,
    montage: (await readCompanionMontage(file, companions, "optodes")) ?? read.montage,
    events: withoutVolumeTriggers((await readCompanionEvents(file, companions, recording.clock)) ?? read.events),
  };
}
