import type { Command } from "../command.ts";
import { demo } from "./demo.ts";
import { doctor } from "./doctor.ts";
import { eegClean } from "./eeg/clean.ts";
import { eegSources } from "./eeg/sources.ts";
import { eegSpikes } from "./eeg/spikes.ts";
import { exportResult } from "./export.ts";
import { importFiles } from "./import.ts";
import { inspect } from "./inspect.ts";
import { bridge } from "./live/bridge.ts";
import { convert } from "./live/convert.ts";
import { record } from "./live/record.ts";
import { stream } from "./live/stream.ts";
import { streams } from "./live/streams.ts";
import { mri } from "./mri.ts";
import { nirsGlm } from "./nirs/glm.ts";
import { nirsImage } from "./nirs/image.ts";
import { nirsSecondLevel } from "./nirs/second-level.ts";
import { norms } from "./norms.ts";
import { pet } from "./pet.ts";
import { run } from "./run.ts";
import { spect } from "./spect.ts";
import { view } from "./view.ts";

/** In the order a newcomer meets them. */
export const commands: readonly Command[] = [
  demo,
  importFiles,
  inspect,
  run,
  view,
  exportResult,
  ...mri,
  ...pet,
  ...spect,
  eegClean,
  eegSpikes,
  eegSources,
  nirsGlm,
  nirsSecondLevel,
  nirsImage,
  streams,
  record,
  convert,
  stream,
  bridge,
  norms,
  doctor,
];
