/**
 * The one error that bad data raises: refuse, never repair.
 *
 * `code` is a stable kebab-case word that tests and callers switch on (`grid-mismatch`, `truncated`).
 * The message says who (file or argument), what must be, and what was got.
 */
export class DataError extends Error {
  override readonly name = "DataError";
  readonly code: string;
  /** The file the data came from, when there is one. */
  readonly file: string | undefined;
  /** What must be. */
  readonly expected: string | undefined;
  /** What was got. */
  readonly found: string | undefined;

  constructor(code: string, message: string, where: DataErrorContext = {}) {
    super(sentence(message, where), where.cause === undefined ? undefined : { cause: where.cause });
    this.code = code;
    this.file = where.file;
    this.expected = where.expected;
    this.found = where.found;
  }

  /** The same error, now knowing which file it is about. */
  inFile(file: string): DataError {
    if (this.file !== undefined) return this;
    const where: Mutable<DataErrorContext> = { file, cause: this };
    if (this.expected !== undefined) where.expected = this.expected;
    if (this.found !== undefined) where.found = this.found;
    return new DataError(this.code, this.message, where);
  }
}

export interface DataErrorContext {
  readonly file?: string;
  readonly expected?: string;
  readonly found?: string;
  readonly cause?: unknown;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function sentence(message: string, { file, expected, found, cause }: DataErrorContext): string {
  const alreadyTold = cause instanceof DataError;
  const details = alreadyTold
    ? ""
    : [expected === undefined ? "" : `expected ${expected}`, found === undefined ? "" : `found ${found}`]
        .filter(Boolean)
        .join(", ");
  return `${file === undefined ? "" : `${file}: `}${message}${details ? ` (${details})` : ""}`;
}
