/** MNE-Python on the tasks of the EEG benchmark, where $QUINTET_PYTHON names a Python that has it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface PeerResult {
  readonly name: string;
  /** Median of the runs, without imports. */
  readonly milliseconds: number;
  /** What it made, float64. */
  readonly output: Float64Array;
}

/** One warm-up and `runs` of one task on one thread: reads input.f64, writes output.f64, prints milliseconds. */
const program = `
import os, sys, json, time
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"): os.environ[name] = "1"
import numpy as np, mne
mne.set_log_level("ERROR")
task, folder, runs, rows, rate = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
x = None if task == "edf" else np.fromfile(folder + "/input.f64").reshape(rows, -1)
def morlet():
    epochs = x.reshape(rows // 8, 8, -1)
    power = mne.time_frequency.tfr_array_morlet(epochs, rate, np.arange(5.0, 45.0), n_cycles=7, zero_mean=True, output="power", n_jobs=1)
    return power.mean(axis=0)
def infomax():
    return mne.preprocessing.infomax(np.ascontiguousarray(x.T), extended=True, max_iter=100, rng=0)
tasks = {
    "fir": lambda: mne.filter.filter_data(x, rate, 1, 40, copy=True),
    "notch": lambda: mne.filter.notch_filter(x, rate, [50.0, 100.0], notch_widths=0.0, trans_bandwidth=2.0, copy=True),
    "resample": lambda: mne.filter.resample(x, 250.0, rate, npad="auto"),
    "welch": lambda: mne.time_frequency.psd_array_welch(x, rate, n_fft=1024, n_overlap=0, window="hamming")[0],
    "multitaper": lambda: mne.time_frequency.psd_array_multitaper(x, rate, bandwidth=4.0, adaptive=False, normalization="full")[0],
    "morlet": morlet,
    "infomax": infomax,
    "edf": lambda: mne.io.read_raw_edf(folder + "/input.edf", preload=True).get_data(),
}
times = []
for run in range(runs + 1):
    start = time.perf_counter()
    out = tasks[task]()
    if run: times.append(1000 * (time.perf_counter() - start))
np.ascontiguousarray(out, dtype=float).tofile(folder + "/output.f64")
print(json.dumps({"name": "MNE-Python " + mne.__version__, "milliseconds": float(np.median(times))}))
`;

export function mne(task: string, folder: string, runs: number, rows: number, rate: number): PeerResult | undefined {
  const python = process.env.QUINTET_PYTHON;
  if (python === undefined) return undefined;
  const { status, stdout, stderr } = spawnSync(
    python,
    ["-c", program, task, folder, String(runs), String(rows), String(rate)],
    { encoding: "utf8" },
  );
  if (status !== 0) {
    if (/No module named 'mne'/.test(stderr)) return undefined;
    throw new Error(`MNE-Python failed at ${task}: ${stderr}`);
  }
  const said = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as { name: string; milliseconds: number };
  const bytes = readFileSync(join(folder, "output.f64"));
  const output = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return { ...said, output };
}
