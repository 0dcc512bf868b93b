import { Failure } from "../failure/Failure.ts"

/** A daemon is there but does not answer on its local port. */
export const silent = (pid: number) =>
  new Failure({
    class: "unanswered",
    code: "daemon_silent",
    sentence: `the daemon (process ${pid}) does not answer on its local port`,
    next: `see its log: muster daemon logs; end it: kill ${pid}`,
    details: { status: "silent", pid }
  })
