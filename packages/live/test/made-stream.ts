/** A stream that the tests of the node send, and waiting for what comes over the network. */
export const interfaces = ["127.0.0.1"];

/** A source id of this process alone: the same tests may run twice on one machine at the same time. */
export const own = (name: string): string => `${name}-${process.pid}`;

export const eeg = {
  name: "made",
  type: "EEG",
  channelCount: 4,
  format: "float32",
  rate: 500,
  sourceId: own("made"),
} as const;

/** Returns when it is ready, or after `seconds` whether or not: what is expected then fails by its own words. */
export const until = async (ready: () => boolean, seconds = 5): Promise<void> => {
  for (let k = 0; k < seconds * 100 && !ready(); k++) await new Promise((go) => setTimeout(go, 10));
};
