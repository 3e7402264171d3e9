import {
  type Channel,
  type ChannelGroup,
  channelData,
  DataError,
  type Millimetres,
  type Montage,
  type Nanometres,
  type Recording,
} from "@quintet/core";
import { type OpticalPair, opticalPairs, sourceDetectorDistance } from "../correct/pairs.ts";
import { dpf } from "./dpf.ts";
import { type ExtinctionTableName, extinction } from "./extinction.ts";

export interface BeerLambertOptions {
  /** Default "prahl". */
  readonly table?: ExtinctionTableName;
  /**
   * How much longer than the source-detector distance light travels in the tissue that changes.
   * `ppf`: one factor for all wavelengths, or one per wavelength (ascending). `age`: DPF of Scholkmann & Wolf,
   * that is, the whole path counts as changing tissue.
   */
  readonly pathlength: { readonly ppf: number | readonly number[] } | { readonly age: number };
}

/** What the concentrations of one pair were computed with. */
export interface PairPathlength {
  readonly pair: string;
  readonly wavelength: Nanometres;
  readonly distance: Millimetres;
  /** Partial or differential pathlength factor. */
  readonly factor: number;
}

/**
 * Pathlength of every pair and wavelength as `beerLambert` uses it.
 *
 * @throws DataError `no-position`, `bad-distance`, `bad-pathlength`, `bad-age`, `bad-wavelength`
 */
export function pathlengths(od: Recording, montage: Montage, options: BeerLambertOptions): PairPathlength[] {
  return od.groups.flatMap(({ channels }) =>
    opticalPairs(channels, "nirs-od").flatMap((pair) => {
      const distance = sourceDetectorDistance(montage, pair.source, pair.detector);
      return pair.members.map(({ wavelength }, i) => {
        const factor = pathlengthFactor(options, wavelength, i, pair.members.length);
        return { pair: pair.name, wavelength, distance, factor };
      });
    }),
  );
}

function pathlengthFactor({ pathlength }: BeerLambertOptions, wavelength: Nanometres, i: number, n: number): number {
  if ("age" in pathlength) return dpf(pathlength.age, wavelength);
  const { ppf } = pathlength;
  const factor = typeof ppf === "number" ? ppf : ppf.length === n ? ppf[i] : undefined;
  if (factor === undefined || !(factor > 0)) {
    throw new DataError("bad-pathlength", "a pathlength factor is positive, one or one per wavelength", {
      expected: `1 or ${n} factors`,
      found: `${ppf}`,
    });
  }
  return factor;
}

/**
 * Changes of haemoglobin concentration by the modified Beer-Lambert law,
 *
 *   dOD(l) = ln(10) [ e_HbO(l) dHbO + e_HbR(l) dHbR ] d PPF(l)
 *
 * with d the source-detector distance and dOD in natural logarithm, solved per pair: exactly for two wavelengths, by
 * least squares for more. Results scale with 1 / PPF, so `notes.beerLambert` of the result says what was used.
 *
 * @returns per pair "S-D hbo", "S-D hbr", "S-D hbt" (their sum), mol/L, float64; channels that are not optical stay
 * @throws DataError `no-channels`, `no-pair`, `no-wavelength`, `one-wavelength`, `no-position`, `bad-distance`,
 *   `bad-pathlength`, `bad-age`, `bad-wavelength`
 * @see Delpy et al., Phys Med Biol 1988;33:1433-42; Kocsis et al., Phys Med Biol 2006;51:N91-8
 */
export function beerLambert(od: Recording, montage: Montage, options: BeerLambertOptions): Recording {
  const table = options.table ?? "prahl";
  const paths = pathlengths(od, montage, options);
  if (paths.length === 0) throw new DataError("no-channels", "the recording has no optical density");
  const groups = od.groups.map((group) => groupConcentrations(group, paths, table));
  const factors = new Map(paths.map(({ wavelength, factor }) => [wavelength, factor]));
  const kind = "age" in options.pathlength ? `DPF at ${options.pathlength.age} years` : "partial pathlength factor";
  const told = [...factors].sort(([a], [b]) => a - b).map(([l, factor]) => `${l} nm ${Number(factor.toFixed(4))}`);
  return { ...od, groups, notes: { ...od.notes, beerLambert: `extinction ${table}; ${kind} ${told.join(", ")}` } };
}

function groupConcentrations(
  group: ChannelGroup,
  paths: readonly PairPathlength[],
  table: ExtinctionTableName,
): ChannelGroup {
  const pairs = opticalPairs(group.channels, "nirs-od");
  if (pairs.length === 0) return group;
  const others = group.channels.flatMap(({ kind }, index) => (kind === "nirs-od" ? [] : [index]));
  const solvers = pairs.map((pair) => solver(pair, paths, table));
  const segments = group.segments.map((segment) => {
    const n = segment.data.length / group.channels.length;
    const data = new Float64Array((3 * pairs.length + others.length) * n);
    pairs.forEach((pair, p) => {
      const densities = pair.members.map(({ index }) => channelData(group, segment, index));
      const [toHbo, toHbr] = solvers[p] as Solver;
      const at = 3 * p * n;
      for (let t = 0; t < n; t++) {
        let [hbo, hbr] = [0, 0];
        for (let w = 0; w < densities.length; w++) {
          const density = densities[w]?.[t] as number;
          hbo += (toHbo[w] as number) * density;
          hbr += (toHbr[w] as number) * density;
        }
        data[at + t] = hbo;
        data[at + n + t] = hbr;
        data[at + 2 * n + t] = hbo + hbr;
      }
    });
    others.forEach((index, i) => {
      data.set(channelData(group, segment, index), (3 * pairs.length + i) * n);
    });
    return { start: segment.start, data };
  });
  const channels = [
    ...pairs.flatMap((pair) => concentrationChannels(pair, group.channels)),
    ...others.map((index) => group.channels[index] as Channel),
  ];
  return { ...group, channels, segments };
}

function concentrationChannels(
  { name, source, detector, members }: OpticalPair,
  channels: readonly Channel[],
): Channel[] {
  const bad = members.some(({ index }) => channels[index]?.status === "bad");
  return (["hbo", "hbr", "hbt"] as const).map((kind) => ({
    name: `${name} ${kind}`,
    kind,
    unit: "mol/L",
    sensors: [source, detector],
    ...(bad ? { status: "bad" as const } : {}),
  }));
}

/** Rows of the pseudo-inverse: weights of each wavelength's density in HbO and HbR, mol/L. */
type Solver = readonly [hbo: readonly number[], hbr: readonly number[]];

function solver({ name, members }: OpticalPair, paths: readonly PairPathlength[], table: ExtinctionTableName): Solver {
  if (members.length < 2) {
    throw new DataError("one-wavelength", `pair ${name} has one wavelength: two concentrations cannot be told apart`, {
      expected: "at least 2 wavelengths",
      found: `${members[0]?.wavelength} nm`,
    });
  }
  const rows = members.map(({ wavelength }): readonly [number, number] => {
    const path = paths.find((p) => p.pair === name && p.wavelength === wavelength) as PairPathlength;
    const { hbo, hbr } = extinction(table, wavelength);
    // Distance in cm, as extinction is per cm.
    const length = Math.LN10 * (path.distance / 10) * path.factor;
    return [hbo * length, hbr * length];
  });
  let [oo, or, rr] = [0, 0, 0];
  for (const [o, r] of rows) {
    oo += o * o;
    or += o * r;
    rr += r * r;
  }
  const det = oo * rr - or * or;
  return [rows.map(([o, r]) => (rr * o - or * r) / det), rows.map(([o, r]) => (oo * r - or * o) / det)];
}
