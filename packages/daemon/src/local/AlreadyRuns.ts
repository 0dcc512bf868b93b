import { Data } from "effect"

/** Another daemon of the same profile runs on this machine. */
export class AlreadyRuns extends Data.TaggedError("AlreadyRuns")<{
  /** Its process id, where it could be found out. */
  readonly pid: number | null
  /** Its data folder, or this one's: they are the same profile. */
  readonly folder: string
}> {
  override get message() {
    const who = this.pid === null ? "another process" : `process ${this.pid}`
    return `a daemon of this profile (${this.folder}) already runs: ${who}`
  }
}

/** The local port that was asked for cannot be had. */
export class LocalPortTaken extends Data.TaggedError("LocalPortTaken")<{
  readonly port: number
  readonly reason: string
}> {
  override get message() {
    return `the daemon's local port ${this.port} cannot be used: ${this.reason}`
  }
}
