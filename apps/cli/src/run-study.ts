/** Runs a study for a command: progress, Ctrl-C, and the closing words. */
import { type RunStudyOptions, runStudy, type SubjectOutcome } from "@quintet/pipeline";
import { interruption } from "./interruption.ts";
import { runDisplay } from "./terminal.ts";

/** @returns the exit code: 1 when a step failed, or an image whose true place is known was placed wrongly */
export async function runForUser(options: RunStudyOptions, json: boolean): Promise<number> {
  const display = runDisplay(json);
  using stop = interruption("stopped; nothing is half written, the next run goes on from here");
  const start = performance.now();
  try {
    const outcomes = await runStudy({
      ...options,
      signal: stop.signal,
      // Steps cut short by the stop are no failures to tell of.
      onEvent: (event, subject) => {
        if (!stop.signal.aborted) display.show(event, subject);
      },
    });
    display.close();
    const seconds = (performance.now() - start) / 1000;
    if (json) {
      const finished = { event: "finished", seconds: Number(seconds.toFixed(2)), subjects: outcomes };
      process.stdout.write(`${JSON.stringify(finished)}\n`);
    } else tell(outcomes, seconds);
    return outcomes.every(isSound) ? 0 : 1;
  } finally {
    display.close();
  }
}

function isSound({ failed, knownErrors }: SubjectOutcome): boolean {
  return failed.length === 0 && knownErrors.every(({ mean, limit }) => mean <= limit);
}

function tell(outcomes: readonly SubjectOutcome[], seconds: number): void {
  for (const { subject, headline, summary, missing, report, failed, knownErrors } of outcomes) {
    console.log(`\nsub-${subject}: ${headline}`);
    if (summary) console.log(`  ${summary}`);
    for (const line of missing) console.log(`  Without ${firstLine(line)}`);
    for (const { name, mean, limit } of knownErrors)
      console.log(`  ${name}: ${mean.toFixed(2)} mm from its known place (limit ${limit} mm)`);
    for (const { step, why } of failed) console.log(`  ! ${step}: ${firstLine(why)}`);
    if (report) console.log(`  Report: ${report}`);
  }
  const faulty = outcomes.filter(({ failed }) => failed.length > 0).length;
  if (faulty > 0)
    console.log(
      `\nWith faults: ${faulty} of ${outcomes.length}. quintet inspect STUDY says what is wrong with a file; mend it and run again: only what depends on it is done anew.`,
    );
  console.log(`\nDone in ${seconds.toFixed(1)} s. Research use only: not a medical device.`);
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
