/** What a user can do next about an error, by its code. */
const advice: Readonly<Record<string, string>> = {
  "bad-label": "Choose a label of letters and digits with --subject, one that is no name or number of the person.",
  "bad-norms": "Make a table with quintet norms build CONTROLS --out FILE.",
  locked: "Wait until it has ended (or stop it), or choose another --out folder.",
  "irregular-volumes": "Say with --volumes which events are the scanner's volumes, or --no-volumes.",
  "no-age": "Add age and sex (M or F) of every control to participants.tsv.",
  "no-such-folder": "Check the path; the folder must be there and readable.",
  "no-such-participant": "Choose one of these with --participant-label.",
  "no-calibration": "Say --method fft to see what was measured alone, the missing lines zero.",
  "not-raw-mri": "quintet inspect FILE says what it is.",
  "no-subject": "Loose files become a dataset with: quintet import FOLDER --to STUDY",
  "not-a-demo": "Choose another folder with --out; the demo writes over nothing but its own.",
  "nothing-recognised": "quintet inspect FOLDER says what is wrong with each file.",
  "several-people": "Import the folder of each person apart, or say --same-person if they are one.",
  "subject-exists": "Choose another label with --subject, or another folder with --to.",
  "target-inside-source": "Choose a folder with --to that lies outside the one imported from.",
  "target-not-empty": "Choose another folder with --to, or say --replace to remove what is there.",
  "template-not-found": "quintet doctor says which template would be taken without --template.",
  "too-few-controls": "Run more controls into this folder first: quintet run CONTROLS --out FOLDER",
  ENOSPC: "Free some disk space; what was done so far is kept and the next run goes on from there.",
  EACCES: "Choose a folder you may write to, or change its permissions.",
  ENOTDIR: "A file lies where a folder is needed; choose another folder.",
  EEXIST: "A file lies where a folder is needed; choose another folder.",
  EROFS: "Choose a folder on a disk that can be written.",
};

export function adviceFor(code: string): string | undefined {
  return advice[code];
}
