import { fftN } from "@quintet/kernels";
import { describe, expect, it, test } from "vitest";
import { correctGhost, type EpiEchoes, flipReversed, type GhostPhase, ghostPhase, ghostRatio } from "./epi-ghost.ts";

const [nx, ny] = [48, 64];
const truth = { constant: 0.4, linear: 0.03 };
/** An off-centre ellipse that leaves room for its ghost. */
const object = Uint8Array.from({ length: nx * ny }, (_, i) =>
  Number((((i % nx) - 27) / 14) ** 2 + ((Math.floor(i / nx) - 30) / 12) ** 2 < 1),
);

/** Echoes as a scanner gives them: every other one has the phase and runs backwards. */
function train(kspace: Float32Array, reversed: readonly boolean[]): EpiEchoes {
  const data = kspace.slice();
  for (const [e, turn] of reversed.entries()) {
    if (!turn) continue;
    const line = data.slice(2 * e * nx, 2 * (e + 1) * nx);
    const x = fftN(line, [nx], [0], { inverse: true, centred: true, norm: "ortho" });
    for (let i = 0; i < nx; i++) {
      const phase = truth.constant + truth.linear * (i - nx / 2);
      const [a, b] = [x[2 * i]!, x[2 * i + 1]!];
      x[2 * i] = a * Math.cos(phase) - b * Math.sin(phase);
      x[2 * i + 1] = a * Math.sin(phase) + b * Math.cos(phase);
    }
    const k = fftN(x, [nx], [0], { centred: true, norm: "ortho" });
    for (let i = 0; i < nx; i++) {
      // sample -k is taken at the time of k
      data[2 * (e * nx + i)] = k[2 * ((nx - i) % nx)]!;
      data[2 * (e * nx + i) + 1] = k[2 * ((nx - i) % nx) + 1]!;
    }
  }
  return { coils: 1, samples: nx, data, reversed };
}

const image = Float32Array.from({ length: 2 * nx * ny }, (_, i) => (i % 2 === 0 ? object[i / 2]! : 0));
const kspace = fftN(image, [nx, ny], [0, 1], { centred: true, norm: "ortho" });
const echoes = train(
  kspace,
  Array.from({ length: ny }, (_, e) => e % 2 === 1),
);
const centre = kspace.slice(2 * nx * (ny / 2), 2 * nx * (ny / 2 + 1));

function navigators(reversed: readonly boolean[], drift = 0): EpiEchoes {
  const lines = new Float32Array(6 * nx);
  for (let e = 0; e < 3; e++)
    for (let i = 0; i < nx; i++) {
      const [a, b] = [centre[2 * i]!, centre[2 * i + 1]!];
      lines[2 * (e * nx + i)] = a * Math.cos(e * drift) - b * Math.sin(e * drift);
      lines[2 * (e * nx + i) + 1] = a * Math.sin(e * drift) + b * Math.cos(e * drift);
    }
  return train(lines, reversed);
}

function ghostOf(lines: EpiEchoes): number {
  const x = fftN(lines.data, [nx, ny], [0, 1], { inverse: true, centred: true, norm: "ortho" });
  const magnitude = Float32Array.from({ length: nx * ny }, (_, i) => Math.hypot(x[2 * i]!, x[2 * i + 1]!));
  return ghostRatio(magnitude, object, nx, ny) ?? Number.NaN;
}

describe("EPI ghost", () => {
  it.each([
    ["+ - +", [false, true, false]],
    ["- + -", [true, false, true]],
  ] as const)("three navigators %s give constant, slope and drift of the field", (_, reversed) => {
    const found: GhostPhase = ghostPhase(flipReversed(navigators(reversed, 0.2)));
    expect(found.constant).toBeCloseTo(truth.constant, 4);
    expect(found.linear).toBeCloseTo(truth.linear, 4);
    expect(found.drift).toBeCloseTo(0.2, 4);
    expect(found.residual).toBeLessThan(1e-3);
  });
  it("ghost ratio falls from above 10 % to at most 1 %", () => {
    const before = ghostOf(flipReversed(echoes));
    const after = ghostOf(
      correctGhost(flipReversed(echoes), ghostPhase(flipReversed(navigators([false, true, false])))),
    );
    console.log(`ghost ratio ${before.toFixed(4)} before, ${after.toFixed(6)} after`);
    expect(before).toBeGreaterThan(0.1);
    expect(Math.abs(after)).toBeLessThan(0.01);
  });
  it("a line that is not flipped, or flipped about another centre, is seen", () => {
    const phase = ghostPhase(flipReversed(navigators([false, true, false])));
    expect(ghostOf(correctGhost(echoes, phase))).toBeGreaterThan(0.05);
    const off = flipReversed(echoes);
    const plain = { ...off, data: off.data.slice() };
    for (const [e, turn] of echoes.reversed.entries())
      for (let i = 0; turn && i < nx; i++) {
        plain.data[2 * (e * nx + i)] = echoes.data[2 * (e * nx + nx - 1 - i)]!;
        plain.data[2 * (e * nx + i) + 1] = echoes.data[2 * (e * nx + nx - 1 - i) + 1]!;
      }
    expect(ghostOf(correctGhost(plain, phase))).toBeGreaterThan(0.05);
  });
  it("flipping twice is nothing, for odd and even lengths", () => {
    for (const samples of [6, 7]) {
      const lines = {
        coils: 1,
        samples,
        reversed: [true],
        data: Float32Array.from({ length: 2 * samples }, (_, i) => i),
      };
      expect(flipReversed(flipReversed(lines)).data).toEqual(lines.data);
      expect(flipReversed(lines).data[2 * Math.floor(samples / 2)]).toBe(2 * Math.floor(samples / 2));
    }
  });
  test.each([
    ["bad-navigator", () => ghostPhase(navigators([false, true, true]))],
    ["no-signal", () => ghostPhase({ ...navigators([false, true, false]), data: new Float32Array(6 * nx) })],
    ["shape-mismatch", () => flipReversed({ ...echoes, coils: 2 })],
  ])("refuses %s", (code, call) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
