/** Pictures and films of the images as they are on the screen, letters and all. */
import { frameStep } from "@quintet/view";
import { paintMarks } from "./gl/mark-layer.ts";
import type { Session } from "./session.ts";
import { shownVolumes } from "./state/picture-of.ts";
import { studySpan } from "./state/time-steps.ts";

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const fileName = (session: Session, ending: string): string => {
  const { scene, store } = session;
  const time = store.get().time.toFixed(1).replace(".", "_");
  return `${scene.subject.replace(/[^\w-]/g, "_")}_t-${time}s.${ending}`;
};

/** The stage and its marks on one canvas. */
export function flatPicture(
  session: Session,
  onto: HTMLCanvasElement = document.createElement("canvas"),
): HTMLCanvasElement {
  const stage = session.stage?.element;
  if (!stage) return onto;
  session.drawNow(true);
  if (onto.width !== stage.width || onto.height !== stage.height)
    [onto.width, onto.height] = [stage.width, stage.height];
  const pen = onto.getContext("2d");
  pen?.drawImage(stage, 0, 0);
  if (pen) paintMarks(pen, session.marks(), session.size.ratio);
  return onto;
}

export function savePicture(session: Session): Promise<void> {
  return new Promise((done) => {
    flatPicture(session).toBlob((blob) => {
      if (blob) download(blob, fileName(session, "png"));
      done();
    }, "image/png");
  });
}

const pause = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));
/** Frames of the film, and how long each stands at least, ms. */
const [most, stand] = [120, 100];
/** How long a frame is waited for, fetched or encoded, ms: on a machine that does much else it takes its time. */
const patience = 10_000;

/** Times the film shows: every frame of the shown image with most frames, else equal steps over the study. */
function filmTimes(session: Session): readonly number[] {
  const { scene, store } = session;
  const moving = shownVolumes(scene, store.get())
    .filter(({ frames, onStudyClock }) => onStudyClock && frames.length > 1)
    .toSorted((a, b) => b.frames.length - a.frames.length)[0];
  if (moving) {
    const every = Math.ceil(moving.frames.length / most);
    return moving.frames.filter((_, i) => i % every === 0).map(({ start }) => frameStep(moving.frames, start, 0));
  }
  const { from, to } = studySpan(scene);
  return Array.from({ length: most }, (_, i) => from + ((to - from) * (i + 0.5)) / most);
}

/** @throws Error where the browser records no WebM */
export async function saveFilm(session: Session): Promise<void> {
  const canvas = flatPicture(session);
  const type = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"].find((t) =>
    MediaRecorder.isTypeSupported(t),
  );
  if (!type) throw new Error("no-webm");
  const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: type, videoBitsPerSecond: 8e6 });
  const parts: Blob[] = [];
  let written = 0;
  recorder.ondataavailable = ({ data }) => {
    parts.push(data);
    written += data.size;
  };
  const ended = new Promise((done) => {
    recorder.onstop = done;
  });
  const before = session.store.get().time;
  const until = async (ready: () => boolean): Promise<boolean> => {
    for (let wait = 0; !ready() && wait < patience; wait += 20) await pause(20);
    return ready();
  };
  let tells = true;
  recorder.start();
  for (const time of filmTimes(session)) {
    session.store.set({ time }, "film");
    await until(() => !session.volumes.busy);
    const [before, shown] = [written, performance.now()];
    flatPicture(session, canvas);
    // A picture that is not encoded yet when the next is drawn, or when the film ends, would be left out of it. A browser
    // that hands nothing out before the end is not asked again.
    if (tells)
      tells = await until(() => {
        recorder.requestData();
        return written > before;
      });
    await pause(stand - (performance.now() - shown));
  }
  recorder.stop();
  await ended;
  session.store.set({ time: before }, "film");
  download(new Blob(parts, { type: "video/webm" }), fileName(session, "webm"));
}
