import { expect, test } from "vitest";
import { parse } from "../../command.ts";
import { spectRecon } from "./recon.ts";

const named = ["a.hs", "--out", "x.nii", "--nuclide", "Tc99m", "--collimator", "none", "--mumap", "none"];

test.each([
  [["a.hs", "--out", "x.nii"], /--nuclide/],
  [["a.hs", "--out", "x.nii", "--nuclide", "Tl201"], /Tc99m, I123/],
  [named, /--scatter/],
  [[...named, "--scatter", "tew"], /--lower/],
  [[...named, "--scatter", "none", "--algorithm", "art"], /osem, mlem/],
  [[...named, "--scatter", "none", "--subsets", "0"], /subsets/],
  [[...named, "--scatter", "none", "--strength", "0.1"], /bsrem's prior; osem has none/],
  [[...named, "--scatter", "none", "--algorithm", "mlem", "--subsets", "4"], /mlem has one subset/],
  [[...named, "--scatter", "none", "--algorithm", "fbp", "--iterations", "4"], /fbp has none/],
  [[...named, "--scatter", "none", "--anatomy", "t1.nii"], /--anatomy guides bsrem or kernel-em, not osem/],
  [[...named, "--scatter", "none", "--algorithm", "kernel-em"], /needs --anatomy/],
  [[...named, "--scatter", "none", "--iterations", "-3"], /whole number from 1 to 1000, not "-3"/],
  [[...named.slice(0, -1), "none.nii", "--scatter", "none"], /--mumap takes .*there is no file "none.nii"/],
  [[...named.slice(0, -1), "ct:none.nii", "--scatter", "none"], /there is no file "none.nii"/],
  [[...named, "--scatter", "dew", "--lower", "none.hs"], /--lower takes a file/],
  [[...named, "--scatter", "none", "--replicates", "9"], /10 to 200/],
  [[...named, "--scatter", "none", "--replicates", "30", "--algorithm", "fbp"], /not with --algorithm fbp/],
  [[...named, "--scatter", "none", "--filter", "0"], /filter/],
  [["a.hs", "--out", "x.png"], /\.nii/],
  [["a.hs"], /--out/],
])("usage: %j", async (args, words) => {
  await expect(spectRecon.run(parse(spectRecon, args))).rejects.toThrow(words);
});
