import { type Channel, DataError, type Recording, type Seconds } from "@quintet/core";
import { cutEpochs, type Epochs, type NoiseCovariance, noiseCovariance } from "@quintet/kernels";

/** s: the baseline taken from every epoch, and what of it counts as noise. */
const [baseline, counted] = [[-0.3, -0.1] as const, [-0.1, 0.1] as const];
/** s between two peaks whose middle is rest. */
const leastGap = 2;

/**
 * Noise of an average at peaks against a baseline 0.3 to 0.1 s before them, from what lies between the peaks: epochs at the middles of
 * gaps of 2 s and more are treated alike (baseline taken away), and their samples within 0.1 s count. The baseline's own samples would
 * tell too little: slow activity drifts away from it until the peak. Where gaps give fewer samples than twice the channels, they are
 * taken all the same.
 *
 * @param peaks s, on the recording's clock
 * @param channels names, in the order of the covariance
 * @throws DataError `no-events`, `no-such-channel`, and those of `cutEpochs` and `noiseCovariance`
 */
export function restCovariance(
  recording: Recording,
  peaks: readonly Seconds[],
  channels: readonly string[],
  average: number,
): NoiseCovariance {
  const wanted = ({ name }: Channel): boolean => channels.includes(name);
  const sorted = [...peaks].sort((a, b) => a - b);
  const middles = sorted.flatMap((peak, i) => {
    const next = sorted[i + 1];
    return next !== undefined && next - peak >= leastGap ? [(peak + next) / 2] : [];
  });
  const cut = (times: readonly Seconds[], to: Seconds): Epochs => {
    const list = times.map((onset) => ({ onset, duration: 0, type: "rest" }));
    return cutEpochs(recording, { clock: recording.clock, list }, wanted, { window: [baseline[0], to], baseline });
  };
  const rest = cut(middles, counted[1]);
  const enough = rest.data.length * rest.rate * (counted[1] - counted[0]) >= 2 * channels.length;
  const epochs = enough ? rest : cut(sorted, baseline[1]);
  const from = enough ? counted[0] : baseline[0];
  if (epochs.data.length === 0)
    throw new DataError("no-events", "noise is taken from between events that lie in the recording", {
      found: `${peaks.length} events`,
    });
  const first = epochs.times.findIndex((t) => t >= from - 1e-9);
  const [n, kept] = [epochs.times.length, epochs.times.length - first];
  const rows = channels.map((name) => {
    const row = epochs.channels.findIndex((channel) => channel.name === name);
    if (row < 0) throw new DataError("no-such-channel", `there is no channel called ${name}`);
    const out = new Float64Array(kept * epochs.data.length);
    for (const [k, epoch] of epochs.data.entries()) out.set(epoch.subarray(row * n + first, (row + 1) * n), k * kept);
    return out;
  });
  return noiseCovariance(rows, average);
}
