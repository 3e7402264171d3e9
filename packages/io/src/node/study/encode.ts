/** Nouns to the bytes of the formats BIDS allows. */
import { type Events, type LabelVolume, type Montage, type Recording, sampleCount, type Volume } from "@quintet/core";
import { writeBrainVision } from "../../brainvision/write-brainvision.ts";
import { writeBdf, writeEdf } from "../../edf/write-edf.ts";
import { type NiftiWriteOptions, writeNifti } from "../../nifti/write.ts";
import { writeSnirf } from "../snirf.ts";

export type RecordingFormat = "edf" | "bdf" | "brainvision";

/** NIfTI, gzipped. */
export function encodeVolume(volume: Volume | LabelVolume, options: NiftiWriteOptions = {}): Uint8Array {
  return writeNifti(volume, { gzip: true, ...options });
}

export interface RecordingToEncode {
  readonly recording: Recording;
  readonly events?: Events;
  readonly montage?: Montage;
  readonly format: RecordingFormat | "snirf";
  /** File name without extension. */
  readonly name: string;
  /** EDF and BDF hold whole records: fill the last one, with an annotation over what was filled. */
  readonly pad?: boolean;
}

/** The files of one recording: one for EDF, BDF and SNIRF, three for BrainVision. */
export async function encodeRecording(
  part: RecordingToEncode,
): Promise<readonly { name: string; bytes: Uint8Array }[]> {
  const { recording, events, montage, format, name, pad = false } = part;
  switch (format) {
    case "brainvision":
      return writeBrainVision(recording, events && withinSamples(recording, events), { name });
    case "edf":
      return [{ name: `${name}.edf`, bytes: writeEdf(recording, events, { pad }) }];
    case "bdf":
      return [{ name: `${name}.bdf`, bytes: writeBdf(recording, events, { pad }) }];
    case "snirf": {
      const bytes = await writeSnirf({ recording, ...(events ? { events } : {}), ...(montage ? { montage } : {}) });
      return [{ name: `${name}.snirf`, bytes }];
    }
  }
}

/** BrainVision markers stand at samples: an event where nothing was recorded is in events.tsv alone. */
function withinSamples({ groups }: Recording, events: Events): Events {
  const list = events.list.filter(({ onset }) =>
    groups.every((group) =>
      group.segments.some((segment) => {
        const sample = Math.round((onset - segment.start) * group.rate);
        return sample >= 0 && sample < sampleCount(group, segment);
      }),
    ),
  );
  return { clock: events.clock, list };
}
