import { Api, Task, type TaskEvent } from "@muster/domain"
import { Deferred, Effect, Schema } from "effect"

/** What is kept of the end of a log, for all readers of its task. Older entries are read from the store. */
const kept = { events: 1_000, bytes: 256 * 1024 }

const encoder = new TextEncoder()
const encodeItem = Schema.encodeSync(Schema.fromJsonString(Api.TaskStreamItem))

/** One server-sent event. `id` is what a reader sends back as `Last-Event-ID`. */
const frameOf = (item: Api.TaskStreamItem, id?: number): Uint8Array =>
  encoder.encode(`${id === undefined ? "" : `id: ${id}\n`}data: ${encodeItem(item)}\n\n`)

/** An event, encoded once for all readers. */
interface Entry {
  readonly offset: number
  readonly frame: Uint8Array
}

/** Entries of a log that are not kept here, and the offset of the first one that the store still has. */
export interface OlderEntries {
  readonly entries: ReadonlyArray<Entry>
  readonly first: number
}

export const entriesOf = (events: ReadonlyArray<TaskEvent.TaskEvent>): ReadonlyArray<Entry> =>
  events.map((event) => ({ offset: event.offset, frame: frameOf({ type: "event", event }, event.offset) }))

/** What a reader has received: the offset of the last event, and the version of the record (empty: none). */
export interface Position {
  readonly after: number
  readonly version: string
}

/** What a reader receives next. `position` undefined: the stream ends. */
export interface Step {
  readonly frames: ReadonlyArray<Uint8Array>
  readonly position: Position | undefined
}

/** A change of the record that readers are told: its status, and the claim. */
const versionOf = (task: Task.Task) => `${Task.statusOf(task)} ${task.epoch}`

/**
 * A task and the end of its log in memory, for all of its readers on this replica. One writer adds what the store has;
 * readers take from it at their own pace, so no reader delays the writer or another reader, whatever their number.
 */
export class FollowedTask {
  private entries: Array<Entry> = []
  private bytes = 0
  private version = ""
  private shown:
    | { readonly record: Api.TaskRecord; readonly frame: Uint8Array; readonly isTerminal: boolean }
    | undefined
  private hasEnded = false
  private change = Deferred.makeUnsafe<void>()
  /** The offset of the last event. */
  last: number
  /** The first kept entry follows this offset. */
  private before: number

  constructor(last: number) {
    this.last = last
    this.before = last
  }

  /** Whether a new version of the record has to be shown. */
  differs(task: Task.Task): boolean {
    return versionOf(task) !== this.version
  }

  show(task: Task.Task, record: Api.TaskRecord): void {
    this.version = versionOf(task)
    this.shown = { record, frame: frameOf({ type: "task", task: record }), isTerminal: Task.isTerminal(task) }
    this.changed()
  }

  add(events: ReadonlyArray<TaskEvent.TaskEvent>): void {
    for (const entry of entriesOf(events)) {
      this.entries.push(entry)
      this.bytes += entry.frame.length
      this.last = entry.offset
    }
    let drop = 0
    while (this.entries.length - drop > kept.events || this.bytes > kept.bytes) {
      const { frame, offset } = this.entries[drop++]!
      this.bytes -= frame.length
      this.before = offset
    }
    this.entries = this.entries.slice(drop)
    this.changed()
  }

  /** The task has ended, and its log is complete. */
  end(): void {
    this.hasEnded = true
    this.changed()
  }

  /** Completes with the next change. Take it before `stepFrom`, so that no change is missed. */
  get next(): Effect.Effect<void> {
    return Deferred.await(this.change)
  }

  /** Whether the reader needs entries that are no longer kept here. */
  isBefore({ after }: Position): boolean {
    return after < this.before
  }

  /** What a reader at this position receives; without `older`, which it needs where `isBefore`, from what is kept. */
  stepFrom({ after, version }: Position, older?: OlderEntries): Step {
    const frames: Array<Uint8Array> = []
    const first = older?.first ?? 0
    if (first > after + 1) frames.push(frameOf({ type: "gap", after, first }))
    const known = older?.entries ?? this.entries
    // From the end, where nearly every reader is.
    const entries = known.slice(known.findLastIndex(({ offset }) => offset <= after) + 1)
    const reached = entries.at(-1)?.offset ?? (older === undefined ? after : Math.max(after, first - 1, this.before))
    frames.push(...entries.map(({ frame }) => frame))
    const isComplete = reached >= this.last
    const tells = this.shown !== undefined && version !== this.version &&
      (version === "" || isComplete || !this.shown.isTerminal)
    // The end of the task follows its last event; every other status precedes the events that were read with it.
    if (tells && this.shown !== undefined) {
      if (this.shown.isTerminal && version !== "") frames.push(this.shown.frame)
      else frames.unshift(this.shown.frame)
    }
    if (!this.hasEnded || !isComplete || this.shown === undefined) {
      return { frames, position: { after: reached, version: tells ? this.version : version } }
    }
    frames.push(frameOf({ type: "end", task: this.shown.record }))
    return { frames, position: undefined }
  }

  private changed(): void {
    const { change } = this
    this.change = Deferred.makeUnsafe()
    Deferred.doneUnsafe(change, Effect.void)
  }
}
