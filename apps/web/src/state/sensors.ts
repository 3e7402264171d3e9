/** Sensors as the page draws and finds them. */
import type { Modality, Point } from "@quintet/core";
import type { Scene, SceneRecording, SceneSensor } from "@quintet/view";

export const sensorColour: Record<SceneSensor["kind"], string> = {
  electrode: "#f2c14e",
  source: "#ff6b6b",
  detector: "#5aa9ff",
};

export const modalityColour: Record<Modality, string> = {
  mri: "#9aa7b4",
  pet: "#f08a4b",
  spect: "#b48ef0",
  fnirs: "#f06ba8",
  eeg: "#57b6f0",
};

export interface ChannelRef {
  readonly recording: SceneRecording;
  readonly channel: SceneRecording["groups"][number]["channels"][number];
}

export const channelKey = (recording: string, channel: string): string => `${recording}\n${channel}`;

export function channelNamed(scene: Scene, key: string | null): ChannelRef | undefined {
  if (key === null) return undefined;
  const [id, name] = key.split("\n");
  const recording = scene.recordings.find((r) => r.id === id);
  const channel = recording?.groups.flatMap(({ channels }) => channels).find((c) => c.name === name);
  return recording && channel ? { recording, channel } : undefined;
}

/** The first trace a sensor takes part in. */
export function channelOfSensor(scene: Scene, sensor: SceneSensor): ChannelRef | undefined {
  for (const recording of scene.recordings) {
    if (recording.modality !== sensor.modality) continue;
    for (const { channels } of recording.groups) {
      const channel = channels.find(({ sensors }) => sensors.includes(sensor.name));
      if (channel) return { recording, channel };
    }
  }
  return undefined;
}

export function sensorsOfChannel(scene: Scene, { recording, channel }: ChannelRef): readonly SceneSensor[] {
  return scene.sensors.filter((s) => s.modality === recording.modality && channel.sensors.includes(s.name));
}

/** Where a channel's cortex is: as the server says, else under its first sensor that has one. */
export function cortexOf(scene: Scene, ref: ChannelRef): Point | undefined {
  return ref.channel.cortex ?? sensorsOfChannel(scene, ref).find(({ cortex }) => cortex)?.cortex;
}
