import { DataError } from "@quintet/core";
import { boundaryFactor } from "@quintet/kernels";

export interface TurbidMedium {
  /** 1/mm, natural. */
  readonly absorption: number;
  /** 1/mm */
  readonly reducedScattering: number;
  /** Refractive index; outside is air. */
  readonly index: number;
}

export interface SemiInfiniteOptions {
  /** D = 1 / 3 mu_s' ("scattering", the default) or 1 / 3 (mu_s' + mu_a) ("transport"): 3 % of the reflectance in tissue at 30 mm. */
  readonly diffusion?: "scattering" | "transport";
  /** How the surface throws light back: Fresnel's integrals (default) or Groenhuis's fit, which NIRFAST and others take. */
  readonly boundary?: "fresnel" | "groenhuis";
}

/** Light in a half space z > 0, let in at its origin straight down, measured rho mm along the surface; for one unit let in. */
export interface SemiInfinite {
  /** mm */
  readonly diffusion: number;
  /** 1/mm */
  readonly effectiveAttenuation: number;
  /** (1 + R_eff) / (1 - R_eff) */
  readonly boundaryFactor: number;
  /** Height of the extrapolated boundary over the surface, mm. */
  readonly extrapolation: number;
  /** Depth of the source, 3 D: one transport mean free path, mm. */
  readonly sourceDepth: number;
  /** 1/mm^2 */
  fluence(rho: number, z: number): number;
  /** Flux through the surface, 1/mm^2. */
  reflectance(rho: number): number;
  /** Mean path of what is measured, -d ln R / d mu_a with D held, mm. */
  pathlength(rho: number): number;
  /** Reflectance of light modulated with `frequency` Hz: amplitude 1/mm^2 and lag in radians. */
  modulated(rho: number, frequency: number): { readonly amplitude: number; readonly phase: number };
  /** Reflectance of an impulse after `time` ps, 1/(mm^2 ps). */
  timeResolved(rho: number, time: number): number;
  /**
   * Photon measurement density: mm of path per mm^3 at (x, y, z) of what travels from the origin to the detector at (rho, 0, 0).
   * Over the space down from the extrapolated boundary it integrates to `pathlength`.
   */
  pathDensity(rho: number, x: number, y: number, z: number): number;
}

/** mm/ps */
const light = 0.299792458;

/**
 * Diffusion in a half space with an extrapolated boundary. With r1, r2 the distances from the source at z0 = 3 D and from
 * its image at -(z0 + 2 zb), mu = sqrt(mu_a / D), zb = 2 A D:
 *
 *   phi = 1 / (4 pi D) (exp(-mu r1) / r1 - exp(-mu r2) / r2)
 *   R = 1 / (4 pi) (z0 (mu + 1/r1) exp(-mu r1) / r1^2 + (z0 + 2 zb) (mu + 1/r2) exp(-mu r2) / r2^2)
 *   R(t) = 1/2 (4 pi D c)^-3/2 t^-5/2 exp(-mu_a c t) (z0 exp(-r1^2 / 4Dct) + (z0 + 2 zb) exp(-r2^2 / 4Dct))
 *   J(r) = phi_s(r) E_d(r) / R,   E_d(r): flux at the detector from a source at r
 *
 * Modulated light has mu = sqrt((mu_a + i omega / c) / D).
 *
 * @throws DataError `bad-medium`
 * @see Farrell, Patterson & Wilson, Med Phys 1992;19:879-888; Kienle & Patterson, J Opt Soc Am A 1997;14:246-254; Haskell et al.,
 *   J Opt Soc Am A 1994;11:2727-2741 (A by Fresnel's integrals); Patterson, Chance & Wilson, Appl Opt 1989;28:2331-2336 (time);
 *   Arridge, Appl Opt 1995;34:7395-7409 (measurement density)
 */
