import type { Api } from "@muster/domain"
import { Effect } from "effect"
import { Failure } from "../failure/Failure.ts"

/** The minimum length of an id's prefix: shorter ones match by chance. */
const minPrefixLength = 4

const matchers: ReadonlyArray<(runtime: Api.RuntimeRecord, text: string) => boolean> = [
  ({ id }, text) => id === text,
  ({ name }, text) => name.toLowerCase() === text,
  ({ provider }, text) => provider.toLowerCase() === text,
  ({ id }, text) => text.length >= minPrefixLength && id.startsWith(text)
]

const describe = ({ id, name, status }: Api.RuntimeRecord) => `${name} (${status}, ${id.slice(0, 8)})`

const maxListed = 5
const listed = (texts: ReadonlyArray<string>) =>
  texts.length <= maxListed
    ? texts.join(", ")
    : `${texts.slice(0, maxListed).join(", ")} and ${texts.length - maxListed} more`

const ambiguous = (text: string, matches: ReadonlyArray<Api.RuntimeRecord>) =>
  new Failure({
    class: "usage",
    code: "ambiguous_runtime",
    sentence: `"${text}" matches ${matches.length} runtimes: ${listed(matches.map(describe))}`,
    next: `choose one by its id, for example: ${matches[0]!.id.slice(0, 8)}`,
    details: { candidates: matches.map(({ id, name, provider, status }) => ({ id, name, provider, status })) }
  })

const unknown = (text: string, runtimes: ReadonlyArray<Api.RuntimeRecord>) =>
  new Failure({
    class: "notFound",
    code: "runtime_not_found",
    sentence: runtimes.length === 0
      ? `there is no runtime "${text}": the workspace has no runtimes yet`
      : `there is no runtime "${text}"; available: ${listed([...new Set(runtimes.map(({ provider }) => provider))])}`,
    next: runtimes.length === 0
      ? "start a daemon on a machine with an agent CLI: muster daemon"
      : "list them: muster runtimes"
  })

/**
 * Finds a runtime by id, name, provider or the first characters of its id, in this order. If several match, returns the only
 * one that is online.
 */
export const findRuntime = (
  runtimes: ReadonlyArray<Api.RuntimeRecord>,
  asked: string
): Effect.Effect<Api.RuntimeRecord, Failure> => {
  const text = asked.trim().toLowerCase()
  for (const isMatch of matchers) {
    const matches = runtimes.filter((runtime) => isMatch(runtime, text))
    const online = matches.filter(({ status }) => status === "online")
    if (matches.length === 1) return Effect.succeed(matches[0]!)
    if (online.length === 1) return Effect.succeed(online[0]!)
    if (matches.length > 1) return Effect.fail(ambiguous(asked, matches))
  }
  return Effect.fail(unknown(asked, runtimes))
}
