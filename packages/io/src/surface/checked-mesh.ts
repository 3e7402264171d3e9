import { DataError, type Surface } from "@quintet/core";

/** A mesh whose faces point at vertices that are there and whose vertices are numbers. @throws DataError `bad-face`, `not-finite` */
export function checkedMesh(
  points: ArrayLike<number>,
  corners: ArrayLike<number>,
  file: string,
): Pick<Surface, "vertices" | "faces"> {
  const vertices = Float32Array.from(points);
  const count = vertices.length / 3;
  for (let i = 0; i < corners.length; i++) {
    const corner = corners[i] as number;
    if (!(Number.isInteger(corner) && corner >= 0 && corner < count)) {
      throw new DataError("bad-face", "a face's corners are vertices", {
        file,
        expected: `0 to ${count - 1}`,
        found: `${corner} in face ${Math.floor(i / 3)}`,
      });
    }
  }
  const lost = vertices.findIndex((x) => !Number.isFinite(x));
  if (lost >= 0) {
    throw new DataError("not-finite", "vertices must be numbers", { file, found: `vertex ${Math.floor(lost / 3)}` });
  }
  return { vertices, faces: Uint32Array.from(corners) };
}
