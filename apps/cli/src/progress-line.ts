/** One line of progress, written over on a terminal. */

/** How often it is written at the most, ms. */
const pause = 200;

/** @param elsewhere what is told where there is no terminal: nothing, or a line for each new note */
export function progressLine(elsewhere: "silent" | "notes" = "silent"): (share: number, note: string) => void {
  let [told, last] = [0, ""];
  return (share, note) => {
    const words = `${Math.round(100 * share)} % ${note}`;
    if (!process.stderr.isTTY) {
      if (elsewhere === "notes" && note !== last) process.stderr.write(`${words}\n`);
      last = note;
      return;
    }
    const now = performance.now();
    if (now - told < pause) return;
    told = now;
    process.stderr.write(`\r\x1b[K  ${words}`);
  };
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}
