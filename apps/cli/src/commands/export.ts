import { exportDicom } from "@quintet/pipeline";
import { type Command, UsageError } from "../command.ts";

export const exportResult: Command = {
  name: "export",
  usage: "quintet export IMAGE --dicom FOLDER --source DICOM",
  summary: "Write a result image as DICOM PET, beside the study that it was made from",
  description: `IMAGE is a result in the scanner's space (NIfTI with its JSON, Interfile, ECAT, DICOM). --source is a file or folder of the
PET series it was made from: the new series goes into the same study and frame of reference, names the source series and
images as references, and takes over patient, weight and injection. The source is not changed.

--identity keep (the default) leaves name and number as in the source, so that an archive files the result with its study;
--identity remove empties names, numbers and dates and replaces the identifiers, for results that leave the house.

Exit code: 0 written, 1 refused, 2 wrong usage.

Example: quintet export suvr.nii.gz --dicom ~/out --source ~/patient7/PET --description "SUVR 50-70 min" --capture`,
  options: {
    dicom: { type: "string", value: "FOLDER", help: "Where the DICOM files go" },
    source: { type: "string", value: "DICOM", help: "File or folder of the PET series the image was made from" },
    series: { type: "string", value: "UID", help: "Which series, where the folder holds several of PET" },
    description: { type: "string", value: "TEXT", help: "What the result is; shown as the series' name" },
    identity: { type: "string", value: "keep|remove", help: "Name and number of the patient (default keep)" },
    unit: {
      type: "string",
      value: "UNIT",
      help: "Unit of the values where the image does not say: 1, g/mL, Bq/mL ...",
    },
    capture: { type: "boolean", help: "A picture of three cuts as Secondary Capture too" },
    json: { type: "boolean", help: "One JSON object {files[], notes[]}" },
  },
  async run({ positionals, text, flag }) {
    const [image, ...more] = positionals;
    const [out, source, identity] = [text("dicom"), text("source"), text("identity") ?? "keep"];
    if (image === undefined || out === undefined || source === undefined || more.length > 0) {
      throw new UsageError(
        "export takes one image, --dicom and --source: quintet export IMAGE --dicom FOLDER --source DICOM",
      );
    }
    if (identity !== "keep" && identity !== "remove") {
      throw new UsageError(`--identity is keep or remove, not "${identity}"`);
    }
    const [series, description, unit] = [text("series"), text("description"), text("unit")];
    const written = await exportDicom(image, out, {
      source,
      identity,
      capture: flag("capture"),
      ...(series === undefined ? {} : { series }),
      ...(description === undefined ? {} : { description }),
      ...(unit === undefined ? {} : { unit }),
    });
    if (flag("json")) process.stdout.write(`${JSON.stringify(written, null, 1)}\n`);
    else {
      console.log(`${written.files.length} DICOM files in ${out}`);
      for (const note of written.notes) console.log(`! ${note}`);
    }
    return 0;
  },
};
