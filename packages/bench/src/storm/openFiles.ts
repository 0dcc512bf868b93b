import { Effect } from "effect"
import { execFile } from "node:child_process"
import { BenchFailure } from "../load/BenchFailure.ts"

/** Fails if this process and its children may not open this number of files and sockets. */
export const needOpenFiles = (count: number) =>
  Effect.callback<void, BenchFailure>((resume) => {
    execFile("sh", ["-c", "ulimit -n"], (error, stdout) => {
      const max = stdout.trim() === "unlimited" ? Infinity : Number(stdout)
      if (error === null && max >= count) return resume(Effect.void)
      const message = `${count} open files are needed, ${stdout.trim()} are allowed: run \`ulimit -n ${count}\` first`
      resume(Effect.fail(new BenchFailure({ message })))
    })
  })
