import type { RuntimeRecord } from "@muster/domain"
import { Effect } from "effect"
import { Failure } from "../failure/Failure.ts"

/** An id's first characters name it from this many on: fewer fit too much by chance. */
const shortestPrefix = 4

const matchers: ReadonlyArray<(runtime: RuntimeRecord, text: string) => boolean> = [
  ({ id }, text) => id === text,
  ({ name }, text) => name.toLowerCase() === text,
  ({ provider }, text) => provider.toLowerCase() === text,
  ({ id }, text) => text.length >= shortestPrefix && id.startsWith(text)
]

const describe = ({ id, name, status }: RuntimeRecord) => `${name} (${status}, ${id.slice(0, 8)})`

const maxListed = 5
const listed = (words: ReadonlyArray<string>) =>
  words.length <= maxListed
    ? words.join(", ")
    : `${words.slice(0, maxListed).join(", ")} and ${words.length - maxListed} more`

const ambiguous = (text: string, matches: ReadonlyArray<RuntimeRecord>) =>
  new Failure({
    class: "usage",
    code: "ambiguous_runtime",
    sentence: `"${text}" fits ${matches.length} runtimes: ${listed(matches.map(describe))}`,
    next: `say which by its id, such as: ${matches[0]!.id.slice(0, 8)}`,
    details: { candidates: matches.map(({ id, name, provider, status }) => ({ id, name, provider, status })) }
  })

const unknown = (text: string, runtimes: ReadonlyArray<RuntimeRecord>) =>
  new Failure({
    class: "notFound",
    code: "runtime_not_found",
    sentence: runtimes.length === 0
      ? `there is no runtime "${text}": the workspace has none yet`
      : `there is no runtime "${text}"; there are: ${listed([...new Set(runtimes.map(({ provider }) => provider))])}`,
    next: runtimes.length === 0
      ? "start a daemon on a machine with an agent CLI: muster daemon"
      : "see them all: muster runtimes"
  })

/**
 * The runtime that a person means: by id, name, provider or the first characters of an id, in this order. Where several
 * fit, the only one of them that is online.
 */
export const findRuntime = (
  runtimes: ReadonlyArray<RuntimeRecord>,
  asked: string
): Effect.Effect<RuntimeRecord, Failure> => {
  const text = asked.trim().toLowerCase()
  for (const fits of matchers) {
    const matches = runtimes.filter((runtime) => fits(runtime, text))
    const online = matches.filter(({ status }) => status === "online")
    if (matches.length === 1) return Effect.succeed(matches[0]!)
    if (online.length === 1) return Effect.succeed(online[0]!)
    if (matches.length > 1) return Effect.fail(ambiguous(asked, matches))
  }
  return Effect.fail(unknown(asked, runtimes))
}
