import { Schema } from "effect"
import { ModelList } from "../request/kinds/ModelList.ts"
import { Ping } from "../request/kinds/Ping.ts"
import { refusedReport } from "../request/limitTexts.ts"
import type { Request } from "../request/Request.ts"
import type { CliAttempt, CliHealth } from "../runtime/CliHealth.ts"
import { CliVerdict } from "../runtime/CliVerdict.ts"
import { plainText } from "../text/PlainText.ts"

/** The maximum characters of the text of an attempt. */
const maxText = 300

const attempt = (at: number, outcome: CliAttempt["outcome"], text: unknown): CliAttempt => ({
  at,
  outcome,
  text: plainText(typeof text === "string" ? text : "", maxText)
})

/** A daemon's failure has no verdict on the wire. Its texts for a slow CLI: `ModelCatalogs` of the daemon. */
const isSlow = (error: string) => / is slow: /.test(error)

const useOf = ({ state, updatedAt }: Request): CliAttempt | null => {
  if (state._tag === "Failed") {
    if (state.error.startsWith(refusedReport(""))) return null
    return attempt(updatedAt, isSlow(state.error) ? "slow" : "unable", state.error)
  }
  if (state._tag !== "Completed") return null
  switch (state.result["source"]) {
    case "live":
      return attempt(updatedAt, "worked", "")
    case "fallback":
      return attempt(updatedAt, "unable", "it runs and did not list its models")
    // A list without a source may be a fixed list of the daemon, as with v0.3.1.
    default:
      return null
  }
}

const isVerdict = Schema.is(CliVerdict)

const startOf = ({ state, updatedAt }: Request): CliAttempt | null => {
  if (state._tag !== "Completed") return null
  const { cli_error, cli_verdict, cli_version } = state.result
  return typeof cli_version === "string"
    ? attempt(updatedAt, "worked", cli_version)
    : attempt(
      updatedAt,
      isVerdict(cli_verdict) ? cli_verdict : "broken",
      cli_error ?? "the CLI did not report its version"
    )
}

/** Returns what the end of a request shows about the runtime's CLI; undefined: nothing. A timeout shows nothing. */
export const attemptOf = (request: Request): Partial<CliHealth> | undefined => {
  const [used, started] = [
    request.kind === ModelList.name ? useOf(request) : null,
    request.kind === Ping.name ? startOf(request) : null
  ]
  return used !== null ? { used } : started !== null ? { started } : undefined
}
