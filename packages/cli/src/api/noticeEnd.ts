import { Api } from "@muster/domain"
import { Clock, Console, Effect } from "effect"
import type { HttpClientResponse } from "effect/http"
import { plural } from "../output/Text.ts"
import { TokenNotice } from "./TokenNotice.ts"

const day = 86_400_000

/** Reports once per command on stderr that the token ends soon, if a response has its end. */
export const noticeEnd = ({ headers }: HttpClientResponse.HttpClientResponse) =>
  Effect.gen(function*() {
    const notice = yield* TokenNotice
    const end = Date.parse(headers[Api.tokenExpiresHeader] ?? "")
    if (notice.said || Number.isNaN(end)) return
    notice.said = true
    const days = Math.max(0, Math.ceil((end - (yield* Clock.currentTimeMillis)) / day))
    const date = new Date(end).toISOString().slice(0, 10)
    yield* Console.error(`warning: your token ends in ${plural(days, "day")}, on ${date}; renew it: muster token renew`)
  })
