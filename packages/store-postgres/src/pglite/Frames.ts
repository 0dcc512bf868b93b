/** The frames of PostgreSQL's wire protocol that the bridge must distinguish. */

/** What a client's first packet asks for. */
export type Opening = "startup" | "cancel" | "ssl"

/** Frames up to one at which the server answers, and their effects that outlive the answer. */
export interface Batch {
  readonly bytes: Uint8Array
  readonly queries: ReadonlyArray<string>
  /** Names of statements that the session keeps from now on, and of those that it keeps no longer. */
  readonly prepared: ReadonlyArray<string>
  readonly closed: ReadonlyArray<string>
}

const codes: Record<number, Opening> = { 80877102: "cancel", 80877103: "ssl" }

/** Sync, Query, Flush, FunctionCall: after these the server answers. CopyDone and CopyFail end a copy. */
const ends = new Set(["S", "Q", "H", "F", "c", "f"])

/** The first packet, which has no type byte: its kind and length; undefined while it is incomplete. */
export const readOpening = (bytes: Buffer): { readonly opening: Opening; readonly length: number } | undefined => {
  if (bytes.length < 8 || bytes.length < bytes.readUInt32BE(0)) return undefined
  return { opening: codes[bytes.readUInt32BE(4)] ?? "startup", length: bytes.readUInt32BE(0) }
}

const terminated = (bytes: Buffer, from: number) => {
  const end = bytes.indexOf(0, from)
  return { text: bytes.toString("utf8", from, end), next: end + 1 }
}

interface Notes {
  readonly queries: Array<string>
  readonly prepared: Array<string>
  readonly closed: Array<string>
}

const emptyBatch = (): Notes => ({ queries: [], prepared: [], closed: [] })

/** Records the effects of a Query, Parse or Close frame beyond its answer. */
const note = (batch: Notes, type: string, body: Buffer): void => {
  if (type === "Q") batch.queries.push(terminated(body, 0).text)
  if (type === "C" && body[0] === 0x53) batch.closed.push(terminated(body, 1).text)
  if (type !== "P") return
  const name = terminated(body, 0)
  if (name.text !== "") batch.prepared.push(name.text)
  batch.queries.push(terminated(body, name.next).text)
}

/** An incomplete batch: its effects so far, and how many of its bytes are whole frames. */
export interface OpenBatch {
  readonly batch: Notes
  readonly read: number
}

/**
 * Complete batches at the start of what a client sent, and whether it sent a terminate message. `open` is the result of
 * an earlier call on the same bytes: frames that it has read are not read again.
 */
export const readBatches = (bytes: Buffer, open?: OpenBatch) => {
  const batches: Array<Batch> = []
  let batch = open?.batch ?? emptyBatch()
  let start = 0
  let at = open?.read ?? 0
  while (bytes.length - at >= 5) {
    const type = String.fromCharCode(bytes[at]!)
    const next = at + 1 + bytes.readUInt32BE(at + 1)
    if (next > bytes.length) break
    if (type === "X") return { batches, rest: Buffer.alloc(0), open: { batch: emptyBatch(), read: 0 }, ended: true }
    note(batch, type, bytes.subarray(at + 5, next))
    at = next
    if (!ends.has(type)) continue
    batches.push({ ...batch, bytes: bytes.subarray(start, at) })
    batch = emptyBatch()
    start = at
  }
  return { batches, rest: bytes.subarray(start), open: { batch, read: at - start }, ended: false }
}

/** The parts of a server's answer: notifications, everything else, and the transaction status if present. */
export const readReply = (reply: Uint8Array) => {
  const bytes = Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength)
  const own: Array<Buffer> = []
  const notifications: Array<Buffer> = []
  let status: string | undefined
  for (let at = 0; at + 5 <= bytes.length;) {
    const message = bytes.subarray(at, at + 1 + bytes.readUInt32BE(at + 1))
    const type = String.fromCharCode(message[0]!)
    if (type === "Z") status = String.fromCharCode(message[5]!)
    if (type === "A") notifications.push(message)
    else own.push(message)
    at += message.length
  }
  return { own: Buffer.concat(own), notifications, status }
}

const frame = (type: string, body: Uint8Array): Buffer => {
  const head = Buffer.alloc(5)
  head.write(type, "latin1")
  head.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** A server's reply to an accepted client: authenticated, a key for cancelling, idle. */
export const greeting: Buffer = Buffer.concat([
  frame("R", new Uint8Array(4)),
  frame("K", new Uint8Array(8)),
  frame("Z", Buffer.from("I"))
])

/** A simple query. */
export const queryFrame = (text: string): Buffer => frame("Q", Buffer.from(`${text}\0`))

const sync = frame("S", new Uint8Array())

/** Closes prepared statements; a missing one is not an error. */
export const closeFrames = (names: Iterable<string>): Buffer =>
  Buffer.concat([...Array.from(names, (name) => frame("C", Buffer.from(`S${name}\0`))), sync])
