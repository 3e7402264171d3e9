import { type Affine, affineOf, apply, DataError, determinant, type Point } from "@quintet/core";
import type { NiftiHeader } from "./header.ts";
import { rotationOf } from "./quaternion.ts";

/**
 * Which statement of a NIfTI header places the voxels.
 *
 * - `"agree"` (default): sform and qform must tell the same place, or only one may be set.
 * - `"sform"`, `"qform"`: take this one, which must be set.
 * - `"pixdim"`: only when neither is set: method 1 of nifti1.h, x = pixdim i. It does not say left from right:
 *   choosing it is the caller's own claim that x runs to the right.
 */
export type OrientationChoice = "agree" | "sform" | "qform" | "pixdim";

export interface NiftiOrientation {
  /** Voxel index -> world mm, RAS+. */
  readonly affine: Affine;
  readonly source: "sform" | "qform" | "pixdim";
  /** 1 scanner, 2 aligned, 3 Talairach, 4 MNI152, 5 other template; 0 for none. */
  readonly code: number;
}

/** mm at any corner of the image: far above float32 rounding, far below any voxel. */
const tolerance = 0.1;
const mmPer = { mm: 1, m: 1000, um: 0.001, unknown: 1 } as const;

/**
 * Voxel to world by the rules of nifti1.h.
 *
 *   method 2 (qform): x = R(b, c, d) (pixdim_1 i, pixdim_2 j, qfac pixdim_3 k) + qoffset,   a = sqrt(1 - b2 - c2 - d2)
 *   method 3 (sform): x = srow (i, j, k, 1)
 *
 * Lengths of unknown unit are millimetres, as everywhere in the field.
 *
 * @throws DataError `ambiguous-orientation` (both set, more than 0.1 mm apart), `no-orientation` (neither set),
 *   `bad-orientation` (a singular, non-finite or impossible statement)
 */
export function niftiOrientation(
  header: NiftiHeader,
  file: string,
  choice: OrientationChoice = "agree",
): NiftiOrientation {
  checkCodes(header, file);
  const hasSform = header.sformCode > 0;
  const hasQform = header.qformCode > 0;
  if (choice === "sform" || choice === "qform") {
    if (!(choice === "sform" ? hasSform : hasQform)) {
      throw new DataError("no-orientation", `the ${choice} that was asked for is not set`, { file });
    }
    return choice === "sform" ? sform(header, file) : qform(header, file);
  }
  if (hasSform && hasQform) {
    const [s, q] = [sform(header, file), qform(header, file)];
    const apart = cornerDistance(s.affine, q.affine, header.shape);
    if (!(apart <= tolerance)) {
      throw new DataError("ambiguous-orientation", "sform and qform put the voxels in different places; choose one", {
        file,
        expected: `sform (code ${s.code}) and qform (code ${q.code}) within ${tolerance} mm`,
        found: `${apart.toPrecision(4)} mm apart: sform ${describe(s.affine)}, qform ${describe(q.affine)}`,
      });
    }
    return s;
  }
  if (hasSform) return sform(header, file);
  if (hasQform) return qform(header, file);
  if (choice === "pixdim") return byPixdim(header, file);
  throw new DataError("no-orientation", "neither sform nor qform is set, so nothing says which side is left", {
    file,
    expected: "sform_code or qform_code above 0",
    found: "both 0",
  });
}

function checkCodes({ sformCode, qformCode }: NiftiHeader, file: string): void {
  for (const [name, code] of [
    ["sform_code", sformCode],
    ["qform_code", qformCode],
  ] as const) {
    if (code < 0 || code > 5) {
      throw new DataError("bad-orientation", `${name} must be 0 to 5`, { file, found: `${code}` });
    }
  }
}

function sform(header: NiftiHeader, file: string): NiftiOrientation {
  const mm = mmPer[header.spatialUnit];
  return {
    affine: checked(
      header.srows.map((value) => value * mm),
      "sform",
      file,
    ),
    source: "sform",
    code: header.sformCode,
  };
}

function qform(header: NiftiHeader, file: string): NiftiOrientation {
  const [b, c, d] = header.quaternion;
  const rest = 1 - (b * b + c * c + d * d);
  // float32 parts of a unit quaternion leave up to 1e-6 below zero when a is 0.
  if (!(rest >= -1e-5)) {
    throw new DataError("bad-orientation", "the qform's quaternion is longer than 1", {
      file,
      found: `${b}, ${c}, ${d}`,
    });
  }
  const sizes = voxelSteps(header, mmPer[header.spatialUnit], file);
  const offset = header.qoffset.map((value) => value * mmPer[header.spatialUnit]);
  return {
    affine: checked(rotationOf({ b, c, d, qfac: qfacOf(header, file) }, sizes, offset), "qform", file),
    source: "qform",
    code: header.qformCode,
  };
}

/** pixdim[0]: 1 or -1; nifti1.h reads 0 as 1. */
function qfacOf({ pixdim }: NiftiHeader, file: string): 1 | -1 {
  const qfac = pixdim[0];
  if (qfac === -1) return -1;
  if (qfac === 1 || qfac === 0) return 1;
  throw new DataError("bad-orientation", "qfac (pixdim[0]) must be 1 or -1", { file, found: `${qfac}` });
}

function voxelSteps(header: NiftiHeader, mm: number, file: string): [number, number, number] {
  const steps = header.pixdim.slice(1, 4).map((step) => step * mm) as [number, number, number];
  if (!steps.every((step) => step > 0 && Number.isFinite(step))) {
    throw new DataError("bad-orientation", "voxel sizes (pixdim[1..3]) must be positive", {
      file,
      found: steps.join(" x "),
    });
  }
  return steps;
}

function byPixdim(header: NiftiHeader, file: string): NiftiOrientation {
  const [dx, dy, dz] = voxelSteps(header, mmPer[header.spatialUnit], file);
  return { affine: checked([dx, 0, 0, 0, 0, dy, 0, 0, 0, 0, dz, 0], "pixdim", file), source: "pixdim", code: 0 };
}

function checked(rows: readonly number[], name: string, file: string): Affine {
  if (!rows.every(Number.isFinite)) {
    throw new DataError("bad-orientation", `the ${name} has entries that are no numbers`, { file });
  }
  const affine = affineOf(rows);
  const volume = Math.abs(determinant(affine));
  // 1 um to 1 m voxels: outside this no image of a body was meant.
  if (!(volume > 1e-9 && volume < 1e9)) {
    throw new DataError("bad-orientation", `the ${name} gives voxels of an impossible volume`, {
      file,
      found: `${volume} mm3`,
    });
  }
  return affine;
}

/** Largest distance (mm) of two placements over the eight corners of the image. */
export function cornerDistance(a: Affine, b: Affine, [nx, ny, nz]: readonly number[]): number {
  let worst = 0;
  for (let corner = 0; corner < 8; corner++) {
    const voxel: Point = [
      corner & 1 ? (nx as number) - 1 : 0,
      corner & 2 ? (ny as number) - 1 : 0,
      corner & 4 ? (nz as number) - 1 : 0,
    ];
    const [p, q] = [apply(a, voxel), apply(b, voxel)];
    worst = Math.max(worst, Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
  }
  return worst;
}

function describe(m: Affine): string {
  const number = (i: number): string => String(Math.round((m[i] as number) * 100) / 100);
  return `[${[0, 1, 2].map((row) => [0, 1, 2, 3].map((k) => number(row * 4 + k)).join(" ")).join("; ")}]`;
}
