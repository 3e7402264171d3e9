// part of joseph-stack
/** What the last transpose made of four vectors: the columns of their square, so planes become rays or steps, and back. */
export let r0: v128, r1: v128, r2: v128, r3: v128;

@inline export function transpose(a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  r0 = v128.shuffle<i64>(ab, cd, 0, 2); r1 = v128.shuffle<i64>(ab, cd, 1, 3);
  r2 = v128.shuffle<i64>(ef, gh, 0, 2); r3 = v128.shuffle<i64>(ef, gh, 1, 3);
}
