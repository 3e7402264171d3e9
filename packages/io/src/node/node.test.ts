import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { affineOf, type LabelVolume, toWorld, type Volume } from "@quintet/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { writeDicomSeries } from "../dicom/write-series.ts";
import { restack } from "../nifti/restack.ts";
import { writeNifti } from "../nifti/write.ts";
import { convertDicom } from "./dicom.ts";
import { readFileBounded, readUnpacked, sha256File, writeFileAtomic } from "./files.ts";
import { findTemplate } from "./templates.ts";
import { readLabels, readVolume } from "./volumes.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "quintet-io-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));
const put = async (name: string, bytes: Uint8Array | string): Promise<string> => {
  await writeFileAtomic(join(root, name), bytes);
  return join(root, name);
};

/** 12 x 10 x 8 voxels with one hot spot in the left temporal lobe. */
function head(spot = 1000): Volume {
  const data = new Float32Array(960).fill(10);
  data[2 + 12 * (4 + 10 * 3)] = spot;
  return {
    unit: "{arbitrary}",
    shape: [12, 10, 8],
    affine: affineOf([15, 0, 0, -82, 0, 17, 0, -70, 0, 0, 18, -60]),
    space: "scanner",
    clock: "image",
    frames: [{ start: 0, duration: 0 }],
    data,
  };
}
const { shape, affine, space } = head();
const labels: LabelVolume = { shape, affine, space, data: new Uint8Array(960).fill(1, 0, 5), names: new Map() };

