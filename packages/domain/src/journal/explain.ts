import { deadlineOf, expiryOf, isTerminal, type Request, statusOf } from "../request/Request.ts"
import type { Transport } from "../runtime/Transport.ts"
import type { Coming, ExplainFacts, Explanation } from "./Explanation.ts"

/** A duration for people: `12 s`, `3 min`, `2 h`, `5 d`. */
export const span = (ms: number): string => {
  const s = Math.max(0, Math.round(ms / 1_000))
  if (s < 120) return `${s} s`
  if (s < 7_200) return `${Math.floor(s / 60)} min`
  return s < 172_800 ? `${Math.floor(s / 3_600)} h` : `${Math.floor(s / 86_400)} d`
}

/** The same for short durations: `18 ms`. */
const lapse = (ms: number): string => ms < 1_000 ? `${Math.max(0, ms)} ms` : span(ms)

const over: Record<Transport, string> = { socket: "over the socket", beat: "with a beat" }
const times = (n: number) => n === 1 ? "once" : n === 2 ? "twice" : `${n} times`

const nameOf = ({ entry, runtime }: ExplainFacts) =>
  runtime._tag === "Found" ? runtime.name : entry.runtimeName ?? "its runtime"

const created = (facts: ExplainFacts): string => {
  const { entry, now } = facts
  const on = entry.createdOn === null ? "" : ` at ${entry.createdOn}`
  return `This ${entry.kind.replaceAll("_", " ")} request to ${nameOf(facts)} was made ${
    span(now - entry.createdAt)
  } ago${on}.`
}

const presence = ({ heard, now, replica }: ExplainFacts): string => {
  if (heard === null) return "it is not known where its daemon is connected"
  const where = heard.on === replica ? `this replica (${replica})` : `the replica ${heard.on}`
  const since = `${span(now - heard.since)} ago`
  switch (heard.via) {
    case "socket":
      return `its socket to ${where} was opened ${since}`
    case "beat":
      return `it has no socket and beats over HTTP at ${where}, first ${since}`
    case null:
      return `its socket to ${where} ended ${since}`
  }
}

const runtime = (facts: ExplainFacts): string => {
  const { now } = facts
  const known = facts.runtime
  if (known._tag === "Gone") return "Its runtime has been removed."
  if (known._tag === "Unknown") return "It is not known whether its runtime is online."
  const lag = known.beatLag === 0 ? "" : `, or up to ${span(known.beatLag)} later`
  const beat = known.lastBeatAt === null
    ? "no beat has arrived yet"
    : `its last beat was ${span(now - known.lastBeatAt)} ago${lag}`
  return `${known.name} is ${known.status}: ${beat}, and ${presence(facts)}.`
}

const deliveries = ({ entry, now }: ExplainFacts): string => {
  const last = entry.deliveries.at(-1)
  if (last === undefined) return "It has not been delivered."
  const latest = `${over[last.via]} by ${last.on}, ${span(now - last.at)} ago`
  return entry.deliveries.length === 1
    ? `It was delivered ${latest}.`
    : `It was delivered ${times(entry.deliveries.length)}, the last time ${latest}.`
}

const ending = ({ entry, now, request }: ExplainFacts): string => {
  const { createdAt, state, updatedAt } = request
  const when = `${span(now - updatedAt)} ago, ${lapse(updatedAt - createdAt)} after it was made`
  const on = entry.end === null ? "" : ` (reported to ${entry.end.on})`
  switch (state._tag) {
    case "Completed":
      return `It was completed ${when}${on}.`
    case "Failed":
      return `It failed on the machine ${when}${on}: ${state.error || "no reason was given"}.`
    case "TimedOut":
      return `${
        state.startedAt === null
          ? "It timed out before any daemon picked it up"
          : "It timed out after it was delivered: no report arrived"
      }, ${when}.`
    default:
      return ""
  }
}

/** How a waiting request reaches its daemon. */
const pickUp = (facts: ExplainFacts): ReadonlyArray<Coming> => {
  const { beatEvery, heard, now } = facts
  const known = facts.runtime
  if (known._tag !== "Found" || known.status === "offline") return []
  const lastBeat = known.lastBeatAt ?? now
  const beatAt = known.beatLag === 0 ? Math.max(now, lastBeat + beatEvery) : now + beatEvery
  const late = now - lastBeat > 2 * beatEvery + known.beatLag
  const beat: Coming = {
    what: "beat",
    at: beatAt,
    text: late
      ? "the next beat delivers it; the last ones did not arrive"
      : `the next beat delivers it, within ${span(beatAt - now)}`
  }
  return heard?.via === "socket"
    ? [{ what: "wake", at: now, text: "its daemon is notified over the socket immediately" }, beat]
    : [beat]
}

const redelivery = ({ now }: ExplainFacts, { state, terms }: Request): ReadonlyArray<Coming> => {
  if (state._tag !== "Running" || state.deliveries >= terms.deliveries) return []
  const at = state.deliveredAt + terms.redeliverAfter
  const text = at > now
    ? `without a report it is delivered again with the first beat or wake after ${span(at - now)}`
    : "the next beat or wake delivers it again"
  return [{ what: "redelivery", at: Math.max(at, now), text }]
}

const coming = (facts: ExplainFacts): ReadonlyArray<Coming> => {
  const { now, request } = facts
  if (isTerminal(request)) {
    const at = expiryOf(request)
    return at < now ? [] : [{ what: "forgotten", at, text: `its record is kept for another ${span(at - now)}` }]
  }
  const deadline = deadlineOf(request) ?? now
  const waits = request.state._tag === "Pending"
  const limit: Coming = {
    what: "limit",
    at: deadline,
    text: `${waits ? "if no daemon picks it up" : "if no report arrives"}, it times out in ${span(deadline - now)}`
  }
  const all = [...waits ? pickUp(facts) : redelivery(facts, request), limit]
  return all.filter(({ at }) => Number.isFinite(at))
}

const next = (facts: ExplainFacts, all: ReadonlyArray<Coming>): string => {
  if (all.length === 0) return ""
  const waits = facts.request.state._tag === "Pending"
  const known = facts.runtime
  const stuck = waits && (known._tag === "Gone" || (known._tag === "Found" && known.status === "offline"))
  const parts = [
    ...stuck ? ["it cannot be delivered while no daemon beats for its runtime"] : [],
    ...all.map(({ text }) => text)
  ]
  const text = parts.join("; ")
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`
}

/** Explains why a request waits or how it ended. States explicitly what is not known. */
export const explain = (facts: ExplainFacts): Explanation => {
  const all = coming(facts)
  const ended = isTerminal(facts.request)
  const sentences = [
    created(facts),
    ...ended ? [deliveries(facts), ending(facts)] : [runtime(facts), deliveries(facts)],
    next(facts, all)
  ]
  return {
    status: statusOf(facts.request),
    text: sentences.filter((sentence) => sentence !== "").join(" "),
    coming: all
  }
}
