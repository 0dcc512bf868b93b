import { cliNotes, Clis, type FoundClis, layerMachineClis, type LocalHealth } from "@muster/daemon"
import { Config, Effect, Option, Stream } from "effect"
import * as FileSystem from "effect/FileSystem"
import { findDaemon } from "../daemon/LocalDaemon.ts"
import { isBuilt, startCommand } from "../MainFile.ts"
import { plural, printable } from "../output/Text.ts"
import { environment } from "../profile/Connection.ts"
import { joinedMachine } from "../profile/DaemonAccess.ts"
import { folder, shortened } from "../profile/Home.ts"
import { profileFile, readProfile } from "../profile/Profile.ts"
import { type Check, failed, ok, warn } from "./Check.ts"

/** The version of Node that Muster requires; a checkout installs its own. */
const requiredNode = isBuilt ? 22 : 26

export const checkNode: Effect.Effect<Check> = Effect.sync(() => {
  const { node } = process.versions
  return Number(node.split(".")[0]) >= requiredNode
    ? ok("node", `Node ${node}`)
    : warn(
      "node",
      `Node ${node} is older than ${requiredNode}, which Muster requires`,
      isBuilt ? "install a newer Node" : `install what is missing: ${startCommand}`
    )
})

const dataFolder = Effect.flatMap(
  Effect.orElseSucceed(Config.NonEmptyString("MUSTER_DATA"), () => "~/.muster"),
  folder
)

/** The credential of this machine, if it joined a server. */
export const ownMachine = Effect.flatMap(
  dataFolder,
  (dataDir) => Effect.orElseSucceed(joinedMachine(dataDir), () => Option.none())
)

const describeProfile = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const file = yield* profileFile
  const shown = yield* shortened(file)
  const given = yield* environment
  const variables = [
    ...Option.isSome(given.url) ? ["MUSTER_SERVER_URL"] : [],
    ...Option.isSome(given.token) ? ["MUSTER_TOKEN"] : []
  ]
  const note = variables.length === 0 ? "" : `; ${variables.join(" and ")} from the environment take precedence`
  const saved = yield* readProfile
  if (Option.isNone(saved)) {
    if (Option.isSome(yield* ownMachine)) {
      return ok("profile", `there is no ${shown}, and a machine that joined needs none`)
    }
    return variables.length === 0
      ? warn(
        "profile",
        `there is no ${shown}`,
        `start a server on this machine (${startCommand}), or sign in to one: muster login`
      )
      : ok("profile", `there is no ${shown}${note}`)
  }
  const mode = yield* files.stat(file).pipe(Effect.map((info) => info.mode & 0o077), Effect.orElseSucceed(() => 0))
  return mode === 0 || process.platform === "win32"
    ? ok("profile", `${shown} is for ${saved.value.server_url}${note}`)
    : warn("profile", `${shown} contains a token and other users can read it`, `chmod 600 ${shown}`)
})

export const checkProfile = describeProfile.pipe(
  Effect.catch((failure) => Effect.succeed(failed("profile")(failure)))
)

const daemonName = "daemon"

const replaceToken = "to give the machine its own credential: muster machines add"

const describeDaemon = ({ credential, outbox, pid, runtimes, skipped, status, transport, why }: LocalHealth): Check => {
  const finding = [
    `process ${pid} is ${status}: ${plural(runtimes.length, "runtime")}`,
    ...(skipped.length === 0 ? [] : [`${plural(skipped.length, "agent CLI")} skipped`]),
    `heartbeats over ${transport === "socket" ? "WebSocket" : "HTTP"}`,
    ...(outbox.reports === 0 ? [] : [`${plural(outbox.reports, "result")} not delivered yet`]),
    ...(credential?.kind === "person" ? [`with a person's token (${replaceToken})`] : []),
    ...(credential?.machine == null ? [] : [`as machine ${printable(credential.machine.name)}`])
  ].join(", ")
  return why === null
    ? ok(daemonName, finding)
    : warn(daemonName, `${finding}; ${printable(why)}`, "see the details: muster daemon status")
}

/** Checks the daemon of this machine and profile. */
export const checkDaemon = Effect.gen(function*() {
  const daemon = yield* findDaemon(yield* dataFolder)
  switch (daemon._tag) {
    case "Stopped":
      return ok(daemonName, "no daemon runs on this machine (muster daemon start)")
    case "Silent":
      return warn(
        daemonName,
        `process ${daemon.pid} does not answer on its local port`,
        "see its log: muster daemon logs"
      )
    case "Running":
      return describeDaemon(daemon.health)
  }
})

const noClis: FoundClis = { found: [], skipped: [], complete: true }

/** What to do about a machine without a usable CLI: nothing is installed again that is there. */
const nextFor = (skipped: FoundClis["skipped"]): string =>
  skipped.some(({ verdict }) => verdict === "slow")
    ? "wait until the machine is less busy: a daemon checks a slow CLI again every 2 minutes"
    : skipped.some(({ path }) => path !== undefined)
    ? "fix one of the CLIs below"
    : "install one, for example: npm install -g opencode-ai"

const listing = (texts: ReadonlyArray<string>) => texts.map(printable).join(", ")

/** Checks the agent CLIs of this machine, with the discovery that a daemon uses. */
export const checkAgents: Effect.Effect<ReadonlyArray<Check>> = Effect.gen(function*() {
  const clis = yield* Clis
  const { found, skipped } = Option.getOrElse(yield* Stream.runLast(clis.look), () => noClis)
  const here = found.map((cli) =>
    [`${cli.provider} ${cli.version}`, ...cliNotes(cli).map((note) => `(${note})`)].join(" ")
  )
  return [
    found.length > 0
      ? ok("agents", `on this machine: ${listing(here)}`)
      : warn("agents", "no usable agent CLI on this machine", nextFor(skipped)),
    ...skipped.map(({ provider, reason, verdict }) =>
      warn(
        `agent ${provider}`,
        printable(reason),
        verdict === "slow"
          ? "the CLI is slow, not broken: a daemon checks it again every 2 minutes"
          : "a daemon on this machine skips it until this is fixed"
      )
    )
  ]
}).pipe(Effect.provide(layerMachineClis))