describe("files", () => {
  test("what is written is there whole, without leftovers, and its SHA-256 is the known one", async () => {
    const path = await put("deep/down/abc.txt", "abc");
    expect(await readFile(path, "utf8")).toBe("abc");
    expect(await readdir(join(root, "deep/down"))).toEqual(["abc.txt"]);
    // FIPS 180-2, appendix B.1.
    expect(await sha256File(path)).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  test.each<[string, () => Promise<unknown>]>([
    ["not-found", () => readFileBounded(join(root, "nothing"))],
    ["not-a-file", () => readFileBounded(root)],
    ["too-large", async () => readFileBounded(await put("long.bin", new Uint8Array(100)), 99)],
    ["unwritable", async () => writeFileAtomic(join(await put("plain", "x"), "below"), "y")],
    ["gzip-bomb", async () => readUnpacked(await put("bomb.gz", gzipSync(new Uint8Array(40e6))))],
    ["corrupt-gzip", async () => readUnpacked(await put("cut.gz", gzipSync(new Uint8Array(5000)).subarray(0, 20)))],
    ["not-found", () => sha256File(join(root, "nothing"))],
  ])("refuses: %s", async (code, act) => {
    await expect(act()).rejects.toMatchObject({ name: "DataError", code });
  });
});

describe("one image, whatever holds it", () => {
  const spot = toWorld(head(), [2, 4, 3]);
  const hottest = (volume: Volume): number[] => {
    const at = volume.data.indexOf(Math.max(...volume.data));
    const [nx, ny] = volume.shape;
    return toWorld(volume, [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))]);
  };

  test("the spot is on the left", () => expect(spot[0]).toBeLessThan(-30));

  const left = restack(head(), ["-x", "y", "z"]);
  const turned = restack(head(), ["z", "-x", "y"]);
  const ways: readonly (readonly [string, string, Uint8Array])[] = [
    ["NIfTI, positive determinant", "a.nii", writeNifti(head())],
    ["NIfTI, negative determinant", "b.nii.gz", writeNifti(left, { gzip: true })],
    ["NIfTI-2, axes swapped", "c.nii", writeNifti(turned, { version: 2 })],
    ["big-endian", "d.nii", writeNifti(head(), { byteOrder: "big" })],
    ["sform only", "e.nii", writeNifti(left, { forms: "sform" })],
    ["qform only", "f.nii", writeNifti(left, { forms: "qform" })],
    ["gzip without saying so", "g.nii", writeNifti(head(), { gzip: true })],
    ["plain in spite of its name", "h.nii.gz", writeNifti(head())],
  ];
  test.each(ways)("%s", async (_, name, bytes) => {
    expect(hottest(await readVolume(await put(name, bytes)))).toBeAllclose(spot, { atol: 0.1 });
  });

  test.each(["MR", "PT", "NM"] as const)("a folder of %s DICOM, and one file of it", async (modality) => {
    const files = writeDicomSeries(left, { modality });
    for (const { name, bytes } of files) await put(`${modality}/${name}`, bytes);
    expect(hottest(await readVolume(join(root, modality)))).toBeAllclose(spot, { atol: 0.1 });
    const one = await readVolume(join(root, modality, files[0]?.name ?? ""));
    expect(hottest(one)).toBeAllclose(spot, { atol: 0.1 });
  });

  test("either half of a pair", async () => {
    const single = writeNifti(head());
    const header = single.slice(0, 348);
    header.set([0x6e, 0x69, 0x31], 344);
    new DataView(header.buffer).setFloat32(108, 0, true);
    await put("pair.hdr", header);
    await put("pair.img", single.slice(352));
    for (const name of ["pair.hdr", "pair.img"]) {
      expect((await readVolume(join(root, name))).data).toEqual(head().data);
    }
    const alone = await put("alone.hdr", header);
    await expect(readVolume(alone)).rejects.toMatchObject({ code: "missing-image", file: alone });
  });

  test("labels take the names of the table beside them", async () => {
    const path = await put("atlas.nii.gz", writeNifti(labels, { gzip: true }));
    expect((await readLabels(path)).names.size).toBe(0);
    await put("atlas.nii.txt", "1 Precentral_L 2001\n2 Precentral_R 2002\n");
    expect((await readLabels(path)).names.get(2)).toBe("Precentral_R");
    await put("atlas.tsv", "index\tname\tcolor\n1\tleft precentral\t#fff\n");
    expect((await readLabels(path)).names.get(1)).toBe("left precentral");
    await put("atlas.tsv", "number\tlabel\n1\tx\n");
    await expect(readLabels(path)).rejects.toMatchObject({ code: "bad-label-names" });
  });

  test.each<[string, () => Promise<unknown>]>([
    ["not-found", () => readVolume(join(root, "nothing.nii"))],
    ["unknown-format", async () => readVolume(await put("text.nii.gz", "no image at all"))],
    ["unknown-format", async () => readVolume(await put("empty.nii", ""))],
    ["truncated", async () => readVolume(await put("short.nii", writeNifti(head()).slice(0, 1000)))],
    ["no-images", async () => readVolume(join(await put("texts/a.txt", "a"), ".."))],
    [
      "several-series",
      async () => {
        for (const seriesNumber of [1, 2]) {
          for (const { name, bytes } of writeDicomSeries(head(), { modality: "MR", seriesNumber })) {
            await put(`two/${seriesNumber}/${name}`, bytes);
          }
        }
        return readVolume(join(root, "two"));
      },
    ],
  ])("refuses: %s", async (code, act) => {
    await expect(act()).rejects.toMatchObject({ name: "DataError", code });
  });
});

describe("DICOM that the converter cannot make an image of", () => {
  test("is refused in words, and nothing is written", async () => {
    const [file] = writeDicomSeries(head(), { modality: "MR" });
    const before = await readdir(".");
    const cut = { name: "cut.dcm", bytes: file?.bytes.slice(0, -100) ?? new Uint8Array(0) };
    await expect(convertDicom([cut])).rejects.toMatchObject({ name: "DataError" });
    expect(await readdir(".")).toEqual(before);
  });
  test("is given up after its time", async () => {
    const files = writeDicomSeries(head(), { modality: "MR" });
    await expect(convertDicom(files, { timeout: 0.001 })).rejects.toMatchObject({ code: "conversion-timeout" });
  });
  test("gets no more memory than granted", async () => {
    const files = writeDicomSeries(head(), { modality: "MR" });
    await expect(convertDicom(files, { memory: 1000 })).rejects.toMatchObject({ code: "conversion-failed" });
  });
});

