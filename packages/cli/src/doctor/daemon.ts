import type { LocalHealth } from "@muster/daemon"
import { Config, Effect } from "effect"
import { findDaemon } from "../daemon/LocalDaemon.ts"
import { plural } from "../daemon/statusText.ts"
import { printable } from "../output/Printable.ts"
import { folder } from "../profile/Home.ts"
import { type Check, ok, warn } from "./Check.ts"

const name = "daemon"

const describe = ({ outbox, pid, runtimes, skipped, status, transport, why }: LocalHealth): Check => {
  const says = [
    `process ${pid} is ${status}: ${plural(runtimes.length, "runtime")}`,
    ...(skipped.length === 0 ? [] : [`${plural(skipped.length, "agent CLI")} left out`]),
    `beats over ${transport === "socket" ? "the socket" : "HTTP"}`,
    ...(outbox.reports === 0 ? [] : [`${plural(outbox.reports, "result")} not delivered yet`])
  ].join(", ")
  return why === null
    ? ok(name, says)
    : warn(name, `${says}; ${printable(why)}`, "see more of it: muster daemon status")
}

/** The daemon of this machine and profile, as it says itself. */
export const checkDaemon = Effect.gen(function*() {
  const data = yield* Effect.orElseSucceed(Config.NonEmptyString("MUSTER_DATA"), () => "~/.muster")
  const daemon = yield* findDaemon(yield* folder(data))
  switch (daemon._tag) {
    case "Stopped":
      return ok(name, "none runs on this machine (muster daemon start)")
    case "Silent":
      return warn(name, `process ${daemon.pid} does not answer on its local port`, "see its log: muster daemon logs")
    case "Here":
      return describe(daemon.health)
  }
})
