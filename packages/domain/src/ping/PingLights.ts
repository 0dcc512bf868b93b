import { Ping } from "../request/kinds/Ping.ts"
import type { RequestStatus } from "../request/Request.ts"
import * as Capabilities from "../runtime/Capabilities.ts"
import type { CliVerdict } from "../runtime/CliVerdict.ts"
import type { Transport } from "../runtime/Transport.ts"

/** `slow`: no answer in time, which says nothing against it. `unknown`: an earlier light is out, so this one could not be looked at. */
export interface Light {
  readonly state: "ok" | "slow" | "broken" | "unknown"
  /** A few words for people. */
  readonly text: string
}

/** What is broken where; the first of these that holds. `unpingable`: nothing is, but its daemon does not know pings. */
export type PingVerdict = "well" | "offline" | "unpingable" | "deaf" | "silent" | "slowCli" | "brokenCli"

/** How a runtime is, after a ping: whether it gives signs of life, whether it hears, and whether its CLI can be run. */
export interface PingLights {
  readonly verdict: PingVerdict
  /** All of it in a few words. */
  readonly text: string
  readonly transport: Light
  readonly receive: Light
  readonly execution: Light
}

/** What a ping's public record says, as far as the lights need it. Times are epoch ms of the server's clock. */
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
const slow = (text: string): Light => ({ state: "slow", text })
const unknown: Light = { state: "unknown", text: "not known" }

const over: Record<Transport, string> = { socket: "over its socket", beat: "with a beat" }

/** Of a runtime that the server would not even ask. */
export const offline: PingLights = {
  verdict: "offline",
  text: "offline",
  transport: broken("gives no sign of life"),
  receive: unknown,
  execution: unknown
}

const online = ok("gives signs of life")

/**
 * The lights of a runtime that is not to be asked: it is offline, or its daemon is known not to know pings, as one of v0.3.1.
 * Undefined: a ping tells.
 */
export const withoutPing = (
  { metadata, status }: { readonly status: string; readonly metadata: Readonly<Record<string, unknown>> }
): PingLights | undefined => {
  if (status === "offline") return offline
  if (!Capabilities.lacks(metadata, Ping.asking.needs.capability)) return undefined
  const version = Capabilities.daemonVersionOf(metadata)
  return {
    verdict: "unpingable",
    text: "cannot be pinged",
    transport: online,
    receive: { state: "unknown", text: `its daemon${version === "" ? "" : ` (${version})`} does not know pings` },
    execution: unknown
  }
}

/** The milliseconds that a ping was under way, there and back: its whole time but for what it was held for. */
export const wayOf = ({ createdAt, held_ms, updatedAt }: PingAnswer): number =>
  Math.max(0, updatedAt - createdAt - (held_ms ?? 0))

const answered = (answer: PingAnswer): PingLights => {
  const { cli_error, cli_ms, cli_verdict, cli_version, transport } = answer
  const way = transport === undefined ? "" : ` ${over[transport]}`
  const receive = ok(`was reached${way}: ${wayOf(answer)} ms there and back`)
  if (cli_version === undefined && cli_verdict === "slow") {
    return {
      verdict: "slowCli",
      text: "reachable; its CLI is slow to answer",
      transport: online,
      receive,
      execution: slow(cli_error ?? "the CLI did not answer in time")
    }
  }
  return cli_version === undefined
    ? {
      verdict: "brokenCli",
      text: "reachable, but its CLI is broken",
      transport: online,
      receive,
      execution: broken(cli_error ?? "the CLI did not say its version")
    }
    : {
      verdict: "well",
      text: "well",
      transport: online,
      receive,
      execution: ok(`${cli_version}${cli_ms === undefined ? "" : `, in ${cli_ms} ms`}`)
    }
}

/** What a ping that has ended says of its runtime; undefined while it is under way. */
export const fromPing = (answer: PingAnswer): PingLights | undefined => {
  switch (answer.status) {
    case "pending":
    case "running":
      return undefined
    case "completed":
      return answered(answer)
    case "failed":
      return {
        verdict: "brokenCli",
        text: "reachable, but it could not look at its CLI",
        transport: online,
        receive: ok("was reached"),
        execution: broken(answer.error ?? "it gave no reason")
      }
    case "timeout":
      return answer.error === Ping.terms.texts.pending
        ? {
          verdict: "deaf",
          text: "online, but deaf",
          transport: online,
          receive: broken(`picked nothing up within ${Ping.terms.pending / 1_000} s`),
          execution: unknown
        }
        : {
          verdict: "silent",
          // It was sent to it: whether it arrived at a machine that sleeps nobody knows.
          text: "online, but it did not answer",
          transport: online,
          receive: broken(`was sent the ping and did not answer within ${Ping.terms.running / 1_000} s`),
          execution: unknown
        }
  }
}
