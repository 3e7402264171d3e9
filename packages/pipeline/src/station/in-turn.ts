/** Work on one file after another of this process; another process is met by what the file says. */
const turns = new Map<string, Promise<unknown>>();

/** Runs `work` when everything asked before for `path` has ended, well or not. */
export function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(path) ?? Promise.resolve();
  const mine = before.then(work, work);
  const settled = mine.then(
    () => undefined,
    () => undefined,
  );
  turns.set(path, settled);
  void settled.then(() => {
    if (turns.get(path) === settled) turns.delete(path);
  });
  return mine;
}