export function semiInfinite(
  { absorption, reducedScattering, index }: TurbidMedium,
  { diffusion = "scattering", boundary = "fresnel" }: SemiInfiniteOptions = {},
): SemiInfinite {
  if (!(absorption > 0 && reducedScattering > 0 && index >= 1 && index < 4 && absorption < reducedScattering))
    throw new DataError("bad-medium", "diffusion holds where light scatters more than it is absorbed", {
      expected: "0 < absorption < reduced scattering (1/mm), index from 1 to 4",
      found: `${absorption}, ${reducedScattering}, ${index}`,
    });
  const d = 1 / (3 * (reducedScattering + (diffusion === "transport" ? absorption : 0)));
  const mu = Math.sqrt(absorption / d);
  const a = boundary === "groenhuis" ? groenhuisFactor(index) : boundaryFactor(index);
  const zb = 2 * a * d;
  const z0 = 3 * d;
  const image = z0 + 2 * zb;
  const fluence = (rho: number, z: number): number => {
    const [r1, r2] = [Math.hypot(rho, z - z0), Math.hypot(rho, z + image)];
    return (Math.exp(-mu * r1) / r1 - Math.exp(-mu * r2) / r2) / (4 * Math.PI * d);
  };
  const flux = (rho: number, z: number): number => {
    const mirrored = z + 2 * zb;
    const [r1, r2] = [Math.hypot(rho, z), Math.hypot(rho, mirrored)];
    const part = (height: number, r: number): number => (height * (mu + 1 / r) * Math.exp(-mu * r)) / (r * r);
    return (part(z, r1) + part(mirrored, r2)) / (4 * Math.PI);
  };
  const reflectance = (rho: number): number => flux(rho, z0);
  const speed = light / index;
  return {
    diffusion: d,
    effectiveAttenuation: mu,
    boundaryFactor: a,
    extrapolation: zb,
    sourceDepth: z0,
    fluence,
    reflectance,
    pathlength(rho) {
      const [r1, r2] = [Math.hypot(rho, z0), Math.hypot(rho, image)];
      const slope = ((z0 * Math.exp(-mu * r1)) / r1 + (image * Math.exp(-mu * r2)) / r2) / (8 * Math.PI * d);
      return slope / reflectance(rho);
    },
    modulated(rho, frequency) {
      const omega = (2 * Math.PI * frequency * 1e-12) / speed;
      // sqrt(absorption + i omega) / sqrt(D), both parts positive.
      const size = Math.hypot(absorption, omega);
      const [re, im] = [Math.sqrt((size + absorption) / (2 * d)), Math.sqrt((size - absorption) / (2 * d))];
      let [real, imaginary] = [0, 0];
      for (const height of [z0, image]) {
        const r = Math.hypot(rho, height);
        const scale = (height * Math.exp(-re * r)) / (r * r * 4 * Math.PI);
        const [cos, sin] = [Math.cos(im * r), Math.sin(im * r)];
        real += scale * ((re + 1 / r) * cos + im * sin);
        imaginary += scale * (im * cos - (re + 1 / r) * sin);
      }
      return { amplitude: Math.hypot(real, imaginary), phase: -Math.atan2(imaginary, real) };
    },
    timeResolved(rho, time) {
      if (!(time > 0)) return 0;
      const spread = 4 * d * speed * time;
      const front = 0.5 * (4 * Math.PI * d * speed) ** -1.5 * time ** -2.5 * Math.exp(-absorption * speed * time);
      const [near, far] = [z0, image].map((height) => height * Math.exp(-(rho * rho + height * height) / spread));
      return front * ((near as number) + (far as number));
    },
    pathDensity: (rho, x, y, z) => (fluence(Math.hypot(x, y), z) * flux(Math.hypot(x - rho, y), z)) / reflectance(rho),
  };
}

/** R = -1.440 n^-2 + 0.710 n^-1 + 0.668 + 0.0636 n (Groenhuis, Ferwerda & Ten Bosch, Appl Opt 1983;22:2456-2462). */
function groenhuisFactor(n: number): number {
  const r = -1.44 / (n * n) + 0.71 / n + 0.668 + 0.0636 * n;
  return (1 + r) / (1 - r);
}
