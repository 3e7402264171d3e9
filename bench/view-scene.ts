/** A head of 256^3 with PET, SPECT, BOLD and source maps over it and 128 channels of EEG, made in memory. */
import type { Scene, SceneVolume } from "@quintet/view";

export interface MadeScene {
  readonly scene: Scene;
  readonly bytes: ReadonlyMap<string, Uint8Array>;
}

type Look = Pick<SceneVolume, "modality" | "name" | "unit" | "role" | "range" | "colourMap" | "opacity"> & {
  readonly threshold?: number;
};

const head = (x: number, y: number, z: number): number => (x / 72) ** 2 + (y / 92) ** 2 + (z / 80) ** 2;
const brain = (x: number, y: number, z: number): number => (x / 62) ** 2 + (y / 80) ** 2 + (z / 66) ** 2;

type Value = (x: number, y: number, z: number, t: number) => number;

const looks: Readonly<
  Record<string, Look & { readonly n: number; readonly mm: number; readonly frames: number; readonly value: Value }>
> = {
  t1: {
    modality: "mri",
    name: "T1",
    unit: "a.u.",
    role: "anatomy",
    range: [0, 1000],
    colourMap: "gray",
    opacity: 1,
    n: 256,
    mm: 1,
    frames: 1,
    value: (x, y, z) =>
      brain(x, y, z) < 1 ? 600 + 250 * Math.sin(x / 5) * Math.cos(y / 6) : head(x, y, z) < 1 ? 250 : 0,
  },
  pet: {
    modality: "pet",
    name: "FDG",
    unit: "kBq/mL",
    role: "layer",
    range: [0, 30],
    colourMap: "inferno",
    opacity: 0.6,
    n: 128,
    mm: 2,
    frames: 20,
    value: (x, y, z, t) => (brain(x, y, z) < 1 ? (t + 1) * (1 + 0.3 * Math.sin(z / 9)) : 0),
  },
  spect: {
    modality: "spect",
    name: "HMPAO",
    unit: "%",
    role: "layer",
    range: [0, 100],
    colourMap: "hot-iron",
    opacity: 0.4,
    n: 128,
    mm: 2,
    frames: 1,
    value: (x, y, z) => (brain(x, y, z) < 1 ? 60 + 30 * Math.cos(x / 14) : 0),
  },
  bold: {
    modality: "mri",
    name: "BOLD",
    unit: "%",
    role: "layer",
    range: [-5, 5],
    colourMap: "cool-warm",
    opacity: 0.8,
    threshold: 1.5,
    n: 64,
    mm: 3.5,
    frames: 100,
    value: (x, y, z, t) => (brain(x, y, z) < 1 ? 4 * Math.sin(y / 19 + t / 8) : 0),
  },
  source: {
    modality: "eeg",
    name: "source",
    unit: "nA m",
    role: "layer",
    range: [0, 5],
    colourMap: "cividis",
    opacity: 0.7,
    threshold: 1,
    n: 128,
    mm: 2,
    frames: 1,
    value: (x, y, z) => 5 * Math.exp(-((x - 30) ** 2 + (y + 20) ** 2 + (z - 20) ** 2) / 600),
  },
};

export const eegSeconds = 600;

export function madeScene(): MadeScene {
  const bytes = new Map<string, Uint8Array>();
  const volumes = Object.entries(looks).map(([id, { n, mm, frames, value, ...look }]): SceneVolume => {
    const data = new Float32Array(frames * n ** 3);
    const at = Float64Array.from({ length: n }, (_, i) => (i - (n - 1) / 2) * mm);
    for (let t = 0, i = 0; t < frames; t++)
      for (let z = 0; z < n; z++)
        for (let y = 0; y < n; y++)
          for (let x = 0; x < n; x++) data[i++] = value(at[x] as number, at[y] as number, at[z] as number, t);
    bytes.set(id, new Uint8Array(data.buffer));
    const o = -((n - 1) / 2) * mm;
    return {
      ...look,
      id,
      scale: 1,
      shape: [n, n, n],
      affine: [mm, 0, 0, o, 0, mm, 0, o, 0, 0, mm, o, 0, 0, 0, 1],
      url: `/api/volume/${id}`,
      type: "float32",
      frames: Array.from({ length: frames }, (_, k) => ({
        start: k * (eegSeconds / frames),
        duration: eegSeconds / frames,
        sigma: 0.01,
      })),
      onStudyClock: true,
      source: id,
      visible: true,
      note: "made",
    };
  });
  const scene: Scene = {
    study: "made",
    subjects: ["01"],
    subject: "01",
    space: "subject:T1w",
    volumes,
    surfaces: [],
    sensors: [],
    sources: [],
    recordings: [
      {
        id: "eeg",
        modality: "eeg",
        name: "EEG 128",
        source: "eeg",
        duration: eegSeconds,
        groups: [
          {
            rate: 500,
            channels: Array.from({ length: 128 }, (_, k) => ({
              name: `E${k + 1}`,
              kind: "eeg",
              unit: "V",
              bad: false,
              sensors: [],
            })),
            segments: [{ start: 0, samples: 500 * eegSeconds }],
          },
        ],
        map: { method: "made", pieces: [{ until: null, anchor: 0, offset: 0, rate: 1, covariance: [1e-4, 0, 0] }] },
        url: "/api/recording/eeg",
        derived: [],
        montages: [],
        eventsUrl: "/api/events/eeg",
      },
    ],
    clock: {
      name: "made",
      tracks: Object.entries(looks).map(([of, { modality, name, frames }]) => ({
        modality,
        name,
        of,
        onStudyClock: true,
        blocks: Array.from({ length: frames }, (_, k) => ({
          start: k * (eegSeconds / frames),
          duration: eegSeconds / frames,
        })),
        instants: [],
        sigma: 0.01,
      })),
    },
    registrations: [],
    measures: [],
    evidence: [],
    findings: [],
    qc: [],
    availability: [],
    can: { run: false, edit: false, decide: false, record: false },
    start: { position: [0, 0, 0], time: 15 },
    problems: [],
  };
  return { scene, bytes };
}

/** Min-max pairs of the made EEG over a window, as the page asks for them. */
export function madeWindow(query: URLSearchParams): Buffer {
  const [from, to, pixels] = ["from", "to", "pixels"].map((name) => Number(query.get(name))) as [
    number,
    number,
    number,
  ];
  const rate = pixels / (to - from);
  const head = Buffer.from(
    JSON.stringify({
      kind: "min-max",
      group: 0,
      channels: Array.from({ length: 128 }, (_, k) => ({ name: `E${k + 1}`, unit: "V" })),
      rate,
      segments: [{ start: from, count: pixels, at: 0 }],
      note: "made",
    }),
  );
  const start = 4 * Math.ceil((4 + head.length) / 4);
  const out = Buffer.alloc(start + 8 * 128 * pixels);
  out.writeUInt32LE(head.length, 0);
  head.copy(out, 4);
  for (let c = 0, i = start; c < 128; c++)
    for (let p = 0; p < pixels; p++, i += 8) {
      const centre = 20e-6 * Math.sin((from + p / rate) * (3 + c / 10));
      out.writeFloatLE(centre - 1e-5, i);
      out.writeFloatLE(centre + 1e-5, i + 4);
    }
  return out;
}
