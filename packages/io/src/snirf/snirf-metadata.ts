import { type Hdf5Group, hdf5Numbers, hdf5Texts } from "../hdf5/hdf5-tree.ts";
import type { Person } from "../signal/signal-file.ts";

/** Tags that say nothing about a person. */
const harmless = new Set([
  "MeasurementDate",
  "MeasurementTime",
  "LengthUnit",
  "TimeUnit",
  "FrequencyUnit",
  "AppName",
  "SnirfDraft",
  "ManufacturerName",
  "Manufacturer",
  "Model",
  "MNE_coordFrame",
  "MNE_units",
  "sex",
  "age",
  "UnixTime",
]);

/** Which metadata tags may tell who it was; their content is never handed on. */
export function snirfIdentity(tags: Hdf5Group | undefined, path: string): string[] {
  if (tags === undefined) return [];
  return Object.entries(tags.children)
    .filter(([name, node]) => {
      if (harmless.has(name)) return false;
      const texts = hdf5Texts(node);
      if (texts !== undefined)
        return texts.some((text) => !/^(|default|unknown|anonymous|anon|n\/a|x)$/i.test(text.trim()));
      return (hdf5Numbers(node)?.length ?? 0) > 0;
    })
    .map(([name]) => `/${path}/metaDataTags/${name}`);
}

/** Start as ISO 8601 without zone, when date and time are given. */
export function snirfStart(date: string | undefined, time: string | undefined): string | undefined {
  const day = /^(\d{4}-\d\d-\d\d)$/.exec(date ?? "")?.[1];
  const clock = /^(\d\d:\d\d:\d\d(?:\.\d+)?)/.exec(time ?? "")?.[1];
  if (day === undefined || clock === undefined || Number.isNaN(Date.parse(`${day}T${clock.slice(0, 8)}Z`)))
    return undefined;
  return `${day}T${clock}`;
}

/** Sex (MNE writes 1 male, 2 female) and age, where tags give them. */
export function snirfPerson(tag: (name: string) => string | undefined): Person | undefined {
  const word = (tag("sex") ?? "").toLowerCase();
  const sex = /^(1|m|male)$/.test(word) ? "M" : /^(2|f|female)$/.test(word) ? "F" : undefined;
  const years = Number(tag("age") ?? Number.NaN);
  const person: Person = {
    ...(sex === undefined ? {} : { sex }),
    ...(years >= 0 && years <= 130 ? { age: Math.floor(years) } : {}),
  };
  return Object.keys(person).length > 0 ? person : undefined;
}
