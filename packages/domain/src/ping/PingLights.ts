import { Ping } from "../request/kinds/Ping.ts"
import type { RequestStatus } from "../request/Request.ts"
import * as Capabilities from "../runtime/Capabilities.ts"
import { afterAttempt, type CliAttempt, type CliHealth, decidingAttempt, unknownCli } from "../runtime/CliHealth.ts"
import type { CliVerdict } from "../runtime/CliVerdict.ts"
import type { Transport } from "../runtime/Transport.ts"

export * from "./attemptOf.ts"

/**
 * `starts`: the CLI starts (`--version`) and has not been used yet. `slow`: no answer in time, which is not a failure.
 * `unable`: it starts and did not do what was requested. `broken`: it does not work. `unknown`: an earlier light is
 * out, or nothing was tried.
 */
export type LightState = "ok" | "starts" | "slow" | "unable" | "broken" | "unknown"

export interface Light {
  readonly state: LightState
  /** A few words for people. */
  readonly text: string
  /** When this was observed, in epoch ms; absent: just now, or it has no time. */
  readonly at?: number
}

/**
 * The part that fails: the first of these that applies. `unpingable`: none, but its daemon does not support pings.
 * `unableCli`: the CLI starts, and its last use failed.
 */
export type PingVerdict =
  | "well"
  | "offline"
  | "unpingable"
  | "notReceiving"
  | "silent"
  | "slowCli"
  | "unableCli"
  | "brokenCli"

/** The state of a runtime after a ping: whether it beats, whether it receives work, and whether its CLI runs. */
export interface PingLights {
  readonly verdict: PingVerdict
  /** A summary in a few words. */
  readonly text: string
  readonly transport: Light
  readonly receive: Light
  readonly execution: Light
}

/** The fields of a ping's public record that the lights need. Times are epoch ms of the server's clock. */
export interface PingAnswer {
  readonly status: RequestStatus
  readonly error?: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly transport?: Transport
  readonly held_ms?: number
  readonly cli_version?: string
  readonly cli_error?: string
  readonly cli_verdict?: CliVerdict
  readonly cli_ms?: number
}

const ok = (text: string): Light => ({ state: "ok", text })
const broken = (text: string): Light => ({ state: "broken", text })
const unknown: Light = { state: "unknown", text: "not known" }

const over: Record<Transport, string> = { socket: "over its socket", beat: "with a beat" }

/** A runtime that the server would refuse to ping. */
export const offline: PingLights = {
  verdict: "offline",
  text: "offline",
  transport: broken("no heartbeats"),
  receive: unknown,
  execution: unknown
}

const online = ok("heartbeats arrive")

/** The fields of a runtime's record that the lights need. */
export interface LitRuntime {
  readonly status: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly cli?: CliHealth | null
}

const outcomeStates: Readonly<Record<CliAttempt["outcome"], LightState>> = {
  worked: "ok",
  slow: "slow",
  unable: "unable",
  broken: "broken"
}

/** Light 3: the result of the last use of the CLI or, without one, whether it starts. */
export const executionLight = (cli: CliHealth | null): Light => {
  const deciding = decidingAttempt(cli ?? unknownCli)
  if (deciding === null) return { state: "unknown", text: "not used yet" }
  const { attempt: { at, outcome, text }, kind } = deciding
  if (outcome !== "worked") return { state: outcomeStates[outcome], text, at }
  return kind === "used"
    ? { state: "ok", text: "listed its models", at }
    : { state: "starts", text: `starts (${text}); not used yet`, at }
}

/**
 * The lights of a runtime that cannot be pinged: it is offline, or its daemon does not support pings, such as v0.3.1.
 * Undefined: a ping can be sent.
 */
export const withoutPing = ({ cli = null, metadata, status }: LitRuntime): PingLights | undefined => {
  if (status === "offline") return offline
  if (!Capabilities.lacks(metadata, Ping.asking.needs.capability)) return undefined
  const version = Capabilities.daemonVersionOf(metadata)
  return {
    verdict: "unpingable",
    text: "cannot be pinged",
    transport: online,
    receive: { state: "unknown", text: `its daemon${version === "" ? "" : ` (${version})`} does not support pings` },
    execution: executionLight(cli)
  }
}

/** The lights of a runtime without a ping: its heartbeats, and what its requests showed. */
export const unpinged = (runtime: LitRuntime): PingLights =>
  withoutPing(runtime) ?? {
    verdict: "well",
    text: "online; not checked yet",
    transport: online,
    receive: { state: "unknown", text: "not checked yet" },
    execution: executionLight(runtime.cli ?? null)
  }

/** The round-trip time of a ping in ms: its total time without the time that the daemon held it. */
export const wayOf = ({ createdAt, held_ms, updatedAt }: PingAnswer): number =>
  Math.max(0, updatedAt - createdAt - (held_ms ?? 0))

const verdicts: Readonly<Record<LightState, readonly [PingVerdict, string]>> = {
  ok: ["well", "well"],
  starts: ["well", "well"],
  slow: ["slowCli", "reachable; its CLI is slow to answer"],
  unable: ["unableCli", "reachable; its CLI starts, but its last use failed"],
  broken: ["brokenCli", "reachable, but its CLI does not run"],
  unknown: ["well", "well"]
}

/** A ping shows that the CLI starts; whether it executes is what its last use showed. */
const answered = (answer: PingAnswer, cli: CliHealth | null): PingLights => {
  const { cli_error, cli_ms, cli_verdict, cli_version, transport, updatedAt } = answer
  const way = transport === undefined ? "" : ` ${over[transport]}`
  const took = cli_ms === undefined ? "" : `, in ${cli_ms} ms`
  const started: CliAttempt = cli_version === undefined
    ? { at: updatedAt, outcome: cli_verdict ?? "broken", text: cli_error ?? "the CLI did not report its version" }
    : { at: updatedAt, outcome: "worked", text: `${cli_version}${took}` }
  const { at, ...found } = executionLight(afterAttempt(cli, { started }))
  // The result of this ping needs no time of its own.
  const execution: Light = at === undefined || at === started.at ? found : { ...found, at }
  const [verdict, text] = verdicts[execution.state]
  return {
    verdict,
    text: verdict === "unableCli" && cli_version === undefined ? "reachable, but its CLI cannot be used" : text,
    transport: online,
    receive: ok(`was reached${way}: ${wayOf(answer)} ms there and back`),
    execution
  }
}

/**
 * What a completed ping shows of its runtime, together with what is known of its CLI; undefined while it is not
 * settled.
 */
export const fromPing = (answer: PingAnswer, cli: CliHealth | null = null): PingLights | undefined => {
  switch (answer.status) {
    case "pending":
    case "running":
      return undefined
    case "completed":
      return answered(answer, cli)
    case "failed":
      return {
        verdict: "brokenCli",
        text: "reachable, but it could not check its CLI",
        transport: online,
        receive: ok("was reached"),
        execution: broken(answer.error ?? "it gave no reason")
      }
    case "timeout":
      return answer.error === Ping.terms.texts.pending
        ? {
          verdict: "notReceiving",
          text: "online, but not receiving work",
          transport: online,
          receive: broken(`picked nothing up within ${Ping.terms.pending / 1_000} s`),
          execution: unknown
        }
        : {
          verdict: "silent",
          // The request was sent; a sleeping machine may not have received it.
          text: "online, but it did not answer",
          transport: online,
          receive: broken(`was sent the ping and did not answer within ${Ping.terms.running / 1_000} s`),
          execution: unknown
        }
  }
}
