import { Deferred, Effect, Exit } from "effect"
import { readFileSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { join } from "node:path"
import { folder } from "./Folder.ts"

/** Code for a fake CLI: reports its name and pid to the roll call, then does `next`. */
export const report = (name: string, next = "") => reportAs(JSON.stringify(name), next)

/** The same, with an expression for its name. */
export const reportAs = (name: string, next = "") =>
  `const roll = require("node:net").connect(process.env.ROLL)
   roll.on("error", () => {})
   roll.write(${name} + " " + process.pid + "\\n", () => { process.send?.("here"); ${next} })`

/** Code (an expression): starts a child that reports as `name`, to its parent too if it can, and never ends. The options are `spawn`'s. */
export const startChild = (name: string, options: string) =>
  `require("node:child_process").spawn(process.execPath, ["-e", ${
    JSON.stringify(`${report(name)}; setInterval(() => {}, 1000)`)
  }], ${options})`

/** True while the process lives; a zombie does not. */
export const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, "latin1"))
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    return syscall !== "kill" && code === "ENOENT" && process.platform !== "linux"
  }
}

const listening = (path: string, server: Server) =>
  Effect.callback<void>((resume) => {
    server.listen(path, () => resume(Effect.void))
  })

/** Waits until processes report that they run: tests wait for this, never for time. */
export const rollCall = Effect.gen(function*() {
  const path = join(yield* folder, "roll")
  const seats = new Map<
    string,
    { readonly taken: Deferred.Deferred<number>; readonly empty: Deferred.Deferred<void> }
  >()
  const seat = (name: string) => {
    const known = seats.get(name) ?? { taken: Deferred.makeUnsafe<number>(), empty: Deferred.makeUnsafe<void>() }
    seats.set(name, known)
    return known
  }
  const server = createServer((socket) => {
    socket.on("error", () => {})
    socket.on("data", (data) => {
      for (const line of data.toString().trim().split("\n")) {
        const [name, pid] = line.split(" ")
        Deferred.doneUnsafe(seat(name!).taken, Exit.succeed(Number(pid)))
        // The system closes it when the process ends, whatever ends it.
        socket.once("close", () => Deferred.doneUnsafe(seat(name!).empty, Exit.void))
      }
    })
  })
  yield* Effect.acquireRelease(listening(path, server), () => Effect.sync(() => server.close()))
  return {
    env: { ROLL: path, PATH: process.env["PATH"] ?? "" },
    /** The pid of the process called `name`, once it runs. */
    joined: (name: string) => Effect.suspend(() => Deferred.await(seat(name).taken)),
    /** Waits until the process called `name` has ended. */
    left: (name: string) => Effect.suspend(() => Deferred.await(seat(name).empty))
  }
})
