import { expect, test } from "vitest";
import type { Command } from "./command.ts";
import { commandsOf, findCommand } from "./find-command.ts";

const named = (name: string): Command => ({
  name,
  usage: "",
  summary: "",
  description: "",
  options: {},
  run: async () => 0,
});
const commands = [...["run", "mri recon", "mri head"].map(named), { ...named("pet uptake"), also: ["suv"] }];

test("one word, and a wing with what it does", () => {
  expect(findCommand(["run", "x", "--json"], commands)).toMatchObject({
    command: { name: "run" },
    rest: ["x", "--json"],
  });
  expect(findCommand(["mri", "head", "t1.nii"], commands)).toMatchObject({
    command: { name: "mri head" },
    rest: ["t1.nii"],
  });
  expect(commandsOf("mri", commands).map(({ name }) => name)).toEqual(["mri recon", "mri head"]);
  expect(commandsOf("run", commands)).toEqual([]);
});

test.each([
  [["rum"], 'there is no command "rum"; did you mean "run"?'],
  [["mr", "recon"], 'there is no command "mr"; did you mean "mri"?'],
  [["mri", "haed"], '"mri" takes one of recon, head after it, not "haed"; did you mean "head"?'],
  [["pet", "SUV", "pet.nii.gz"], '"pet" takes one of uptake after it, not "SUV"; did you mean "uptake"?'],
  [["--out", "x"], "a command comes first and options after it, not --out"],
])("%j is told what to write", (words, told) => {
  expect(() => findCommand(words, commands)).toThrow(told);
});
