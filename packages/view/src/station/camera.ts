/**
 * A parallel projection of the head: no perspective, so that mm are mm everywhere.
 *
 * The eye looks along -`toward` at `target`. yaw 0, pitch 0 sees the face from the front (the patient's left on the
 * viewer's right); yaw turns the eye about the head's long axis (90 = from the patient's left), pitch lifts it (90 = from above).
 *
 *   x = w/2 + (p - target) . right / scale,   y = h/2 - (p - target) . up / scale,   depth = (p - target) . toward (larger = nearer)
 */
import type { Point } from "@quintet/core";

export interface Camera {
  readonly target: Point;
  /** Degrees. */
  readonly yaw: number;
  readonly pitch: number;
  /** mm per pixel. */
  readonly scale: number;
  readonly width: number;
  readonly height: number;
}

export interface CameraAxes {
  readonly right: Point;
  readonly up: Point;
  readonly toward: Point;
}

export function cameraAxes({ yaw, pitch }: Pick<Camera, "yaw" | "pitch">): CameraAxes {
  const [a, b] = [(yaw * Math.PI) / 180, (pitch * Math.PI) / 180];
  const [ca, sa, cb, sb] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
  // From the front the eye stands at +y and its right hand points to the patient's left, -x.
  return {
    toward: [-sa * cb, ca * cb, sb],
    right: [-ca, -sa, 0],
    up: [sa * sb, -ca * sb, cb],
  };
}

export const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export function project(camera: Camera, point: Point): { x: number; y: number; depth: number } {
  const { right, up, toward } = cameraAxes(camera);
  const from: Point = [point[0] - camera.target[0], point[1] - camera.target[1], point[2] - camera.target[2]];
  return {
    x: camera.width / 2 + dot(from, right) / camera.scale,
    y: camera.height / 2 - dot(from, up) / camera.scale,
    depth: dot(from, toward),
  };
}

/** The line of sight through a pixel: starts `far` mm in front of the target, runs away from the eye. */
export function sightLine(camera: Camera, x: number, y: number, far = 1000): { origin: Point; direction: Point } {
  const { right, up, toward } = cameraAxes(camera);
  const [u, v] = [(x - camera.width / 2) * camera.scale, (camera.height / 2 - y) * camera.scale];
  const at = (k: 0 | 1 | 2): number => camera.target[k] + u * right[k] + v * up[k] + far * toward[k];
  return { origin: [at(0), at(1), at(2)], direction: [-toward[0], -toward[1], -toward[2]] };
}

/**
 * World mm -> clip space of WebGL, column-major 4x4; depth runs over +-`reach` mm about the target.
 */
export function cameraMatrix(camera: Camera, reach = 400): Float32Array {
  const { right, up, toward } = cameraAxes(camera);
  const [sx, sy] = [2 / (camera.scale * camera.width), 2 / (camera.scale * camera.height)];
  const rows = [right.map((c) => c * sx), up.map((c) => c * sy), toward.map((c) => -c / reach)];
  const out = new Float32Array(16);
  for (const [row, axis] of rows.entries()) {
    for (let k = 0; k < 3; k++) out[4 * k + row] = axis[k] as number;
    out[12 + row] = -dot(axis as unknown as Point, camera.target);
  }
  out[15] = 1;
  return out;
}
