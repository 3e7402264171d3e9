import { measureCentiloid } from "@quintet/pipeline";
import { oneOf, positive, required } from "../../arguments.ts";
import type { Command } from "../../command.ts";
import { imageAndFolder, listFiles, minutes } from "./shared.ts";

const tracers = ["PiB", "florbetaben", "flutemetamol", "florbetapir"] as const;

export const petCentiloid: Command = {
  name: "pet centiloid",
  usage: "quintet pet centiloid PET.nii.gz --tracer NAME --target MASK --cerebellum MASK --out FOLDER",
  summary: "Amyloid load in Centiloid: 0 as in the young, 100 as in Alzheimer's disease",
  description: `PET.nii.gz is an amyloid scan with PET.json beside it (BIDS), in the space of the two masks: the standard cortical
target and the whole cerebellum (GAAIN's VOIs in MNI space, or the same in the image's own). The SUVR of the tracer's window is
converted by the tracer's published equation. An SUVR of another window or reference does not convert and is refused.
Written: a JSON with value, standard error (with --resolution), SUVR and the equation's source. Exit code: 0 done, 1 refused, 2
wrong usage.

Example: quintet pet centiloid sub-01_space-MNI_pet.nii.gz --tracer florbetaben --target voi_ctx_2mm.nii --cerebellum voi_WhlCbl_2mm.nii --out amyloid`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Where the result goes" },
    tracer: { type: "string", value: "NAME", help: tracers.join(", ") },
    target: { type: "string", value: "MASK", help: "The standard cortical target" },
    cerebellum: { type: "string", value: "MASK", help: "The whole cerebellum" },
    window: { type: "string", value: "FROM-TO", help: "Minutes after the injection (default the tracer's own)" },
    resolution: { type: "string", value: "MM", help: "FWHM of the image, for the standard error" },
    json: {
      type: "boolean",
      help: "One JSON object: {value, standardError?, unit, suvr, tracer, window, source, voxels, files[]}",
    },
  },
  async run(call) {
    const [image, out] = imageAndFolder(call, "pet centiloid");
    const [window, resolution] = [minutes(call), positive(call, "resolution")];
    const result = await measureCentiloid(image, out, {
      tracer: oneOf("tracer", required(call, "tracer", tracers.join(", ")), tracers),
      target: required(call, "target", "a mask of the cortical target"),
      cerebellum: required(call, "cerebellum", "a mask of the whole cerebellum"),
      ...(window === undefined ? {} : { window }),
      ...(resolution === undefined ? {} : { resolution }),
    });
    if (call.flag("json")) {
      process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
      return 0;
    }
    const { value, standardError, suvr, tracer, source } = result;
    const error = standardError === undefined ? "" : ` ± ${standardError.toFixed(1)}`;
    console.log(
      `${value.toFixed(1)}${error} CL (SUVR ${suvr.toFixed(3)}, ${tracer}, ${result.window.join(" to ")} min)`,
    );
    console.log(`  ${source}`);
    listFiles(result.files);
    return 0;
  },
};
