/** Ctrl-C as an AbortSignal: the first asks for an orderly stop, a second one ends the process at once. */
export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
}

/** @param words what the user is told when it stops */
export function interruption(words: string): Interruption {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new DOMException(words, "AbortError"));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
    },
  };
}
