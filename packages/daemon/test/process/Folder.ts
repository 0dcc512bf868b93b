import { Effect } from "effect"
import { chmod, mkdtemp, realpath, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A temporary folder that lives as long as the test. */
export const folder = Effect.acquireRelease(
  Effect.promise(async () => realpath(await mkdtemp(join(tmpdir(), "muster-test-")))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

/** Writes a program that this Node runs. Its path. */
export const program = (path: string, code: string) =>
  Effect.promise(async () => {
    await writeFile(path, `#!${process.execPath}\n${code}\n`)
    await chmod(path, 0o755)
    return path
  })

/** Writes a program that /bin/sh runs. Its path. */
export const shellProgram = (path: string, code: string) =>
  Effect.promise(async () => {
    await writeFile(path, `#!/bin/sh\n${code}\n`)
    await chmod(path, 0o755)
    return path
  })
