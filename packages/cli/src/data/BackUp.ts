import { WireError } from "@muster/domain"
import { type Manifest, readBackup } from "@muster/server"
import { Console, Effect, FileSystem, Option, Redacted, Schema } from "effect"
import { HttpClient, HttpClientRequest, type HttpClientResponse } from "effect/http"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Stream from "effect/Stream"
import { call } from "../api/Call.ts"
import { Failure } from "../failure/Failure.ts"
import { jsonText } from "../output/Text.ts"
import { connection } from "../profile/Connection.ts"
import { folder } from "../profile/Home.ts"

/** How long a backup may take: as long as the server allows for its transfer, and the copy before. */
const timeout = "35 minutes"

const Refusal = Schema.Struct({ error: Schema.String, code: Schema.String })

const refusals = new Map<number, new(fields: typeof Refusal.Type) => WireError.WireError>([
  [401, WireError.Unauthenticated],
  [403, WireError.Forbidden],
  [409, WireError.Conflict]
])

/** The error of a response that is no backup. */
const refusalIn = Effect.fnUntraced(function*({ json, status }: HttpClientResponse.HttpClientResponse) {
  const said = Option.flatMap(yield* Effect.option(json), Schema.decodeUnknownOption(Refusal))
  const fields = Option.getOrElse(said, () => ({ error: `HTTP ${status}`, code: "server_fault" }))
  return yield* Effect.fail(new (refusals.get(status) ?? WireError.ServerFault)(fields))
})

const cannotWrite = (file: string) => (error: { readonly message: string }) =>
  new Failure({
    class: "other",
    code: "file_unusable",
    sentence: `cannot write ${file}: ${error.message}`,
    next: "give another file"
  })

const exists = (file: string) =>
  new Failure({
    class: "usage",
    code: "file_exists",
    sentence: `${file} exists already, and a backup replaces no file`,
    next: "give another name, such as one with the date"
  })

/** Downloads the backup to this file. */
const download = Effect.fnUntraced(function*(to: string) {
  const fs = yield* FileSystem.FileSystem
  const server = yield* connection
  const request = HttpClientRequest.post(`${server.url}/api/backup`).pipe(
    HttpClientRequest.bearerToken(Redacted.value(server.token))
  )
  const response = yield* HttpClient.execute(request).pipe(call(server, timeout))
  if (response.status !== 200) return yield* refusalIn(response).pipe(call(server))
  yield* response.stream.pipe(
    Stream.run(fs.sink(to, { mode: 0o600 })),
    Effect.catchTag("PlatformError", (error) => Effect.fail(cannotWrite(to)(error))),
    call(server, timeout)
  )
})

/** `muster backup FILE`: saves the data of a running server. The file has its name only when it is whole. */
export const backUp = Effect.fnUntraced(function*(input: { readonly file: string; readonly json: boolean }) {
  const fs = yield* FileSystem.FileSystem
  const file = yield* folder(input.file)
  if (yield* fs.exists(file)) return yield* exists(file)
  const part = `${file}.part`
  const manifest: Manifest = yield* Effect.gen(function*() {
    yield* download(part)
    const read = yield* readBackup(part)
    yield* fs.rename(part, file)
    return read
  }).pipe(
    Effect.catchTag("BackupFailure", ({ sentence }) =>
      Effect.fail(
        new Failure({ class: "server", code: "backup_damaged", sentence, next: "try again; see the server's log" })
      )),
    Effect.catchTag("PlatformError", (error) => Effect.fail(cannotWrite(file)(error))),
    Effect.onExit(() => Effect.ignore(fs.remove(part, { force: true })))
  )
  const { size } = yield* Effect.mapError(fs.stat(file), cannotWrite(file))
  const bytes = Number(size)
  yield* Console.log(
    input.json
      ? jsonText({ file, bytes, ...manifest })
      : `Saved ${file} (${
        (bytes / 2 ** 20).toFixed(1)
      } MiB, schema ${manifest.schema}). It has the owner's token: keep it secret.\n` +
        `Next, to restore it: muster restore ${input.file} --data DIR`
  )
}, Effect.provide(FetchHttpClient.layer))
