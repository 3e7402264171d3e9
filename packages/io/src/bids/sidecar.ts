/** Side files of images and recordings: what their nouns know, under what the caller says. */
import type { ChannelKind, LabelVolume, Metadata, Recording, Seconds, Volume } from "@quintet/core";

/**
 * JSON of an image: PET frames and unit, the task of a BOLD series. What `given` says wins.
 */
export function volumeSidecar(
  volume: Volume | LabelVolume,
  suffix: string,
  entities: Readonly<Record<string, string>>,
  given: Metadata,
): Metadata {
  if (!("frames" in volume)) return given;
  const known: Record<string, unknown> = {};
  if (suffix === "pet" || suffix === "spect") {
    if (volume.unit !== "{arbitrary}") known.Units = volume.unit === "{count}" ? "counts" : volume.unit;
    if (suffix === "pet" || volume.frames.length > 1) {
      known.FrameTimesStart = volume.frames.map((frame) => frame.start);
      known.FrameDuration = volume.frames.map((frame) => frame.duration);
    }
  }
  if (suffix === "bold" && volume.frames[0]) known.RepetitionTime = volume.frames[0].duration;
  if (suffix === "bold" && entities.task !== undefined) known.TaskName = entities.task;
  return { ...known, ...given };
}

/** JSON of a recording with the fields its datatype requires; what is not known is "n/a". What `given` says wins. */
export function recordingSidecar(
  recording: Recording,
  datatype: "eeg" | "nirs",
  entities: Readonly<Record<string, string>>,
  given: Metadata,
  length: Seconds,
): Metadata {
  const rates = new Set(recording.groups.map((group) => group.rate));
  const channels = recording.groups.flatMap((group) => group.channels);
  const count = (...some: ChannelKind[]): number => channels.filter((channel) => some.includes(channel.kind)).length;
  const main =
    recording.groups.find((group) => group.channels.some((channel) => channel.kind === "eeg")) ?? recording.groups[0];
  const pieces = recording.groups.some((group) => group.segments.length > 1);
  const common = { TaskName: entities.task ?? "n/a", RecordingDuration: length };
  if (datatype === "eeg") {
    return {
      ...common,
      SamplingFrequency: main?.rate ?? "n/a",
      EEGReference: recording.notes?.reference ?? "n/a",
      PowerLineFrequency: "n/a",
      SoftwareFilters: "n/a",
      RecordingType: pieces ? "discontinuous" : "continuous",
      EEGChannelCount: count("eeg"),
      EOGChannelCount: count("eog"),
      ECGChannelCount: count("ecg"),
      EMGChannelCount: count("emg"),
      TriggerChannelCount: count("trigger"),
      ...given,
    };
  }
  const optical = channels.filter(({ kind }) => ["nirs-intensity", "nirs-od", "hbo", "hbr", "hbt"].includes(kind));
  const distinct = (end: 0 | 1): number => new Set(optical.flatMap(({ sensors }) => sensors[end] ?? [])).size;
  return {
    ...common,
    SamplingFrequency: rates.size === 1 ? [...rates][0] : "n/a",
    NIRSChannelCount: optical.length,
    NIRSSourceOptodeCount: distinct(0),
    NIRSDetectorOptodeCount: distinct(1),
    ...(count("accel") > 0 ? { ACCELChannelCount: count("accel") } : {}),
    ...(count("gyro") > 0 ? { GYROChannelCount: count("gyro") } : {}),
    ...given,
  };
}
