/** FreeSurfer's surface files, which nothing here writes, byte by byte. */

/** Big-endian pieces one behind the other: text, int32, float32. */
function joined(...parts: readonly (string | readonly ["int32" | "float32", ...number[]])[]): Uint8Array {
  const bytes: number[] = [];
  const view = new DataView(new ArrayBuffer(4));
  for (const part of parts) {
    if (typeof part === "string") {
      bytes.push(...[...part].map((c) => c.charCodeAt(0)));
      continue;
    }
    const [kind, ...numbers] = part;
    for (const number of numbers as number[]) {
      if (kind === "int32") view.setInt32(0, number);
      else view.setFloat32(0, number);
      bytes.push(...new Uint8Array(view.buffer));
    }
  }
  return Uint8Array.from(bytes);
}

const corners = [0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0, 10];
const footer = `valid = 1  # volume info valid
filename = orig.mgz
volume = 256 256 256
voxelsize = 1 1 1
xras   = -1 0 0
yras   = 0 0 -1
zras   = 0 1 0
cras   = 5 6 7
`;

export const byHand = {
  triangles: (): Uint8Array =>
    joined(
      "\u00ff\u00ff\u00femade for a test\n\n",
      ["int32", 4, 4],
      ["float32", ...corners],
      ["int32", 0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3, 2, 0, 20],
      footer,
    ),
  quadrangles: (): Uint8Array =>
    joined("\u00ff\u00ff\u00fd\0\0\u0004\0\0\u0001", ["float32", ...corners], "\0\0\0\0\0\u0001\0\0\u0002\0\0\u0003"),
  curv: (): Uint8Array => joined("\u00ff\u00ff\u00ff", ["int32", 4, 4, 1], ["float32", 0.5, -0.5, 1, 2]),
  annot: (): Uint8Array =>
    joined(["int32", 2, 0, 1639705, 1, 0, 1, -2, 1, 5], "table", ["int32", 1, 0, 7], "unknown", [
      "int32",
      25,
      5,
      25,
      0,
    ]),
};
