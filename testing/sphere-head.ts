/** A head of three spheres, and places spread evenly over one. */
import type { Point } from "../packages/core/src/index.ts";

/** Brain, skull and scalp: radius in m, conductivity in S/m. */
export const threeSpheres = [
  { radius: 0.0783, conductivity: 0.33 },
  { radius: 0.0828, conductivity: 0.0042 },
  { radius: 0.09, conductivity: 0.33 },
] as const;

/** Points of a Fibonacci lattice from the top of a sphere down to the share `lowest` of its radius. */
export function lattice(n: number, lowest: number, radius: number): Point[] {
  return Array.from({ length: n }, (_, i): Point => {
    const z = 1 - ((1 - lowest) * (i + 0.5)) / n;
    const [r, phi] = [Math.sqrt(1 - z * z), i * Math.PI * (3 - Math.sqrt(5))];
    return [radius * r * Math.cos(phi), radius * r * Math.sin(phi), radius * z];
  });
}
