import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { below, photopeak } from "../../../../testing/camera-views.ts";
import { readNuclearProjections } from "./nuclear-projections.ts";
import { readDicomTags } from "./tags.ts";
import { writeNuclearProjections } from "./write-nuclear-projections.ts";

const bytes = writeNuclearProjections([photopeak, below], { detectors: 2, collimator: "LEHR", patientId: "q-1" });

/** Debian's package orthanc, a DICOM server; its tests stand where it is installed. */
const program = ["Orthanc", "/usr/sbin/Orthanc"].find((name) => spawnSync(name, ["--version"]).error === undefined);
let [folder, server, url] = ["", undefined as ChildProcess | undefined, ""];

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((ready) => probe.listen(0, "127.0.0.1", ready));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  return typeof address === "object" && address ? address.port : 0;
}

beforeAll(async () => {
  if (program === undefined) return;
  folder = mkdtempSync(join(tmpdir(), "quintet-orthanc-"));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const settings = {
    Name: "quintet",
    StorageDirectory: folder,
    IndexDirectory: folder,
    HttpPort: port,
    RemoteAccessAllowed: false,
    AuthenticationEnabled: false,
    DicomServerEnabled: false,
    Plugins: [],
  };
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
  server = spawn(program, [join(folder, "settings.json")], { stdio: "ignore" });
  while (server.exitCode === null) {
    const answers = await fetch(`${url}/system`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return;
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Error(`Orthanc ended with code ${server.exitCode} before it answered`);
});
afterAll(async () => {
  if (server && server.exitCode === null) {
    const ended = new Promise((resolve) => server?.once("exit", resolve));
    // its folder goes with it: nothing to put away first
    server.kill("SIGKILL");
    await ended;
  }
  if (folder !== "") rmSync(folder, { recursive: true, force: true });
});

const json = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();

test("Orthanc takes a written NM file, shows its tags and pixels, and gives it back bit for bit", async (context) => {
  if (program === undefined) {
    context.skip("Orthanc is not here");
    return;
  }
  const answer = await fetch(`${url}/instances`, { method: "POST", body: Uint8Array.from(bytes) });
  expect(answer.status).toBe(200);
  const { ID, Status } = (await answer.json()) as { ID: string; Status: string };
  expect(Status).toBe("Success");
  expect(await json(`/instances/${ID}/simplified-tags`)).toMatchObject({
    Modality: "NM",
    PatientID: "q-1",
    ImageType: "ORIGINAL\\PRIMARY\\TOMO\\EMISSION",
    NumberOfFrames: "24",
    NumberOfDetectors: "2",
    NumberOfRotations: "1",
    NumberOfEnergyWindows: "2",
    EnergyWindowInformationSequence: [
      { EnergyWindowRangeSequence: [{ EnergyWindowLowerLimit: "126", EnergyWindowUpperLimit: "154" }] },
      { EnergyWindowRangeSequence: [{ EnergyWindowLowerLimit: "120", EnergyWindowUpperLimit: "126" }] },
    ],
    DetectorInformationSequence: [
      { CollimatorType: "PARA", CollimatorGridName: "LEHR", RadialPosition: "120\\121\\122\\123\\124\\125" },
      { RadialPosition: "126\\127\\128\\129\\130\\131" },
    ],
    RotationInformationSequence: [{ RotationDirection: "CW", AngularStep: "30" }],
  });
  // rows of numbers as Orthanc decodes the last view of the second window; a camera stores both axes against ours
  const rows = (await (await fetch(`${url}/instances/${ID}/frames/23/matlab`)).text()).split(";");
  const decoded = rows.flatMap((row) => row.match(/\d+/g) ?? []).map(Number);
  expect(decoded).toEqual(Array.from(below.data.subarray(24 * (photopeak.angles.length - 1)).toReversed()));
  const back = new Uint8Array(await (await fetch(`${url}/instances/${ID}/file`)).arrayBuffer());
  const { windows, detectors } = readNuclearProjections(readDicomTags(back, { file: "orthanc.dcm" }));
  expect([windows.length, detectors]).toEqual([2, 2]);
  for (const [w, given] of [photopeak, below].entries()) {
    expect(windows[w]?.data).toEqual(given.data);
    expect(windows[w]?.window).toEqual(given.window);
  }
  expect(Buffer.compare(back, bytes)).toBe(0);
});

test("what is no DICOM file is refused by the same server", async (context) => {
  if (program === undefined) {
    context.skip("Orthanc is not here");
    return;
  }
  const answer = await fetch(`${url}/instances`, { method: "POST", body: Uint8Array.from(bytes.subarray(200)) });
  expect(answer.status).toBe(400);
});
