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
  [[...named, "--scatter", "none", "--replicates", "9"], /10 to 200/],
  [[...named, "--scatter", "none", "--replicates", "30", "--algorithm", "fbp"], /not with --algorithm fbp/],
  [[...named, "--scatter", "none", "--filter", "0"], /filter/],
  [["a.hs", "--out", "x.png"], /\.nii/],
  [["a.hs"], /--out/],
])("usage: %j", async (args, words) => {
  await expect(spectRecon.run(parse(spectRecon, args))).rejects.toThrow(words);
});
