import { Api, Codec, PlainText, type Runtime, Store, Task, WireError } from "@muster/domain"
import { Effect, Schema } from "effect"
import { createHash } from "node:crypto"
import { posix, win32 } from "node:path"

/** What a person asks for, checked and normalized. */
export interface TaskInput extends Pick<Task.Task, "prompt" | "folder" | "model" | "policy" | "priority"> {
  readonly runtimeId: string
  /** The person's own concurrency key; null: none. */
  readonly key: string | null
}

const decode = Schema.decodeUnknownEffect(Api.CreateTask)

const promptFrom = Effect.fnUntraced(function*(text: string) {
  const prompt = Store.cleanText(text)
  if (prompt.trim() === "") return yield* WireError.required("prompt")
  const bytes = Buffer.byteLength(prompt)
  if (bytes <= Task.maxPrompt) return prompt
  return yield* new WireError.TooLarge({
    error: `prompt is larger than ${Task.maxPrompt / 1024} KiB (it has ${bytes} bytes): ` +
      "put long text into a file in the task's folder, and name the file in the prompt",
    code: "too_large"
  })
})

const drive = /^[A-Za-z]:[\\/]/
const oddPath = "must be an absolute path without `..` and control characters, such as /home/ana/project"

/** The path in one form, so that one folder has one key: no `.`, no repeated and no trailing separators. */
const folderFrom = Effect.fnUntraced(function*(text: string | null = null) {
  if (text === null || text === "") return null
  const isWindows = drive.test(text)
  const isPlain = PlainText.isPlainText(text) && text === text.toWellFormed()
  const goesUp = text.split(isWindows ? /[\\/]/ : "/").includes("..")
  if (!isPlain || goesUp || !(isWindows || text.startsWith("/"))) return yield* WireError.bad(`folder ${oddPath}`)
  const path = isWindows ? win32.normalize(text) : posix.normalize(text).replace(/^\/\//, "/")
  const root = isWindows ? 3 : 1
  return path.length > root ? path.replace(/[\\/]$/, "") : path
})

/** A model's id goes into a CLI's arguments, so it must not look like an option. */
const modelFrom = Effect.fnUntraced(function*(text: string | null = null) {
  const model = (text ?? "").trim()
  if (model === "") return null
  if (PlainText.isPlainText(model) && model === model.toWellFormed() && !model.startsWith("-")) return model
  return yield* WireError.bad("model must be one line without control characters, and must not begin with `-`")
})

const keyFrom = Effect.fnUntraced(function*(text: string | null | undefined, folder: string | null) {
  if (text == null) return null
  const key = text.trim()
  if (key === "" || !PlainText.isPlainText(key) || key !== key.toWellFormed()) {
    return yield* WireError.bad("key must be 1 to 200 characters on one line")
  }
  if (folder === null) return key
  return yield* WireError.bad("a task with a folder has the folder as its key: leave out key")
})

const priorityFrom = (priority = 0) =>
  priority >= -10 && priority <= 10
    ? Effect.succeed(priority)
    : Effect.fail(WireError.bad("priority must be -10 to 10"))

const unreadable = ({ issue }: Schema.SchemaError) => {
  const place = Codec.refusedBound(issue) ?? Codec.refusedPlace(issue)
  if (place.startsWith("it ")) return WireError.invalidBody()
  return place.startsWith("policy ")
    ? WireError.bad("policy must be `all` or `none`")
    : WireError.bad(place.replace(/^(\w+) is missing$/, "$1 is required"))
}

/** Returns what the body of a call asks for, or fails with the first thing that is wrong with it. */
export const readTask = Effect.fnUntraced(function*(body: unknown) {
  const read = yield* Effect.mapError(decode(body), unreadable)
  const folder = yield* folderFrom(read.folder)
  const input: TaskInput = {
    runtimeId: read.runtimeId,
    prompt: yield* promptFrom(read.prompt),
    folder,
    model: yield* modelFrom(read.model),
    policy: read.policy ?? "all",
    priority: yield* priorityFrom(read.priority),
    key: yield* keyFrom(read.key, folder)
  }
  return input
})

/**
 * The key of which at most one task is active: of a folder on one machine, or the person's own in the workspace. Null:
 * the task runs beside any other.
 */
export const keyOf = ({ folder, key }: TaskInput, { daemonId, workspaceId }: Runtime.Runtime): string | null => {
  if (folder !== null) return Task.folderKey(daemonId, folder)
  return key === null ? null : `key:${workspaceId}:${key}`
}

/** The key as the person wrote it; of a folder's task: the folder. */
export const shownKey = ({ folder, key, workspaceId }: Task.Task): string | null =>
  folder ?? (key === null ? null : key.replace(`key:${workspaceId}:`, ""))

/** A hash of what a task asks for: the same call again has the same one. */
export const fingerprintOf = ({ folder, key, model, policy, priority, prompt, runtimeId }: TaskInput): string =>
  createHash("sha256").update(JSON.stringify([runtimeId, prompt, folder, model, policy, priority, key])).digest("hex")
