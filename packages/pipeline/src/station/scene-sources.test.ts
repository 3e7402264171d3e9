import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDipoles, sceneSources } from "./scene-sources.ts";

const head = "name\tx\ty\tz\tqx\tqy\tqz";

test("a row is a place in mm and a moment in nA m; a row without a name is told by its number", () => {
  const found = readDipoles(`${head}\nspike\t30\t-20\t45.5\t0\t10\t-5\nn/a\t1\t2\t3\t4\t5\t6\n`, "d.tsv");
  expect(found).toEqual([
    { name: "spike", position: [30, -20, 45.5], moment: [0, 10, -5], unit: "nA m" },
    { name: "dipole 2", position: [1, 2, 3], moment: [4, 5, 6], unit: "nA m" },
  ]);
});

test.each([`${head}\na\t1\t2\tn/a\t1\t1\t1\n`, "name\tx\ty\tz\na\t1\t2\t3\n"])("%j is refused", (text) => {
  expect(() => readDipoles(text, "d.tsv")).toThrow(expect.objectContaining({ code: "bad-table" }));
});

test("of two tables the broken one is a problem; a link out of the derivatives is not followed", async () => {
  const root = await mkdtemp(join(tmpdir(), "quintet-dipoles-"));
  const folder = join(root, "derivatives/sub-01/eeg");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "sub-01_a_dipoles.tsv"), `${head}\na\t1\t2\t3\t4\t5\t6\n`);
  await writeFile(join(folder, "sub-01_b_dipoles.tsv"), `${head}\nb\t1\t2\t3\t4\t5\tlots\n`);
  await writeFile(join(root, "outside.tsv"), `${head}\nc\t1\t2\t3\t4\t5\t6\n`);
  await symlink(join(root, "outside.tsv"), join(folder, "sub-01_c_dipoles.tsv"));
  const problems: { path: string; code: string; message: string }[] = [];
  const found = await sceneSources(join(root, "derivatives"), "01", problems);
  await rm(root, { recursive: true });
  expect(found.map(({ name }) => name)).toEqual(["a"]);
  expect(problems.map(({ path, code }) => [path, code]).sort()).toEqual([
    ["sub-01/eeg/sub-01_b_dipoles.tsv", "not-a-number"],
    ["sub-01/eeg/sub-01_c_dipoles.tsv", "outside-study"],
  ]);
});
