const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/**
 * Start of an EDF recording from `dd.mm.yy` and `hh.mm.ss`: years 85-99 are 1985-1999, 00-84 are 2000-2084. Where the
 * two digits are the letters "yy", the EDF+ field `Startdate dd-MMM-yyyy` alone gives the date (EDF+ specification 2.1.3.3).
 *
 * @returns ISO 8601 without zone; undefined, with a problem, when it cannot be read
 */
export function edfStart(date: string, time: string, recordingField: string, problems: string[]): string | undefined {
  const clock = /^\s*(\d\d)[.:](\d\d)[.:](\d\d)\s*$/.exec(time);
  const short = /^\s*(\d\d)[.\-/](\d\d)[.\-/](\d\d|yy)\s*$/.exec(date);
  const long = /^Startdate (\d\d)-([A-Z]{3})-(\d{4})/.exec(recordingField);
  const [, hour = "", minute = "", second = ""] = clock ?? [];
  const timeOfDay = `${hour}:${minute}:${second}`;
  let day: string | undefined;
  if (short !== null && short[3] !== "yy") {
    const year = Number(short[3]);
    day = `${year >= 85 ? 1900 + year : 2000 + year}-${short[2]}-${short[1]}`;
  }
  if (long !== null) {
    const month = String(months.indexOf(long[2] ?? "") + 1).padStart(2, "0");
    const stated = `${long[3]}-${month}-${long[1]}`;
    if (short?.[3] === "yy") day = stated;
    else if (day !== undefined && day !== stated)
      problems.push("the start date in the header and in the recording field differ; the header's is used");
  }
  const ok =
    clock !== null &&
    day !== undefined &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    isDay(day);
  if (!ok) problems.push("the start date and time cannot be read");
  return ok ? `${day}T${timeOfDay}` : undefined;
}

function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** Date fields for writing; a year outside 1985-2084 goes to the letters "yy" and the long form. */
export function edfDateFields(startedAt: string | undefined): { date: string; time: string; startdate: string } {
  const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(startedAt ?? "");
  if (parts === null) return { date: "01.01.85", time: "00.00.00", startdate: "X" };
  const [, year = "", month = "", day = "", hour = "", minute = "", second = ""] = parts;
  const short = Number(year) >= 1985 && Number(year) <= 2084 ? year.slice(2) : "yy";
  return {
    date: `${day}.${month}.${short}`,
    time: `${hour}.${minute}.${second}`,
    startdate: `${day}-${months[Number(month) - 1]}-${year}`,
  };
}
