/** Opens an address in the user's browser, where there is a desktop to open it on. */
import { spawn } from "node:child_process";

/** @returns false when there is none, or none could be started */
export async function openBrowser(address: string): Promise<boolean> {
  const { platform, env } = process;
  const hasDesktop = platform !== "linux" || env.DISPLAY !== undefined || env.WAYLAND_DISPLAY !== undefined;
  if (!hasDesktop) return false;
  const [program, ...args] =
    platform === "darwin"
      ? ["open", address]
      : platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler", address]
        : ["xdg-open", address];
  return new Promise((resolve) => {
    const child = spawn(program as string, args, { stdio: "ignore", detached: true });
    child.on("error", () => resolve(false));
    child.on("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
