import type { ImageGrid, LineList, LineStack, TofBins } from "./lines.ts";
import { truncatedNormal } from "./truncated-normal.ts";

/** voxel index, weight in mm, and where along the line in mm from its middle towards b. */
type Visit = (voxel: number, weight: number, along: number) => void;

/**
 * The samples of Joseph's method on one line, in float64 (Joseph, IEEE Trans Med Imaging 1982;1:192-196).
 *
 *   sum_i f(p_i) |d| / |d_u| s_u,   p_i where the line crosses the plane through the voxel centres i of axis u
 *
 * u is x iff |d_x| >= |d_y| (1 - 1e-9), else y; f is bilinear in the other two axes and 0 beyond the outermost centres.
 * Only crossings between the two ends count.
 */
export function josephSamples(line: readonly number[], { shape, size, origin }: ImageGrid, visit: Visit): void {
  const d = [line[3] - line[0], line[4] - line[1], line[5] - line[2]];
  const length = Math.hypot(...d);
  const u = Math.abs(d[0]) >= Math.abs(d[1]) * (1 - 1e-9) ? 0 : 1;
  const v = 1 - u;
  const stride = [1, shape[0], shape[0] * shape[1]];
  const step = (size[u] * length) / Math.abs(d[u]);
  for (let i = 0; i < shape[u]; i++) {
    const t = (origin[u] + i * size[u] - line[u]) / d[u];
    if (!(t >= 0 && t <= 1)) continue;
    const pv = (line[v] + t * d[v] - origin[v]) / size[v];
    const pz = (line[2] + t * d[2] - origin[2]) / size[2];
    const [jv, jz] = [Math.floor(pv), Math.floor(pz)];
    for (const [kv, kz] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ]) {
      const [iv, iz] = [jv + kv, jz + kz];
      if (iv < 0 || iv >= shape[v] || iz < 0 || iz >= shape[2]) continue;
      const weight = (kv ? pv - jv : 1 - pv + jv) * (kz ? pz - jz : 1 - pz + jz) * step;
      visit(i * stride[u] + iv * stride[v] + iz * stride[2], weight, (t - 0.5) * length);
    }
  }
}

/** Share of what happens at `along` that is measured in the bin around `centre`; over touching bins it sums to 1. */
export function tofWeight(along: number, centre: number, width: number, sigma: number): number {
  return truncatedNormal((centre + width / 2 - along) / sigma) - truncatedNormal((centre - width / 2 - along) / sigma);
}

export function tofCentre(bin: number, { bins, width }: TofBins): number {
  return (bin - (bins - 1) / 2) * width;
}

function lineOfStack({ rays, planes }: LineStack, ray: number, plane: number): number[] {
  const [r, p] = [4 * ray, 2 * plane];
  return [rays[r], rays[r + 1], planes[p], rays[r + 2], rays[r + 3], planes[p + 1]];
}

/** Each sample of each line of a stack: (datum, voxel, weight). Both directions are sums over these. */
function stackSamples(stack: LineStack, grid: ImageGrid, each: (datum: number, voxel: number, weight: number) => void) {
  const { tof } = stack;
  const planes = stack.planes.length / 2;
  const bins = tof?.bins ?? 1;
  for (let ray = 0; ray < stack.rays.length / 4; ray++) {
    for (let plane = 0; plane < planes; plane++) {
      josephSamples(lineOfStack(stack, ray, plane), grid, (voxel, weight, along) => {
        for (let bin = 0; bin < bins; bin++) {
          const share = tof ? tofWeight(along, tofCentre(bin, tof), tof.width, tof.sigma) : 1;
          if (share !== 0) each((ray * bins + bin) * planes + plane, voxel, weight * share);
        }
      });
    }
  }
}

function listSamples(list: LineList, grid: ImageGrid, each: (datum: number, voxel: number, weight: number) => void) {
  const { ends, tof } = list;
  for (let i = 0; i < ends.length / 6; i++) {
    josephSamples(Array.from(ends.slice(6 * i, 6 * i + 6)), grid, (voxel, weight, along) => {
      const share = tof ? tofWeight(along, tof.position[i], tof.width, tof.sigma) : 1;
      if (share !== 0) each(i, voxel, weight * share);
    });
  }
}

const isStack = (lines: LineStack | LineList): lines is LineStack => "rays" in lines;

function samples(
  lines: LineStack | LineList,
  grid: ImageGrid,
  each: (datum: number, voxel: number, weight: number) => void,
): void {
  if (isStack(lines)) stackSamples(lines, grid, each);
  else listSamples(lines, grid, each);
}

/** Line integrals of the image, in float64. */
export function josephForwardReference(
  image: ArrayLike<number>,
  grid: ImageGrid,
  lines: LineStack | LineList,
  out: Float64Array,
): Float64Array {
  out.fill(0);
  samples(lines, grid, (datum, voxel, weight) => {
    out[datum] += weight * image[voxel];
  });
  return out;
}

/** The exact adjoint of josephForwardReference. */
export function josephBackReference(
  data: ArrayLike<number>,
  grid: ImageGrid,
  lines: LineStack | LineList,
  out: Float64Array,
): Float64Array {
  out.fill(0);
  samples(lines, grid, (datum, voxel, weight) => {
    out[voxel] += weight * data[datum];
  });
  return out;
}