describe("templates", () => {
  const mricron = (): string => join(root, "no-mricron");
  /** 4.4 L bright everywhere; the brain alone is 1.8 L. */
  const t1 = writeNifti(head(), { gzip: true });
  const brainOnly = head();
  brainOnly.data.fill(0).fill(9, 200, 600);
  const stripped = writeNifti(brainOnly, { gzip: true });

  test("none anywhere is undefined", async () => {
    expect(await findTemplate({ env: {}, mricron: mricron() })).toBeUndefined();
  });

  test("$TEMPLATEFLOW_HOME comes before mricron-data before $FSLDIR, and --template before all", async () => {
    const FSLDIR = join(root, "fsl");
    await put("fsl/data/standard/MNI152_T1_2mm.nii.gz", t1);
    await put("fsl/data/standard/MNI152_T1_2mm_brain_mask.nii.gz", stripped);
    const fsl = await findTemplate({ env: { FSLDIR }, mricron: mricron() });
    expect(fsl).toMatchObject({ foundBy: "FSLDIR", name: "MNI152_T1_2mm", space: "MNI152NLin6Asym", stripped: false });
    expect(fsl?.brain?.data[300]).toBe(1);
    expect(fsl?.brain?.data[0]).toBe(0);

    await put("debian/ch2.nii.gz", t1);
    await put("debian/ch2bet.nii.gz", stripped);
    await put("debian/aal.nii.gz", writeNifti(labels, { gzip: true }));
    await put("debian/aal.nii.txt", "1 Precentral_L 2001\n");
    const debian = await findTemplate({ env: { FSLDIR }, mricron: join(root, "debian") });
    expect(debian).toMatchObject({ foundBy: "mricron-data", name: "ch2", space: "MNIColin27" });
    expect(debian?.atlas?.names.get(1)).toBe("Precentral_L");
    expect(debian?.brain?.data[300]).toBe(1);

    const tpl = "flow/tpl-MNI152NLin2009cAsym/tpl-MNI152NLin2009cAsym";
    await put(`${tpl}_res-01_T1w.nii.gz`, t1);
    await put(`${tpl}_res-02_T1w.nii.gz`, t1);
    await put(`${tpl}_res-01_desc-brain_T1w.nii.gz`, stripped);
    await put(`${tpl}_res-01_desc-brain_mask.nii.gz`, stripped);
    await put(`${tpl}_res-02_desc-brain_mask.nii.gz`, stripped);
    await put(`${tpl}_res-02_atlas-X_dseg.nii.gz`, writeNifti(labels, { gzip: true }));
    await put(`${tpl}_atlas-X_dseg.tsv`, "index\tname\n1\tone\n");
    const env = { FSLDIR, TEMPLATEFLOW_HOME: join(root, "flow") };
    const flow = await findTemplate({ env, mricron: join(root, "debian") });
    expect(flow).toMatchObject({
      foundBy: "TEMPLATEFLOW_HOME",
      name: "tpl-MNI152NLin2009cAsym_res-02_T1w",
      space: "MNI152NLin2009cAsym",
    });
    expect(flow?.atlas?.names.get(1)).toBe("one");

    const own = await put("own/group_T1w.nii.gz", stripped);
    expect(await findTemplate({ template: own, env })).toMatchObject({
      foundBy: "--template",
      stripped: true,
      source: own,
    });
    const inFolder = await findTemplate({ template: join(root, "own"), env });
    expect(inFolder?.brain?.data[300]).toBe(1);
    const named = await findTemplate({ template: join(root, "debian", "ch2.nii.gz"), env });
    expect(named?.atlas?.names.get(1)).toBe("Precentral_L");
  });

  test("a template that was asked for but is not there, or is broken, is an error and not passed over", async () => {
    await expect(findTemplate({ template: join(root, "gone"), env: {} })).rejects.toMatchObject({
      code: "template-not-found",
    });
    await put("broken/ch2.nii.gz", "no image");
    await expect(findTemplate({ env: {}, mricron: join(root, "broken") })).rejects.toMatchObject({
      code: "unknown-format",
    });
  });
});

describeRealData("templates of the shared data", ["mri/mni152_09a", "mri/mricron"], (mni, mricron) => {
  test("the 2009a template is seen to be stripped; Colin brings brain and AAL", async () => {
    const stripped = await findTemplate({ template: mni, env: {} });
    expect(stripped).toMatchObject({ space: "MNI152NLin2009aSym", stripped: true });
    const colin = await findTemplate({ env: {}, mricron });
    expect(colin).toMatchObject({ name: "ch2", space: "MNIColin27", stripped: false });
    expect(colin?.atlas?.names.size).toBe(116);
  });
});
