/** One cut: the layers where they can be seen, then outlines of surfaces and sensors near it. */
import type { Point } from "@quintet/core";
import type { PlaneView } from "@quintet/view";
import { pixelAt, planeFrame, planeNormal, planeSegments } from "@quintet/view";
import { arrowLines } from "./arrows.ts";
import type { Dots } from "./dots.ts";
import type { LineSet, Lines } from "./lines.ts";
import { near } from "./marks.ts";
import type { MeshBuffer } from "./mesh-buffer.ts";
import type { DrawnDot, DrawnLayer, StagePicture } from "./picture.ts";
import type { HeldVolume, Stack } from "./stack.ts";
import { seenBox } from "./stack.ts";

export interface CutTools {
  readonly gl: WebGL2RenderingContext;
  readonly stack: Stack;
  readonly dots: Dots;
  readonly lines: Lines;
  readonly volumes: ReadonlyMap<string, HeldVolume>;
  readonly meshes: ReadonlyMap<string, MeshBuffer>;
}

/** Pixels of the framebuffer that the cut takes, from its lower left corner. */
export type Box = readonly [x: number, y: number, width: number, height: number];

export function drawCut(
  { gl, stack, dots, lines, volumes, meshes }: CutTools,
  picture: StagePicture,
  view: PlaneView,
  layers: readonly DrawnLayer[],
  box: Box,
): void {
  const [x, y, width, height] = box;
  gl.viewport(x, y, width, height);
  gl.enable(gl.SCISSOR_TEST);
  gl.scissor(x, y, width, height);
  gl.disable(gl.DEPTH_TEST);
  gl.disable(gl.BLEND);
  gl.clearColor(0, 0, 0, 1);
  gl.clear(gl.COLOR_BUFFER_BIT);
  const seen = seenPart(view, seenBox(layers, volumes));
  if (seen) {
    const [left, top, right, bottom] = seen;
    const [sx, sy] = [width / view.width, height / view.height];
    const [x0, x1] = [Math.floor(left * sx), Math.ceil(right * sx)];
    const [y0, y1] = [Math.floor((view.height - bottom) * sy), Math.ceil((view.height - top) * sy)];
    gl.scissor(x + x0, y + y0, x1 - x0, y1 - y0);
    const { corner, right: across, down } = planeFrame(view);
    const program = stack.select("slice", layers);
    stack.bind(program, layers, volumes, (view.scale * view.width) / width);
    gl.uniform3fv(program.uniform("corner"), corner);
    gl.uniform3fv(program.uniform("right"), times(across, view.width));
    gl.uniform3fv(program.uniform("down"), times(down, view.height));
    gl.uniform1f(program.uniform("swipe"), picture.swipe);
    gl.uniform2f(program.uniform("checks"), view.width / 48, view.height / 48);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.scissor(x, y, width, height);
  }
  const tips = arrowLines(picture.arrows, (point) => {
    const spot = pixelAt(view, point);
    return Math.abs(spot.distance) <= reach ? spot : undefined;
  });
  lines.draw([...outlinesOf(picture, view, meshes), tips], view.width, view.height);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
  dots.draw(dotsNear(picture.dots, view), paneMatrix(view), picture.ratio);
  gl.disable(gl.BLEND);
}

/** Pixels of the window that a box of the world takes: [left, top, right, bottom]; undefined when the cut misses it. */
function seenPart(
  view: PlaneView,
  box: ReturnType<typeof seenBox>,
): readonly [number, number, number, number] | undefined {
  const normal = planeNormal(view.plane);
  if (!box || view.at < box.low[normal] || view.at > box.high[normal]) return undefined;
  const [a, b] = [pixelAt(view, box.low), pixelAt(view, box.high)];
  const seen = [
    Math.max(0, Math.floor(Math.min(a.x, b.x))),
    Math.max(0, Math.floor(Math.min(a.y, b.y))),
    Math.min(view.width, Math.ceil(Math.max(a.x, b.x))),
    Math.min(view.height, Math.ceil(Math.max(a.y, b.y))),
  ] as const;
  return seen[2] > seen[0] && seen[3] > seen[1] ? seen : undefined;
}

/** Both ends of an arrow must lie this near to the cut, mm: one that stands upright on it would be a dot. */
const reach = 20;

const times = (v: Point, pixels: number): [number, number, number] => [v[0] * pixels, v[1] * pixels, v[2] * pixels];

const outlines = new WeakMap<MeshBuffer, Map<string, { readonly key: string; readonly segments: Float32Array }>>();

/** Kept per mesh and plane: a window or an opacity moves no outline. */
function outlinesOf(
  picture: StagePicture,
  view: PlaneView,
  meshes: ReadonlyMap<string, MeshBuffer>,
): readonly LineSet[] {
  return picture.surfaces.flatMap(({ id, colour, outline }): LineSet[] => {
    const mesh = outline ? meshes.get(id) : undefined;
    if (!mesh) return [];
    const held = outlines.get(mesh) ?? new Map<string, { key: string; segments: Float32Array }>();
    outlines.set(mesh, held);
    const key = JSON.stringify(view);
    let line = held.get(view.plane);
    if (line?.key !== key) {
      line = { key, segments: planeSegments(view, mesh) };
      held.set(view.plane, line);
    }
    return [{ segments: line.segments, colour, width: 1.3 }];
  });
}

/** Dots of sensors within reach of the cut, fainter with their distance. */
function dotsNear(dots: readonly DrawnDot[], view: PlaneView): readonly DrawnDot[] {
  return dots.flatMap((dot) => {
    const { x, y, distance } = pixelAt(view, dot.position);
    const away = Math.abs(distance) / near;
    return away > 1 ? [] : [{ ...dot, position: [x, y, 0] as Point, clear: 1 - away / 2 }];
  });
}

/** Pixels of the window -> clip space. */
const paneMatrix = ({ width, height }: PlaneView): Float32Array =>
  Float32Array.of(2 / width, 0, 0, 0, 0, -2 / height, 0, 0, 0, 0, 1, 0, -1, 1, 0, 1);
