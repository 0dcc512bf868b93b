import { describe } from "@effect/vitest"
import { appending } from "./Appending.ts"
import { following } from "./Following.ts"
import type { TaskBackend } from "./TaskBackend.ts"

/** Registers T-29 and T-30 for a backend: what every TaskLog does. */
export const taskLogSuite = (backend: TaskBackend): void => {
  describe(`task log · ${backend.name}`, () => {
    appending(backend)
    following(backend)
  })
}
