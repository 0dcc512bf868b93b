import { type ControlFile, LocalHealth, readControlFile } from "@muster/daemon"
import { Effect, Option } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import { refusedConnection, transportProblem } from "../api/TransportProblem.ts"
import { Failure } from "../failure/Failure.ts"

/** How long the daemon may take to say how it is. */
const timeout = "2 seconds"

/** What became of the daemon of a data folder, as far as this machine can tell. */
export type LocalDaemon =
  /** None runs. */
  | { readonly _tag: "Stopped" }
  /** One should run, and does not answer. */
  | { readonly _tag: "Silent"; readonly pid: number }
  | { readonly _tag: "Here"; readonly control: ControlFile; readonly health: LocalHealth }

/** Whether a process of this id is there, ours or not. */
export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** Nobody listens there. Anything else that went wrong says nothing of the kind. */
const isRefused = (error: unknown) =>
  HttpClientError.isHttpClientError(error) && error.reason._tag === "TransportError" &&
  transportProblem(error.reason.cause) === refusedConnection

/** The daemon of a data folder, by the file that it keeps there while it runs. */
export const findDaemon = Effect.fnUntraced(function*(dataDir: string) {
  const control = yield* readControlFile(dataDir)
  if (Option.isNone(control)) return stopped
  const { pid, port } = control.value
  return yield* HttpClient.get(`http://127.0.0.1:${port}/health`).pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(LocalHealth)),
    Effect.timeout(timeout),
    // The port may be another's by now, and so may the process id.
    Effect.map((health): LocalDaemon =>
      health.pid === pid ? { _tag: "Here", control: control.value, health } : stopped
    ),
    Effect.catch((error) =>
      Effect.sync((): LocalDaemon => !isRefused(error) && isAlive(pid) ? { _tag: "Silent", pid } : stopped)
    )
  )
})

const stopped: LocalDaemon = { _tag: "Stopped" }

/** Asks it to end. True: it said that it will. */
export const askToStop = ({ port, token }: ControlFile) =>
  HttpClientRequest.post(`http://127.0.0.1:${port}/shutdown`).pipe(
    HttpClientRequest.bearerToken(token),
    HttpClient.execute,
    Effect.map(({ status }) => status === 200),
    Effect.timeout(timeout),
    Effect.orElseSucceed(() => false)
  )

/** A daemon is there but does not answer on its local port. */
export const silent = (pid: number) =>
  new Failure({
    class: "unanswered",
    code: "daemon_silent",
    sentence: `the daemon (process ${pid}) does not answer on its local port`,
    next: `see its log: muster daemon logs; end it: kill ${pid}`,
    details: { status: "silent", pid }
  })
