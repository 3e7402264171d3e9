import {
  type Channel,
  type ChannelGroup,
  type Montage,
  type QcFinding,
  type Recording,
  sensorNamed,
} from "@quintet/core";
import { correlation, firFilterRecording, median, welchSpectrum } from "@quintet/kernels";
import { type EegComponents, joinedRows } from "./components.ts";
import { electrodeName } from "./electrode-name.ts";

export type ComponentLabel = "eye" | "heart" | "muscle" | "other";

/** Why a component was called what it is. */
export interface LabelledComponent {
  readonly index: number;
  readonly label: ComponentLabel;
  /** Largest |r| with an EOG channel (1 to 10 Hz), or with the frontal-pole electrodes where there is none. */
  readonly eye: number;
  /** |r| with the ECG (8 to 16 Hz); 0 without one. */
  readonly heart: number;
  /** 0 .. 1: product of the scores of spectral slope and distance from the vertex, its root. */
  readonly muscle: number;
  readonly rule: string;
}

/** Limits of the rules below. */
export const labelLimits = {
  /** Robust z of |r| among the components, and least |r|. */
  standout: 3,
  eye: 0.4,
  /** Frontal electrodes hold brain too. */
  frontal: 0.7,
  heart: 0.3,
  muscle: 0.5,
} as const;

/**
 * Eye, heart and muscle among independent components, by rules that can be read:
 *
 * - eye: |r| with an EOG channel, both 1 to 10 Hz, at least 0.4 and 3 robust standard deviations above the components'
 *   middle. Without EOG, |r| with the mean of Fp1, Fp2, Fpz (or AF7, AF8) at least 0.7.
 * - heart: |r| with the ECG, both 8 to 16 Hz, at least 0.3 and 3 robust standard deviations above the middle.
 * - muscle: the root of the product of two scores at least 0.5: slope b of log power against log frequency, 7 to 45 Hz,
 *   1 / (1 + exp(-(b + 0.5) / 0.25)); and, with places, how far from the vertex the pattern's weight lies, d as a share of
 *   the farthest electrode, 1 / (1 + exp(-(d - 0.65) / 0.1)). Muscle falls less with frequency than brain and sits at the rim.
 *
 * The first that holds names it. Bands and logistic constants are MNE-Python's (`find_bads_eog`, `_ecg`, `_muscle`), whose
 * iterated z and third criterion (smoothness, of constants for one cap) are not used.
 *
 * @see Dharmaprani et al., Annu Int Conf IEEE EMBS 2016:1992-1995
 */
export function labelComponents(
  recording: Recording,
  components: EegComponents,
  montage?: Montage,
): { readonly components: readonly LabelledComponent[]; readonly findings: readonly QcFinding[] } {
  const group = recording.groups.find(({ channels }) =>
    channels.some(({ name }) => name === components.channels[0]),
  ) as ChannelGroup;
  const eog = indices(group, ({ kind, status }) => kind === "eog" && status !== "bad");
  const frontal = indices(
    group,
    ({ kind, name, status }) => kind === "eeg" && status !== "bad" && /^(fp[12z]|af[78])$/i.test(electrodeName(name)),
  );
  const ecg = indices(group, ({ kind }) => kind === "ecg");
  const slow = bandOf(components, 1, 10);
  const beat = bandOf(components, 8, 16);
  const eyes = eog.length > 0 ? rowsBetween(group, eog, 1, 10) : meanRow(rowsBetween(group, frontal, 1, 10));
  const hearts = rowsBetween(group, ecg, 8, 16);
  const eye = slow.map((source) => largest(eyes, source));
  const heart = beat.map((source) => largest(hearts, source));
  const [eyeZ, heartZ] = [standout(eye), standout(heart)];
  const distance = distances(components, montage);
  const labelled = components.sources.map((source, index): LabelledComponent => {
    const slope = logistic((spectralSlope(source, components.rate) + 0.5) / 0.25);
    const muscle = distance ? Math.sqrt(slope * logistic(((distance[index] as number) - 0.65) / 0.1)) : slope;
    const [e, h] = [eye[index] as number, heart[index] as number];
    const ez = eyeZ[index] as number;
    const isEye = eog.length > 0 ? e >= labelLimits.eye && ez >= labelLimits.standout : e >= labelLimits.frontal;
    const isHeart = h >= labelLimits.heart && (heartZ[index] as number) >= labelLimits.standout;
    const base = { index, eye: e, heart: h, muscle };
    if (isEye)
      return {
        ...base,
        label: "eye",
        rule: `|r| ${e.toFixed(2)} with ${eog.length > 0 ? "the EOG" : "the frontal poles"}`,
      };
    if (isHeart) return { ...base, label: "heart", rule: `|r| ${h.toFixed(2)} with the ECG` };
    if (muscle >= labelLimits.muscle)
      return {
        ...base,
        label: "muscle",
        rule: `flat spectrum${distance ? " at the rim" : ""}, score ${muscle.toFixed(2)}`,
      };
    return { ...base, label: "other", rule: "no rule holds" };
  });
  const count = (label: ComponentLabel): string => {
    const own = labelled.filter((component) => component.label === label);
    return `${own.length} ${label}${own.length > 0 ? ` (${own.map(({ index }) => index).join(", ")})` : ""}`;
  };
  const missing = [
    ...(eog.length === 0 ? [frontal.length > 0 ? "no EOG: frontal poles instead" : "no EOG and no frontal pole"] : []),
    ...(ecg.length === 0 ? ["no ECG"] : []),
    ...(distance ? [] : ["no places"]),
  ];
  return {
    components: labelled,
    findings: [
      {
        modality: "eeg",
        name: "components",
        value: labelled.filter(({ label }) => label !== "other").length,
        unit: "{count}",
        verdict: components.converged ? "ok" : "warn",
        note: `of ${labelled.length} by ${components.method}: ${["eye", "heart", "muscle"].map((label) => count(label as ComponentLabel)).join(", ")}${
          missing.length > 0 ? `; ${missing.join(", ")}` : ""
        }${components.converged ? "" : `; not converged in ${components.iterations} iterations`}`,
      },
    ],
  };
}

