/** Whose image it is: weight, height and sex as the command, participants.tsv and the side file state them, held against each other. */
import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { DataError, type Metadata, type Participant } from "@quintet/core";
import { readParticipantsTsv } from "@quintet/io";
import { readFileBounded } from "@quintet/io/node";
import { statedWeights, weightTolerance } from "@quintet/modalities/pet";
import { jsonFile, sideFileOf } from "./pet-image.ts";

export interface StatedPerson {
  readonly weight?: number;
  readonly height?: number;
  readonly sex?: "F" | "M";
}

/** Two statements of a height agree within this, m: measured with and without shoes. */
const heightTolerance = 0.03;
/** study/derivatives/NAME/sub-01/ses-1/pet is five folders below the study. */
const mostLevels = 5;
const tableBytes = 2 ** 24;

/**
 * @param path of the image; its name or folders hold sub-LABEL where participants.tsv shall speak of it
 * @param given by the caller: options of the command
 * @throws DataError `disagreement` (naming both places), those of readParticipantsTsv
 */
export async function personOfImage(path: string, metadata: Metadata, given: StatedPerson): Promise<Participant> {
  const listed = await listedPerson(path);
  const said = <T>(field: keyof StatedPerson, asked: T | undefined, inTable: T | undefined): readonly Said<T>[] => [
    ...(asked === undefined ? [] : [{ where: `--${field}`, value: asked }]),
    ...(inTable === undefined || !listed ? [] : [{ where: listed.file, value: inTable }]),
  ];
  const person = listed?.person;
  const side = sideFileOf(path);
  const weight = agreed(
    "body weights",
    [
      ...said("weight", given.weight, person?.weight),
      ...statedWeights(metadata).map(({ field, kilograms }) => ({ where: `${field} of ${side}`, value: kilograms })),
    ],
    (a, b) => Math.abs(a - b) <= weightTolerance,
    " kg",
    side,
  );
  const height = agreed(
    "heights",
    said("height", given.height, person?.height),
    (a, b) => Math.abs(a - b) <= heightTolerance,
    " m",
    side,
  );
  const sex = agreed("sexes", said<Participant["sex"]>("sex", given.sex, person?.sex), (a, b) => a === b, "", side);
  return {
    label: person?.label ?? "person",
    ...(weight === undefined ? {} : { weight }),
    ...(height === undefined ? {} : { height }),
    ...(sex === undefined ? {} : { sex }),
  };
}

interface Said<T> {
  readonly where: string;
  readonly value: T;
}

/** The first that is said, once all agree. */
function agreed<T>(
  what: string,
  said: readonly Said<T>[],
  same: (a: T, b: T) => boolean,
  unit: string,
  file: string,
): T | undefined {
  for (const [i, one] of said.entries()) {
    const other = said.slice(0, i).find(({ value }) => !same(value, one.value));
    if (!other) continue;
    throw new DataError("disagreement", `two ${what} are stated`, {
      file,
      expected: `${other.value}${unit} of ${other.where}`,
      found: `${one.value}${unit} of ${one.where}`,
    });
  }
  return said[0]?.value;
}

/** The row of the nearest participants.tsv, beside the image or above it, that lists the image's sub-LABEL. */
async function listedPerson(
  path: string,
): Promise<{ readonly file: string; readonly person: Participant } | undefined> {
  const full = resolve(path);
  const label = (/^sub-([A-Za-z0-9+]+)_/.exec(basename(full)) ?? /[\\/]sub-([A-Za-z0-9+]+)[\\/]/.exec(full))?.[1];
  if (label === undefined) return undefined;
  let folder = dirname(full);
  for (let level = 0; level <= mostLevels; level++, folder = dirname(folder)) {
    const file = join(folder, "participants.tsv");
    if (!existsSync(file)) continue;
    const sidecar = await jsonFile(join(folder, "participants.json"));
    const text = new TextDecoder().decode(await readFileBounded(file, tableBytes));
    const person = readParticipantsTsv(text, { file, sidecar }).find((row) => row.label === label);
    if (person) return { file, person };
  }
  return undefined;
}
