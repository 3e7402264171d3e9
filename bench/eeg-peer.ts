/** MNE-Python on the tasks of the EEG benchmark, where $QUINTET_PYTHON names a Python that has it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** One task in a Python of its own, which waits between runs. */
export interface Peer {
  readonly name: string;
  /** Of its jobs: where a function has no `n_jobs` it is 1. */
  readonly threads: number;
  /** Milliseconds of one run, by its own clock. */
  run(): Promise<number>;
  /** What the last run made, float64. */
  output(): Promise<Float64Array>;
  end(): void;
}

/** Reads input.f64; then a line "run" prints milliseconds, "write" writes output.f64. BLAS has one thread. */
const program = `
import os, sys, json, time
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"): os.environ[name] = "1"
import numpy as np, mne
mne.set_log_level("ERROR")
task, folder, rows, rate, jobs = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
x = None if task == "edf" else np.fromfile(folder + "/input.f64").reshape(rows, -1)
def morlet():
    epochs = x.reshape(rows // 8, 8, -1)
    return mne.time_frequency.tfr_array_morlet(epochs, rate, np.arange(5.0, 45.0), n_cycles=7, zero_mean=True, output="avg_power", n_jobs=jobs)
def multitaper():
    return mne.time_frequency.psd_array_multitaper(x, rate, bandwidth=4.0, adaptive=False, normalization="full", n_jobs=jobs)[0]
def infomax():
    return mne.preprocessing.infomax(np.ascontiguousarray(x.T), extended=True, max_iter=100, rng=0)
head = dict(r0=(0.0, 0.0, 0.0), head_radius=0.09, relative_radii=(0.90, 0.92, 0.97, 1.0), sigmas=(0.33, 1.0, 0.004, 0.33), info=None)
def cap(places):
    names = ["E%d" % (i + 1) for i in range(len(places))]
    info = mne.create_info(names, 500.0, "eeg")
    with info._unlock(): info["dev_head_t"] = mne.Transform("meg", "head")
    return info.set_montage(mne.channels.make_dig_montage(dict(zip(names, places)), coord_frame="head"))
def solution(info, sources):
    grid = mne.setup_volume_source_space(pos=dict(rr=sources, nn=np.tile([0.0, 0.0, 1.0], (len(sources), 1))), sphere_units="m")
    return mne.make_forward_solution(info, None, grid, mne.make_sphere_model(**head), meg=False, eeg=True, mindist=0.0, n_jobs=jobs)
def sphere():
    places = x.reshape(-1, 3)
    return solution(cap(places[:64]), places[64:])["sol"]["data"]
ready = {}
def prepare():
    # The gain is ours; where its sources lie is of no account without depth weights.
    columns = x.shape[1] - 500
    rng = np.random.default_rng(0)
    places = rng.normal(size=(64, 3)); places *= 0.09 / np.linalg.norm(places, axis=1, keepdims=True)
    sources = rng.normal(size=(columns // 3, 3)); sources *= 0.05 / np.linalg.norm(sources, axis=1, keepdims=True)
    info = cap(places)
    forward = solution(info, sources)
    forward["sol"]["data"] = x[:, :columns].copy()
    evoked = mne.EvokedArray(x[:, columns:], info, nave=1)
    evoked.set_eeg_reference(projection=True)
    evoked.apply_proj()
    noise = mne.Covariance(np.ones(64) * 1e-12, info["ch_names"], [], evoked.info["projs"], 10000)
    ready.update(evoked=evoked, forward=forward, noise=noise)
def inverse():
    out = []
    for method in ("MNE", "sLORETA", "eLORETA"):
        operator = mne.minimum_norm.make_inverse_operator(ready["evoked"].info, ready["forward"], ready["noise"], loose=1.0, depth=None, fixed=False)
        out.append(mne.minimum_norm.apply_inverse(ready["evoked"], operator, 1.0 / 9, method=method).data)
    return np.concatenate(out)
if task == "inverse": prepare()
tasks = {
    "sphere": sphere,
    "inverse": inverse,
    "fir": lambda: mne.filter.filter_data(x, rate, 1, 40, copy=True, n_jobs=jobs),
    "notch": lambda: mne.filter.notch_filter(x, rate, [50.0, 100.0], notch_widths=0.0, trans_bandwidth=2.0, copy=True, n_jobs=jobs),
    "resample": lambda: mne.filter.resample(x, 250.0, rate, npad="auto", n_jobs=jobs),
    "welch": lambda: mne.time_frequency.psd_array_welch(x, rate, n_fft=1024, n_overlap=0, window="hamming", n_jobs=jobs)[0],
    "multitaper": multitaper,
    "morlet": morlet,
    "infomax": infomax,
    "edf": lambda: mne.io.read_raw_edf(folder + "/input.edf", preload=True).get_data(),
}
print(json.dumps("MNE-Python " + mne.__version__), flush=True)
out = None
for line in sys.stdin:
    if line.strip() == "run":
        start = time.perf_counter()
        out = tasks[task]()
        print(json.dumps(1000 * (time.perf_counter() - start)), flush=True)
    else:
        np.ascontiguousarray(out, dtype=float).tofile(folder + "/output.f64")
        print("true", flush=True)
`;

/** Tasks whose function shares its channels out. */
const sharing = new Set(["fir", "notch", "resample", "welch", "multitaper", "morlet", "sphere"]);

export async function startMne(
  task: string,
  folder: string,
  rows: number,
  rate: number,
  threads: number,
): Promise<Peer | undefined> {
  const python = process.env.QUINTET_PYTHON;
  if (python === undefined) return undefined;
  const jobs = sharing.has(task) ? threads : 1;
  const child = spawn(python, ["-c", program, task, folder, String(rows), String(rate), String(jobs)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`MNE-Python failed at ${task}: ${errors}`);
    return JSON.parse(value);
  };
  const ask = (what: string): Promise<unknown> => {
    child.stdin.write(`${what}\n`);
    return said();
  };
  let name: unknown;
  try {
    name = await said();
  } catch (error) {
    await closed(child);
    if (/No module named 'mne'/.test(errors)) return undefined;
    throw error;
  }
  return {
    name: String(name),
    threads: jobs,
    run: async () => Number(await ask("run")),
    output: async () => {
      await ask("write");
      const bytes = readFileSync(join(folder, "output.f64"));
      return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    },
    end: () => child.stdin.end(),
  };
}

async function closed(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, "exit");
}

const memoryProgram = `
import sys, re, mne
mne.set_log_level("ERROR")
def bytes_of(line): return 1024 * int(re.search(line + r":\\s*(\\d+) kB", open("/proc/self/status").read()).group(1))
before = bytes_of("VmRSS")
data = mne.io.read_raw_edf(sys.argv[1], preload=True).get_data()
print(bytes_of("VmHWM") - before)
`;

/** Bytes by which reading an EDF file raises the peak of a fresh Python with MNE-Python. */
export function mneReadPeak(path: string): number | undefined {
  const python = process.env.QUINTET_PYTHON;
  if (python === undefined) return undefined;
  const { status, stdout } = spawnSync(python, ["-c", memoryProgram, path], { encoding: "utf8" });
  return status === 0 ? Number(stdout.trim()) : undefined;
}
