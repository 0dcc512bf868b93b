import { Option, Predicate } from "effect"
import * as Uuid from "../id/Uuid.ts"
import type { Json } from "../request/Request.ts"
import type { RuntimeId } from "../runtime/Runtime.ts"

/** Maximum bytes of one frame: what a daemon may send, and what it must accept. Source: `docs/protocol.md` 6.3, 6.4. */
export const maxFrameFromDaemon = 4_096
export const maxFrameToDaemon = 65_536

/** A frame from a daemon. */
export type DaemonFrame = {
  readonly type: "daemon:heartbeat"
  /** As the daemon wrote it: acks repeat it exactly. */
  readonly text: string
  readonly runtimeId: RuntimeId
  /** Whether the daemon supports batches. */
  readonly batches: boolean
  /** Whether the daemon supports the fields that pace it. */
  readonly paces: boolean
}

/** A frame from a server. `work` holds the ack's fields that carry requests. */
export type ServerFrame =
  | {
    readonly type: "ack"
    readonly runtimeId: RuntimeId
    readonly gone: boolean
    /** Present only if true: another machine uses the id of this daemon. */
    readonly second?: boolean
    readonly fields: Json
  }
  | { readonly type: "task_available"; readonly runtimeId: RuntimeId }
  /** There may be work for this runtime: beat to get it. From servers since v0.4.14. */
  | { readonly type: "pending_work"; readonly runtimeId: RuntimeId }

const envelope = (frame: string): { readonly type: unknown; readonly payload: Record<string, unknown> } | undefined => {
  const value = parseJson(frame)
  if (!Predicate.isObject(value)) return undefined
  const { payload, type } = value as Record<string, unknown>
  return Predicate.isObject(payload) ? { type, payload: payload as Record<string, unknown> } : undefined
}

/** Parses JSON; undefined: the text is not valid JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const runtimeIdOf = (payload: Record<string, unknown>): RuntimeId | undefined => {
  const id = payload["runtime_id"]
  const canonical = typeof id === "string" ? Uuid.parse(id) : undefined
  return canonical as RuntimeId | undefined
}

/** A frame from a daemon. None: not JSON, of an unknown type or malformed; such frames are ignored. */
export const readDaemonFrame = (frame: string): Option.Option<DaemonFrame> => {
  const read = envelope(frame)
  if (read === undefined || read.type !== "daemon:heartbeat") return Option.none()
  const runtimeId = runtimeIdOf(read.payload)
  if (runtimeId === undefined) return Option.none()
  return Option.some({
    type: "daemon:heartbeat",
    text: read.payload["runtime_id"] as string,
    runtimeId,
    batches: read.payload["supports_batch_import"] === true,
    paces: read.payload["supports_pacing"] === true
  })
}

/** A frame from a server. None: not JSON, of an unknown type or malformed; such frames are ignored. */
export const readServerFrame = (frame: string): Option.Option<ServerFrame> => {
  const read = envelope(frame)
  if (read === undefined) return Option.none()
  const runtimeId = runtimeIdOf(read.payload)
  if (runtimeId === undefined) return Option.none()
  if (read.type === "daemon:task_available") return Option.some({ type: "task_available", runtimeId })
  if (read.type === "daemon:pending_work") return Option.some({ type: "pending_work", runtimeId })
  if (read.type !== "daemon:heartbeat_ack") return Option.none()
  const gone = read.payload["runtime_gone"] === true
  const second = read.payload["status"] === "second_daemon"
  if (!gone && !second && read.payload["status"] !== "ok") return Option.none()
  return Option.some({ type: "ack", runtimeId, gone, ...(second && { second }), fields: read.payload as Json })
}

/** What our daemon supports in an ack beyond v0.3.1, as its beats declare over both transports. */
export const capabilities = { supports_batch_import: true, supports_pacing: true } as const

export const heartbeatFrame = (runtimeId: RuntimeId): string =>
  JSON.stringify({ type: "daemon:heartbeat", payload: { runtime_id: runtimeId, ...capabilities } })

/**
 * The ack of a beat. `text` is the runtime's id as the daemon wrote it; `work` as `Ack.write` made it; `timing` only
 * for a daemon that supports it.
 */
export const ackFrame = (text: string, work: Json, timing: Json = {}): string =>
  JSON.stringify({ type: "daemon:heartbeat_ack", payload: { runtime_id: text, status: "ok", ...work, ...timing } })

/** The hint that a runtime may have a task to claim, or an order about one. Source: `docs/protocol.md` 6.4. */
export const taskAvailableFrame = (text: string): string =>
  JSON.stringify({ type: "daemon:task_available", payload: { runtime_id: text } })

/** The reply to the beat of a second machine that uses the id of another daemon; see `Instances`. */
export const secondDaemonFrame = (text: string): string =>
  JSON.stringify({ type: "daemon:heartbeat_ack", payload: { runtime_id: text, status: "second_daemon" } })

/** The field of an ack that notifies a daemon that a second machine used its id. */
export const secondDaemonNotice = { second_daemon: true } as const

export const goneFrame = (text: string): string =>
  JSON.stringify({
    type: "daemon:heartbeat_ack",
    payload: { runtime_id: text, status: "runtime_gone", runtime_gone: true }
  })
