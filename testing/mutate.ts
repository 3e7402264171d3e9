/**
 * Seeded damage to a file's bytes, for refusal tests: flips, overwrites, cuts, repeats and lies in number fields.
 */
import { seededRandom } from "../packages/kernels/src/random/random.ts";

const spiteful = [0x00, 0xff, 0x7f, 0x80, 0x20, 0x2d, 0x39, 0x0a];

export function mutate(bytes: Uint8Array, seed: number): Uint8Array {
  const random = seededRandom(seed);
  let out = bytes.slice();
  const rounds = 1 + random.integer(4);
  for (let round = 0; round < rounds && out.length > 0; round++) {
    const at = random.uniform() < 0.6 ? random.integer(Math.min(out.length, 1024)) : random.integer(out.length);
    const span = Math.min(out.length - at, 1 + random.integer(8));
    switch (random.integer(6)) {
      case 0:
        out[at] = (out[at] as number) ^ (1 << random.integer(8));
        break;
      case 1:
        out.fill(spiteful[random.integer(spiteful.length)] as number, at, at + span);
        break;
      case 2:
        for (let i = at; i < at + span; i++) out[i] = random.integer(256);
        break;
      case 3:
        out = out.slice(0, at);
        break;
      case 4: {
        const extra = out.slice(at, at + 1 + random.integer(64));
        const grown = new Uint8Array(out.length + extra.length);
        grown.set(out.subarray(0, at));
        grown.set(extra, at);
        grown.set(out.subarray(at), at + extra.length);
        out = grown;
        break;
      }
      default: {
        const shorter = new Uint8Array(out.length - span);
        shorter.set(out.subarray(0, at));
        shorter.set(out.subarray(at + span), at);
        out = shorter;
      }
    }
  }
  return out;
}
