import { type ControlFile, LocalHealth, readControlFile } from "@muster/daemon"
import { Effect, Option } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import { refusedConnection, transportProblem } from "../api/TransportProblem.ts"
import { Failure } from "../failure/Failure.ts"

/** The timeout of a call to the daemon's local port. */
const timeout = "2 seconds"

/** The state of the daemon of a data folder. */
export type LocalDaemon =
  /** No daemon runs. */
  | { readonly _tag: "Stopped" }
  /** Its process exists but does not answer. */
  | { readonly _tag: "Silent"; readonly pid: number }
  | { readonly _tag: "Running"; readonly control: ControlFile; readonly health: LocalHealth }

/** Whether a process with this id exists, of any user. */
export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** Whether no program listens on the port. Other errors do not prove that. */
const isRefused = (error: unknown) =>
  HttpClientError.isHttpClientError(error) && error.reason._tag === "TransportError" &&
  transportProblem(error.reason.cause) === refusedConnection

/** Finds the daemon of a data folder by the control file that it writes while it runs. */
export const findDaemon = Effect.fnUntraced(function*(dataDir: string) {
  const control = yield* readControlFile(dataDir)
  if (Option.isNone(control)) return stopped
  const { pid, port } = control.value
  return yield* HttpClient.get(`http://127.0.0.1:${port}/health`).pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(LocalHealth)),
    Effect.timeout(timeout),
    // Another process can have the port or the process id by now.
    Effect.map((health): LocalDaemon =>
      health.pid === pid ? { _tag: "Running", control: control.value, health } : stopped
    ),
    Effect.catch((error) =>
      Effect.sync((): LocalDaemon => !isRefused(error) && isAlive(pid) ? { _tag: "Silent", pid } : stopped)
    )
  )
})

const stopped: LocalDaemon = { _tag: "Stopped" }

/** Asks the daemon to stop, `now`: without waiting for its tasks. Returns whether it agreed. */
export const askToStop = ({ port, token }: ControlFile, now = false) =>
  HttpClientRequest.post(`http://127.0.0.1:${port}/shutdown${now ? "?now=true" : ""}`).pipe(
    HttpClientRequest.bearerToken(token),
    HttpClient.execute,
    Effect.map(({ status }) => status === 200),
    Effect.timeout(timeout),
    Effect.orElseSucceed(() => false)
  )

/** The failure for a daemon that runs but does not answer on its local port. */
export const silent = (pid: number) =>
  new Failure({
    class: "unanswered",
    code: "daemon_silent",
    sentence: `the daemon (process ${pid}) does not answer on its local port`,
    next: `see its log: muster daemon logs; stop it: kill ${pid}`,
    details: { status: "silent", pid }
  })
