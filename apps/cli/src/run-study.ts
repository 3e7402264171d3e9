/** Runs a study for a command: progress, Ctrl-C, and the closing words. */
import { type RunStudyOptions, runStudy, type SubjectOutcome } from "@quintet/pipeline";
import { runDisplay } from "./terminal.ts";

export async function runForUser(options: RunStudyOptions, json: boolean): Promise<number> {
  const display = runDisplay(json);
  const controller = new AbortController();
  const stop = (): void => controller.abort(new DOMException("stopped", "AbortError"));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const start = performance.now();
  try {
    const outcomes = await runStudy({
      ...options,
      signal: controller.signal,
      onEvent: (event, subject) => display.show(event, subject),
    });
    display.close();
    const seconds = (performance.now() - start) / 1000;
    if (json)
      process.stdout.write(
        `${JSON.stringify({ event: "finished", seconds: Number(seconds.toFixed(2)), subjects: outcomes })}\n`,
      );
    else tell(outcomes, seconds);
    return outcomes.every(({ failed }) => failed.length === 0) ? 0 : 1;
  } finally {
    display.close();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

function tell(outcomes: readonly SubjectOutcome[], seconds: number): void {
  for (const { subject, headline, summary, report, failed } of outcomes) {
    console.log(`\nsub-${subject}: ${headline}`);
    if (summary) console.log(`  ${summary}`);
    for (const { step, why } of failed) console.log(`  ! ${step}: ${why}`);
    if (report) console.log(`  Report: ${report}`);
  }
  console.log(`\nDone in ${seconds.toFixed(1)} s. Research use only: not a medical device.`);
}
