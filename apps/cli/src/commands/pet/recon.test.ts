import { describe, expect, test } from "vitest";
import { parse, UsageError } from "../../command.ts";
import { framesOf, petRecon } from "./recon.ts";

describe("--frames", () => {
  test("edges, and numbers times durations", () => {
    expect(framesOf("0,60,180")).toEqual([
      { start: 0, duration: 60 },
      { start: 60, duration: 120 },
    ]);
    expect(framesOf("2x10, 1x60")).toEqual([
      { start: 0, duration: 10 },
      { start: 10, duration: 10 },
      { start: 20, duration: 60 },
    ]);
    expect(framesOf(undefined)).toBeUndefined();
  });
  test.each([["60"], ["0,-60"], ["60,0"], ["0,0"], ["2x-10"], ["0x10"], ["2x0"], ["2x10,60"], ["a,b"], [""]])(
    "refused: %j",
    (text) => expect(() => framesOf(text)).toThrow(UsageError),
  );
});

test.each([
  [["a.petsird", "--out", "x.nii"], /--norm/],
  [["a.petsird", "--out", "x.nii", "--norm", "file", "--mumap", "none", "--randoms", "delayeds"], /--scatter/],
  [["a.petsird", "--out", "x.png"], /\.nii/],
  [["a.petsird", "--out", "x.nii", "--align", "maybe"], /images or recon/],
  [["a.petsird", "--out", "x.nii", "--align-from", "9"], /--align/],
  [["a.petsird", "--out", "x.nii", "--align", "recon", "--motion", "t.tsv"], /exclude/],
  [["a.petsird", "--out", "x.nii", "--decay-to", "ADMIN"], /one of start, injection, none/],
  [["a.petsird", "--out", "x.nii", "--injection", "10:05"], /seconds after the start of the scan/],
  [["a.petsird", "--out", "x.nii", "--about", "nothing.json"], /there is no file "nothing.json"/],
  [["a.petsird", "--out", "x.nii", "--strength", "0.1"], /--algorithm bsrem/],
  [["a.petsird", "--out", "x.nii", "--anatomy", "t1.nii.gz"], /bsrem or kernel-em, not osem/],
  [["a.petsird", "--out", "x.nii", "--algorithm", "kernel-em"], /needs --anatomy/],
  [["a.petsird", "--out", "x.nii", "--algorithm", "mlem", "--subsets", "4"], /mlem has one subset/],
  [
    ["a.petsird", "--out", "x.nii", "--norm", "none", "--mumap", "none.nii"],
    /--mumap takes .*there is no file "none.nii"/,
  ],
  [["a.petsird", "--out", "x.nii", "--norm", "files"], /--norm takes .*there is no file "files"/],
  [
    [
      "a.petsird",
      "--out",
      "x.nii",
      ..."--norm none --mumap none --randoms none --scatter none --window 610-430".split(" "),
    ],
    /511 between them/,
  ],
])("usage: %j", async (args, words) => {
  await expect(petRecon.run(parse(petRecon, args))).rejects.toThrow(words);
});
