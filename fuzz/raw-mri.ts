import { smallKSpace } from "../fixtures/raw-mri/k-space.ts";
import { type TwixFile, twixFile } from "../fixtures/raw-mri/twix.ts";
import type { Hdf5Dataset, Hdf5Group, Hdf5Records } from "../packages/io/src/hdf5/hdf5-tree.ts";
import { mrdDatasets, mrdFromTree } from "../packages/io/src/mrd/mrd.ts";
import { writeMrd } from "../packages/io/src/mrd/write-mrd.ts";
import { readHdf5 } from "../packages/io/src/node/hdf5.ts";
import { readTwix } from "../packages/io/src/twix/twix.ts";
import type { FuzzTarget } from "./target.ts";

const twix: TwixFile = {
  version: "VD",
  base: 4,
  phaseLines: 4,
  synchronous: 20,
  lines: Array.from({ length: 5 }, (_, line) => ({
    line: line % 4,
    bits: line === 4 ? [25] : [3],
    samples: 8,
    data: Float32Array.from({ length: 32 }, (_v, i) => i),
  })),
};

interface Pieces {
  readonly rows: Uint8Array;
  readonly traj: Uint8Array;
  readonly data: Uint8Array;
  readonly lengths: Uint32Array;
  readonly xml: string;
}

/** What the HDF5 library hands over: a damaged file seldom passes it, and what lies behind must bear damage too. */
async function pieces(): Promise<Pieces> {
  const tree = await readHdf5(writeMrd(smallKSpace()), { file: "small.mrd" }, { only: mrdDatasets });
  const group = tree.children.dataset as Hdf5Group;
  const { rows, sequences } = group.children.data as Hdf5Records;
  const { traj, data } = sequences as Record<"traj" | "data", { lengths: Uint32Array; bytes: Uint8Array }>;
  const xml = (group.children.xml as Hdf5Dataset).data[0] as string;
  return { rows, traj: traj.bytes, data: data.bytes, lengths: data.lengths, xml };
}

/** The tree of an MRD file; the library never tells of more bytes than it hands over. */
function treeOf({ rows, traj, data, lengths, xml }: Pieces): Hdf5Group {
  const size = 356;
  const count = Math.floor(rows.length / size);
  const told = (all: Uint8Array, wanted: (row: number) => number): Uint32Array => {
    let left = all.length;
    return Uint32Array.from({ length: count }, (_, i) => {
      const given = Math.min(wanted(i), left);
      left -= given;
      return given;
    });
  };
  const records: Hdf5Records = {
    kind: "records",
    count,
    size,
    rows,
    members: [{ name: "head", offset: 0, size: 340 }],
    sequences: {
      traj: { lengths: told(traj, (i) => (i === count - 1 ? traj.length : 0)), bytes: traj },
      data: { lengths: told(data, (i) => lengths[i] ?? 0), bytes: data },
    },
  };
  const text: Hdf5Dataset = { kind: "dataset", shape: [1], type: "string", data: [xml] };
  return { kind: "group", children: { dataset: { kind: "group", children: { xml: text, data: records } } } };
}

let held: Promise<Pieces> | undefined;
function whole(): Promise<Pieces> {
  held ??= pieces();
  return held;
}

export const rawMriTargets: readonly FuzzTarget[] = [
  {
    name: "twix",
    fixtures: () => [
      { name: "vd.dat", bytes: twixFile(twix, twix) },
      { name: "vb.dat", bytes: twixFile({ ...twix, version: "VB" }) },
    ],
    read: (bytes, file) => readTwix(bytes, { file }),
  },
  {
    name: "mrd",
    fixtures: async () => {
      const { rows, xml } = await whole();
      return [
        { name: "rows", bytes: rows },
        { name: "header.xml", bytes: new TextEncoder().encode(xml) },
      ];
    },
    read: async (bytes, file) => {
      const good = await whole();
      const part = file === "rows" ? { rows: bytes } : { xml: new TextDecoder().decode(bytes) };
      return mrdFromTree(treeOf({ ...good, ...part }), { file });
    },
  },
];
