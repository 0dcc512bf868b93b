import { type BackupFailure, embeddedVersion, restoreBackup, type StartupFailure } from "@muster/server"
import { Console, Effect } from "effect"
import { Failure } from "../failure/Failure.ts"
import { jsonText } from "../output/Text.ts"
import { folder, shortened } from "../profile/Home.ts"

const refusals: Record<BackupFailure["reason"] | "in_use", Pick<Failure, "class" | "code" | "next">> = {
  file: { class: "usage", code: "restore_file", next: "give a file that muster backup wrote" },
  newer: { class: "cannotStart", code: "restore_newer", next: "install the newest Muster, then restore it" },
  folder: {
    class: "cannotStart",
    code: "restore_folder",
    next: "give another data folder: --data DIR, or move that database to another place"
  },
  in_use: {
    class: "cannotStart",
    code: "restore_in_use",
    next: "stop the other process, or give another data folder: --data DIR"
  }
}

const toFailure = (error: BackupFailure | StartupFailure): Failure => {
  const reason = error._tag === "BackupFailure" ? error.reason : error.reason === "in_use" ? "in_use" : "folder"
  return new Failure({ ...refusals[reason], sentence: error.message })
}

/** `muster restore FILE`: puts a backup into a data folder without a database. */
export const restore = Effect.fnUntraced(
  function*(input: { readonly file: string; readonly data: string; readonly json: boolean }) {
    const data = yield* folder(input.data)
    const file = yield* folder(input.file)
    const manifest = yield* Effect.mapError(restoreBackup(file, data, embeddedVersion), toFailure)
    const shown = yield* shortened(data)
    yield* Console.log(
      input.json
        ? jsonText({ data, ...manifest })
        : `Restored the backup of ${manifest.made_at} (Muster ${manifest.muster}, schema ${manifest.schema}) into ${shown}\n` +
          `Next, start the server: muster server --data ${shown}`
    )
  },
  Effect.scoped
)