function indices(group: ChannelGroup, wanted: (channel: Channel) => boolean): number[] {
  return group.channels.flatMap((channel, row) => (wanted(channel) ? [row] : []));
}

/** Rows of a group in a band, all segments joined; a segment shorter than the filter is refused by it. */
function rowsBetween(group: ChannelGroup, rows: readonly number[], low: number, high: number): Float64Array[] {
  if (rows.length === 0) return [];
  const wanted = new Set(rows.map((row) => group.channels[row]));
  const band = { low, high, lowTransition: Math.max(1, low / 4), highTransition: 2 };
  const filtered = firFilterRecording({ clock: "c", groups: [group] }, band, (channel) => wanted.has(channel));
  return joinedRows(filtered.groups[0] as ChannelGroup, rows);
}

/** The sources are of joined segments: what the filter mixes at a join is a few per cent of a long recording. */
function bandOf({ sources, rate }: EegComponents, low: number, high: number): Float64Array[] {
  const n = sources[0]?.length ?? 0;
  const data = new Float64Array(sources.length * n);
  sources.forEach((source, k) => {
    data.set(source, k * n);
  });
  const channels = sources.map((_, k): Channel => ({ name: `${k}`, kind: "misc", unit: "1", sensors: [] }));
  return rowsBetween(
    { rate, channels, segments: [{ start: 0, data }] },
    channels.map((_, k) => k),
    low,
    high,
  );
}

function meanRow(rows: readonly Float64Array[]): Float64Array[] {
  const [first] = rows;
  return first ? [first.map((_, t) => rows.reduce((sum, row) => sum + (row[t] as number), 0) / rows.length)] : [];
}

function largest(channels: readonly Float64Array[], source: Float64Array): number {
  return channels.reduce((most, channel) => Math.max(most, Math.abs(correlation(channel, source)) || 0), 0);
}

/** (x - median) / (1.4826 MAD), the spread at least 0.02: correlations closer than that are alike. */
function standout(values: readonly number[]): number[] {
  const middle = median(values);
  const spread = Math.max(0.02, 1.4826 * median(values.map((v) => Math.abs(v - middle))));
  return values.map((v) => (v - middle) / spread);
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Slope of log10 density against log10 frequency, 7 to 45 Hz, windows of 2 s. */
function spectralSlope(source: Float64Array, rate: number): number {
  const { frequencies, density } = welchSpectrum(source, rate, {
    length: Math.min(source.length, Math.round(2 * rate)),
  });
  let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
  density.forEach((p, k) => {
    const f = frequencies[k] as number;
    if (f < 7 || f > Math.min(45, 0.45 * rate)) return;
    const [x, y] = [Math.log10(f), Math.log10(p)];
    n++;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  });
  return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

/** Mean distance from the vertex of each pattern's weight, in the plane of the ears and nose, as a share of the farthest. */
function distances({ channels, mixing }: EegComponents, montage?: Montage): number[] | undefined {
  if (!montage) return undefined;
  const places = channels.map(
    (name) => (sensorNamed(montage, name) ?? sensorNamed(montage, electrodeName(name)))?.position,
  );
  if (places.some((place) => !place)) return undefined;
  const sure = places as readonly (readonly [number, number, number])[];
  const centre = [0, 1].map((axis) => sure.reduce((sum, p) => sum + (p[axis] as number), 0) / sure.length);
  const far = sure.map((p) => Math.hypot(p[0] - (centre[0] as number), p[1] - (centre[1] as number)));
  const most = Math.max(...far);
  return (mixing[0] as Float64Array).reduce<number[]>((all, _, k) => {
    // The square of the weight: a focus, not the field around it, says where a source is.
    const power = mixing.map((row) => (row[k] as number) ** 2);
    const total = power.reduce((a, b) => a + b, 0);
    all.push(power.reduce((sum, p, c) => sum + p * (far[c] as number), 0) / total / most);
    return all;
  }, []);
}
