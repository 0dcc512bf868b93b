import { readFileSync } from "node:fs"

/** Kills a process that may have ended by then: looking first would not exclude that. */
export const killIfRunning = (pid: number) => {
  try {
    process.kill(pid, "SIGKILL")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}

/** The process id of the daemon of a home, or undefined if none says that it runs. */
export const daemonPid = (home: string): number | undefined => {
  try {
    return JSON.parse(readFileSync(`${home}/.muster/daemon.json`, "utf8")).pid
  } catch {
    return undefined
  }
}

/** Kills the daemon of a home, if one still runs. */
export const killDaemon = (home: string) => {
  const pid = daemonPid(home)
  if (pid !== undefined) killIfRunning(pid)
}
