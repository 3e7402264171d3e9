import { type SubtractedIctal, subtractIctal } from "@quintet/pipeline";
import { positive } from "../../arguments.ts";
import { type Command, UsageError, wholeNumber } from "../../command.ts";
import { endProgress, progressLine } from "../../progress-line.ts";

export const spectSiscom: Command = {
  name: "spect siscom",
  usage: "quintet spect siscom ICTAL INTERICTAL T1 --out FOLDER [--normals FOLDER] [--json]",
  summary: "Ictal minus interictal SPECT on the T1: clusters, where, how likely by chance, and against normals",
  description: `The ictal image is registered to the interictal one, that to the T1, the T1 to a template (rigid, rigid, warped). Each image
is divided by its mean in the brain; their difference over its SD is z. Clusters above |z| = 2 are listed with volume, peak, region,
mm of the T1 and of the template, and the chance that noise alone peaks as high anywhere in the brain; at 0.001 or below a rise is
called a finding. What a rigid motion left over explains is taken out first, and the published form is given beside it
(--plain: alone). How far the answer hangs on threshold, smoothing and normalisation is told by a map and a table.
--normals: a BIDS folder with ten or more healthy people, each with a T1w and two SPECT images at rest; the difference is then also
judged by what two scans of a healthy person differ by. Without it that part is absent. All pairs are registered once and kept in
FOLDER/.quintet, so the next patient with the same FOLDER goes faster; an interrupted run goes on where it was.
The delay from seizure onset to injection comes from the side file (SeizureOnset, InjectionStart), from events.tsv beside the ictal
image, or from --delay. Written when all is done: z, difference, agreement (NIfTI on the T1), clusters.tsv, one page to look at, JSON.
Images of different people, one image given twice, a pair that does not look alike inside the brain (correlation below 0.75), images that
miss a fifth of the brain, frames without counts are refused; what can be told from the files is told before the work begins.
Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet spect siscom sub-07_acq-ictal_spect.nii.gz sub-07_acq-interictal_spect.nii.gz sub-07_T1w.nii.gz --out siscom
Example: quintet spect siscom ictal.nii.gz rest.nii.gz t1.nii.gz --out siscom --normals healthy --delay 14 --threshold 1.5`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Where the results go" },
    threshold: { type: "string", value: "Z", help: "Size of z that clusters exceed (default 2; 1 to 10)" },
    smoothing: { type: "string", value: "MM", help: "Smoothing of the difference, FWHM (default 0)" },
    smallest: { type: "string", value: "ML", help: "Smaller clusters are not listed (default 0.5)" },
    plain: { type: "boolean", help: "As published: nothing taken out, mean and SD" },
    reference: { type: "string", value: "REGION", help: "Divide by the mean of this region instead: cerebellum" },
    normals: { type: "string", value: "FOLDER", help: "Test-retest pairs of healthy people (BIDS)" },
    template: { type: "string", value: "PATH", help: "Template head, or phantom (default: searched for)" },
    atlas: { type: "string", value: "FILE", help: "Labels of the template" },
    delay: { type: "string", value: "S", help: "Seconds from seizure onset to injection" },
    workers: { type: "string", value: "N", help: "Threads (default: one a core)" },
    json: {
      type: "boolean",
      help: "One JSON object: {method, clusters[], plain[], againstNormals, agreement, timing, registration[], qc[], files[]}",
    },
  },
  async run(call) {
    const [ictal, interictal, t1, ...more] = call.positionals;
    const out = call.text("out");
    if (ictal === undefined || interictal === undefined || t1 === undefined || out === undefined || more.length > 0)
      throw new UsageError(
        "spect siscom takes three images and --out: quintet spect siscom ICTAL INTERICTAL T1 --out FOLDER",
      );
    const workers = call.text("workers");
    const given = {
      threshold: positive(call, "threshold"),
      smoothing: positive(call, "smoothing", true),
      smallest: positive(call, "smallest", true),
      delay: positive(call, "delay", true),
      reference: call.text("reference"),
      normals: call.text("normals"),
      template: call.text("template"),
      atlas: call.text("atlas"),
      workers: workers === undefined ? undefined : wholeNumber("workers", workers, 1, 64),
    };
    const json = call.flag("json");
    const result = await subtractIctal({ ictal, interictal, t1 }, out, {
      ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      plain: call.flag("plain"),
      ...(json ? {} : { onProgress: progressLine("notes") }),
    }).finally(endProgress);
    if (json) process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
    else tell(result);
    return 0;
  },
};

function tell({
  method,
  threshold,
  clusters,
  againstNormals,
  agreement,
  timing,
  registration,
  qc,
  files,
}: SubtractedIctal): void {
  for (const { name, expectedErrorMm, note } of registration)
    console.log(`${name}: expected error ${expectedErrorMm.toFixed(1)} mm (${note})`);
  if (timing.delay !== undefined) console.log(`injected ${timing.delay.toFixed(0)} s after seizure onset`);
  console.log(`${method}, |z| > ${threshold}: ${clusters.length} clusters`);
  list(clusters);
  if (againstNormals) {
    const { n, degrees, priorDegrees, threshold: height, clusters: found } = againstNormals;
    console.log(
      `against ${n} pairs of normals (${degrees.toFixed(0)} degrees of freedom, ${priorDegrees.toFixed(0)} of them from a voxel's neighbourhood), |z| > ${height}: ${found.length} clusters`,
    );
    list(againstNormals.clusters);
  } else console.log("against normals: absent, no folder of pairs was given");
  const { settings, concordant, finding, reachMm } = agreement;
  console.log(
    `${finding} of ${settings.length} settings call it a finding; ${concordant} put their strongest rise within ${reachMm} mm of it${finding === 0 ? ", as noise does" : ""}`,
  );
  for (const { name, verdict, value, note } of qc)
    if (verdict !== "ok")
      console.log(`  ! ${name}: ${typeof value === "number" ? value.toPrecision(3) : value} (${note})`);
  for (const file of files) console.log(`  ${file}`);
  console.log("Research use only: not a medical device.");
}

function list(clusters: SubtractedIctal["clusters"]): void {
  for (const { peakZ, volumeMl, region, t1, template, p } of clusters.slice(0, 5)) {
    const [here, there] = [t1, template].map((point) => point.map((mm) => mm.toFixed(0)).join(", "));
    console.log(
      `  z ${peakZ.toFixed(1)}, ${volumeMl.toFixed(1)} mL, ${region ?? "no region"}, T1 ${here}, template ${there} mm, p ${p < 0.001 ? "< 0.001" : p.toFixed(3)}`,
    );
  }
}
