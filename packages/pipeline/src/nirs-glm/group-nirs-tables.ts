/** Linear models of several subjects, from their tables to one of the group. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { DataError } from "@quintet/core";
import { cell, numberCell, readJson, readTsv, type Table, writeTsv } from "@quintet/io";
import { falseDiscoveryThreshold } from "@quintet/kernels";
import { type GroupEffect, groupEffects, type SubjectEffects } from "@quintet/modalities/fnirs";
import { ResultFiles, researchUse } from "../pet-quantify/pet-image.ts";

export interface GroupedNirs {
  readonly subjects: readonly string[];
  readonly pathlength: string;
  readonly conditions: readonly {
    readonly name: string;
    readonly channels: number;
    /** Pairs whose HbO rises at a false discovery rate of 5 % over all channels of the condition, largest t first. */
    readonly found: readonly string[];
  }[];
  readonly files: readonly string[];
  readonly note: string;
}

/** Share of false findings among those named. */
const rate = 0.05;

/**
 * `groupEffects` of tables that `fitNirsFile` wrote (NAME_desc-glm_channels.tsv with NAME_desc-glm.json beside it). A subject is what
 * stands behind "sub-" in a table's name, else the name; several tables of one subject are runs of it.
 *
 * Writes group_desc-glm_channels.tsv and group_desc-glm.json.
 *
 * @throws DataError `too-few-files`, `mixed-pathlength` (concentrations made with another pathlength factor or extinction table are no
 *   common unit), `bad-table`, and those of groupEffects
 */
export async function groupNirsTables(paths: readonly string[], out: string): Promise<GroupedNirs> {
  if (paths.length < 2)
    throw new DataError("too-few-files", "a group is two tables and more", {
      expected: "at least 2",
      found: `${paths.length}`,
    });
  const light = new Map<string, string>();
  const effects: SubjectEffects[] = [];
  for (const path of paths) {
    const side = path.replace(/_channels\.tsv$/, ".json");
    const told = readJson(await readFile(side, "utf8"), side) as { readonly beerLambert?: unknown };
    light.set(String(told.beerLambert ?? ""), path);
    const subject =
      /sub-([A-Za-z0-9]+)/.exec(basename(path))?.[1] ?? basename(path).replace(/_desc-glm_channels\.tsv$/, "");
    const table = readTsv(await readFile(path, "utf8"), path);
    for (const row of table.rows.keys()) effects.push(effectOf(table, row, subject));
  }
  if (light.size > 1) {
    const [[first, one], [second, other]] = [...light] as [[string, string], [string, string]];
    throw new DataError("mixed-pathlength", "concentrations of the tables were made in different ways", {
      file: other,
      expected: `${first} (${basename(one)})`,
      found: second,
    });
  }
  const found = groupEffects(effects);
  const files = new ResultFiles(out, "group");
  await files.text("desc-glm_channels.tsv", tableOf(found));
  const [pathlength = ""] = light.keys();
  const subjects = [...new Set(effects.map(({ subject }) => subject))];
  const told = { subjects, pathlength, conditions: conditionsOf(found) };
  await files.json("desc-glm", {
    ...told,
    method:
      "mean over subjects, random intercept of each, first-level variances as weights, restricted maximum likelihood",
  });
  return { ...told, files: files.written, note: researchUse };
}

function effectOf(table: Table, row: number, subject: string): SubjectEffects {
  const [condition, source, detector, kind] = ["condition", "source", "detector", "kind"].map((name) =>
    cell(table, row, name),
  );
  const [beta, se] = [numberCell(table, row, "beta"), numberCell(table, row, "se")];
  if (!condition || !source || !detector || !kind || beta === undefined || se === undefined || !(se > 0)) {
    throw new DataError("bad-table", `line ${row + 2} is no row of a linear model's table`, {
      file: table.file,
      expected: "condition, source, detector, kind, beta and se above 0",
      found: (table.rows[row] ?? []).join(" ").slice(0, 120),
    });
  }
  return { subject, channel: `${source}-${detector} ${kind}`, condition, value: beta / 1e6, standardError: se / 1e6 };
}

function tableOf(found: readonly GroupEffect[]): string {
  const head = ["condition", "pair", "kind", "beta", "se", "t", "dof", "p", "subjects", "sd_between"];
  const rows = found.map(({ channel, condition, value, standardError, t, dof, p, subjects, between }) => [
    condition,
    ...channel.split(" "),
    Number((1e6 * value).toPrecision(6)),
    Number((1e6 * standardError).toPrecision(6)),
    Number(t.toFixed(4)),
    dof,
    Number(p.toPrecision(4)),
    subjects,
    Number((1e6 * between).toPrecision(6)),
  ]);
  return writeTsv(head, rows);
}

function conditionsOf(found: readonly GroupEffect[]): GroupedNirs["conditions"] {
  return [...new Set(found.map(({ condition }) => condition))].map((name) => {
    const own = found.filter(({ condition }) => condition === name);
    const limit = falseDiscoveryThreshold(
      own.map(({ p }) => p),
      rate,
    );
    const rising = own
      .filter(({ channel, t, p }) => channel.endsWith(" hbo") && t > 0 && p <= limit)
      .sort((a, b) => b.t - a.t);
    return { name, channels: own.length, found: rising.map(({ channel }) => channel.replace(/ hbo$/, "")) };
  });
}
