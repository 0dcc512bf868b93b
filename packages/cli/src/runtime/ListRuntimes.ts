import type { Api } from "@muster/domain"
import { Clock, Console, Effect, type Option } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { call } from "../api/Call.ts"
import { openSession } from "../api/Session.ts"
import { type Style, style } from "../output/Style.ts"
import { ago } from "../output/Text.ts"
import { jsonText } from "../output/Text.ts"
import { printable } from "../output/Text.ts"
import { table } from "../output/Text.ts"
import { runtimeJson, versionOf } from "./RuntimeJson.ts"
import { secondDaemons } from "./SecondDaemons.ts"

const headings = ["NAME", "PROVIDER", "VERSION", "STATUS", "LAST SEEN", "ID"]

const row = (now: number, { dim, green }: Style) => (runtime: Api.RuntimeRecord) => [
  printable(runtime.name),
  printable(runtime.provider),
  printable(versionOf(runtime)) || "–",
  runtime.status === "online" ? green("online") : dim("offline"),
  ago(runtime.lastSeenAt, now),
  runtime.id
]

/** `muster runtimes`: lists the runtimes of the workspace, online ones first. */
export const listRuntimes = Effect.fn("listRuntimes")(function*(input: {
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  const { connection, muster } = yield* openSession(input.workspace)
  const runtimes = yield* muster.runtimes.list({ query: {} }).pipe(call(connection))
  if (input.json) return yield* Console.log(jsonText({ runtimes: runtimes.map(runtimeJson) }))
  if (runtimes.length === 0) {
    return yield* Console.error(
      "There are no runtimes yet.\nnext:  start a daemon on a machine with an agent CLI: muster daemon"
    )
  }
  const sorted = runtimes.toSorted((a, b) => Number(b.status === "online") - Number(a.status === "online"))
  const now = yield* Clock.currentTimeMillis
  yield* Console.log(table(headings, sorted.map(row(now, yield* style))))
  for (const note of secondDaemons(runtimes, now)) yield* Console.error(`note:  ${note}`)
}, Effect.provide(FetchHttpClient.layer))
