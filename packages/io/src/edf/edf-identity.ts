import type { Person } from "../signal/signal-file.ts";
import type { EdfHeader } from "./edf-header.ts";

const blank = (text: string): boolean => /^[X\s?]*$/.test(text);
const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** Which identity fields of the header are filled; their content is never handed on. */
export function edfIdentity(header: EdfHeader): string[] {
  const found: string[] = [];
  const rest = header.recordingField.replace(/^Startdate\s+\S+/, "");
  if (header.variant === "") {
    if (!blank(header.patient)) found.push("patient identification (header bytes 8-87)");
    if (!blank(rest)) found.push("recording identification (header bytes 88-167)");
    return found;
  }
  const [code = "X", , birth = "X", ...name] = header.patient.split(/\s+/);
  if (!blank(code)) found.push("patient code (header bytes 8-87, 1st word)");
  if (!blank(birth)) found.push("birth date (header bytes 8-87, 3rd word)");
  if (!blank(name.join(" "))) found.push("patient name (header bytes 8-87, from the 4th word)");
  if (!blank(rest)) found.push("recording identification (header bytes 88-167)");
  return found;
}

/** Sex and age of an EDF+ patient field ("code sex dd-MMM-yyyy name"); the birth date itself stays behind. */
export function edfPerson(header: EdfHeader): Person | undefined {
  if (header.variant === "") return undefined;
  const [, sex = "X", birth = "X"] = header.patient.split(/\s+/);
  const age = ageAt(birth, header.startedAt);
  const person: Person = {
    ...(sex === "F" || sex === "M" ? { sex } : {}),
    ...(age === undefined ? {} : { age }),
  };
  return Object.keys(person).length > 0 ? person : undefined;
}

function ageAt(birth: string, startedAt: string | undefined): number | undefined {
  const born = /^(\d\d)-([A-Z]{3})-(\d{4})$/.exec(birth.toUpperCase());
  const start = /^(\d{4})-(\d\d)-(\d\d)/.exec(startedAt ?? "");
  if (born === null || start === null) return undefined;
  const beforeBirthday =
    Number(start[2]) * 100 + Number(start[3]) < (months.indexOf(born[2] ?? "") + 1) * 100 + Number(born[1]);
  const years = Number(start[1]) - Number(born[3]) - (beforeBirthday ? 1 : 0);
  return years >= 0 && years <= 130 ? years : undefined;
}
