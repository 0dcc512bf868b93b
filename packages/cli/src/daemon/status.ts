import { Clock, Console, Effect } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { Failure } from "../failure/Failure.ts"
import { jsonText } from "../output/Json.ts"
import { style } from "../output/Style.ts"
import { folder } from "../profile/Home.ts"
import { findDaemon } from "./LocalDaemon.ts"
import { silent } from "./silent.ts"
import { statusText } from "./statusText.ts"

/** `muster daemon status`: how the daemon of this profile is, in its own words. */
export const daemonStatus = Effect.fnUntraced(function*(input: { readonly data: string; readonly json: boolean }) {
  const dataDir = yield* folder(input.data)
  const daemon = yield* findDaemon(dataDir)
  if (daemon._tag === "Silent") return yield* silent(daemon.pid)
  if (daemon._tag === "Stopped") {
    return yield* new Failure({
      class: "unanswered",
      code: "daemon_stopped",
      sentence: `no daemon runs for ${dataDir}`,
      next: "start one: muster daemon start",
      details: { status: "stopped" }
    })
  }
  yield* Console.log(
    input.json
      ? jsonText(daemon.health)
      : statusText(daemon.health, yield* Clock.currentTimeMillis, yield* style)
  )
}, Effect.provide(FetchHttpClient.layer))
