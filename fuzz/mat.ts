import { matBytes, record, row, scalar } from "../fixtures/signals/mat.ts";
import { readMat } from "../packages/io/src/mat/mat.ts";
import type { FuzzTarget } from "./target.ts";

const variables = {
  numbers: { double: Array.from({ length: 60 }, (_, i) => i), shape: [6, 10] },
  small: { double: [-5, 300], shape: [1, 2], as: "int16" as const },
  text: "a text",
  list: { cell: ["one", scalar(2), { cell: ["deep"], shape: [1, 1] }], shape: [1, 3] },
  table: { struct: { name: ["x", "y"], value: [scalar(7), row([8, 9])] }, shape: [1, 2] },
  nested: record({ inner: record({ leaf: scalar(42) }) }),
};

export const matTargets: readonly FuzzTarget[] = [
  {
    name: "mat",
    fixtures: () => [
      { name: "plain.mat", bytes: matBytes(variables) },
      { name: "big-endian.mat", bytes: matBytes(variables, { bigEndian: true }) },
      { name: "compressed.mat", bytes: matBytes(variables, { compress: true }) },
    ],
    read: (bytes, file) => readMat(bytes, { file }),
  },
];
