import { Console, Effect, FileSystem, Option } from "effect"
import { Failure } from "../failure/Failure.ts"
import { jsonText } from "../output/Text.ts"
import { folder, shortened } from "../profile/Home.ts"
import { serviceFor } from "./InstallDaemon.ts"
import { serviceManager } from "./ServiceManager.ts"
import { mark } from "./ServiceUnit.ts"

/**
 * `muster daemon uninstall`: stops the service of the daemon and removes its file. Keeps the data folder. Fails for a file
 * that `install` did not write.
 */
export const uninstallDaemon = Effect.fnUntraced(function*(
  input: { readonly data: string; readonly json: boolean },
  platform: string = process.platform
) {
  const files = yield* FileSystem.FileSystem
  const dataDir = yield* folder(input.data)
  const { file } = yield* serviceFor(platform, dataDir, {
    name: Option.none(),
    localPort: Option.none(),
    drainTasks: Option.none()
  })
  const text = yield* Effect.option(files.readFileString(file))
  const shown = yield* shortened(file)
  if (Option.isNone(text)) {
    return yield* Console.log(
      input.json ? jsonText({ file, removed: false }) : `No service is installed: there is no ${shown}`
    )
  }
  if (!text.value.includes(mark)) {
    return yield* new Failure({
      class: "cannotStart",
      code: "not_ours",
      sentence: `${file} was not written by muster`,
      next: "stop that service and remove its file yourself"
    })
  }
  const manager = serviceManager(platform, file)
  // A service that does not run cannot be ended.
  yield* manager.end
  yield* files.remove(file).pipe(Effect.mapError((error) =>
    new Failure({
      class: "other",
      code: "not_uninstalled",
      sentence: `${file} cannot be removed (${error.reason._tag})`,
      next: "check that you own its folder"
    })
  ))
  yield* manager.forget
  yield* Console.log(
    input.json
      ? jsonText({ file, removed: true })
      : `The service was stopped and ${shown} removed. The data folder ${yield* shortened(dataDir)} was kept.`
  )
})
