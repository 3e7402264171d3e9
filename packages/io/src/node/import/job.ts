import type { BidsWriter } from "../study/bids-writer.ts";
import type { DateShift } from "./date-shift.ts";
import type { PersonFacts } from "./dicom-facts.ts";
import type { IdentityWords } from "./identity.ts";
import type { Survey, Unrecognised } from "./survey.ts";

export interface ImportedFile {
  /** Relative to the folder imported from. */
  readonly from: string;
  /** Relative to the new data set. */
  readonly to: string;
  /** What it was taken for, and whether that is certain or a guess. */
  readonly why: string;
}

/** What the steps of an import share. */
export interface ImportJob {
  readonly root: string;
  readonly subject: string;
  readonly survey: Survey;
  readonly words: IdentityWords;
  readonly shift: DateShift;
  readonly keepTexts: ReadonlySet<string>;
  readonly writer: BidsWriter | undefined;
  readonly recognised: ImportedFile[];
  readonly unrecognised: Unrecognised[];
  readonly problems: string[];
  readonly people: PersonFacts[];
  readonly progress: (path: string) => void;
}
