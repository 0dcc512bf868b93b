import type { AlreadyRuns, BadServerUrl, IdentityUnavailable, LocalPortTaken } from "@muster/daemon"
import type { StartupFailure } from "@muster/server"
import { Effect, Layer } from "effect"
import { Failure } from "../failure/Failure.ts"

const nexts: Record<StartupFailure["reason"], string> = {
  port: "stop the other program, or choose another port: --port 8081, or --port 0 for any free port",
  in_use: "stop the other process, or use another folder: --data DIR",
  data_folder: "check that you own the folder and can write to it, or use another one: --data DIR",
  database: "check DATABASE_URL and that the database runs",
  schema: "install the newest Muster, or use another database (DATABASE_URL) or data folder (--data DIR)",
  configuration: "correct it; docs/configuration.md lists the variables, and muster server --help the flags"
}

type StartError = AlreadyRuns | BadServerUrl | IdentityUnavailable | LocalPortTaken | StartupFailure

const toFailure = (error: StartError): Failure => {
  const failure = (code: string, next: string) =>
    new Failure({ class: "cannotStart", code: `cannot_start_${code}`, sentence: error.message, next })
  switch (error._tag) {
    case "StartupFailure":
      return failure(error.reason, nexts[error.reason])
    case "IdentityUnavailable":
      return failure("data_folder", nexts.data_folder)
    case "BadServerUrl":
      return failure("configuration", "give the server's URL in MUSTER_SERVER_URL, or sign in: muster login")
    case "AlreadyRuns":
      return failure(
        "daemon_runs",
        "check it: muster daemon status; stop it: muster daemon stop; or use another folder: --data DIR"
      )
    case "LocalPortTaken":
      return failure("local_port", "choose another local port: --local-port 0 for any free port")
  }
}

/** Maps an error of the start of a server or daemon to a failure. */
export const orStartFailure = <A, E extends StartError, R>(
  layer: Layer.Layer<A, E, R>
): Layer.Layer<A, Failure, R> => layer.pipe(Layer.catch((error) => Layer.effectContext(Effect.fail(toFailure(error)))))
