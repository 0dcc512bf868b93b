import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { PostgresError } from "./PostgresError.ts"

/** The user of a child process. */
export interface UserIds {
  readonly uid: number
  readonly gid: number
}

const names = ["postgres", "nobody"]

/** PostgreSQL refuses to run as root: the ids of an ordinary user if this process is root's, else `undefined`. */
export const unprivilegedUser: Effect.Effect<UserIds | undefined, PostgresError> = Effect.try({
  try: () => {
    if (process.getuid?.() !== 0) return undefined
    const users = readFileSync("/etc/passwd", "utf8").split("\n").map((line) => line.split(":"))
    const [, , uid, gid] = names.map((name) => users.find((user) => user[0] === name)).find(Array.isArray) ?? []
    if (uid === undefined || gid === undefined) throw new Error(`/etc/passwd knows neither ${names.join(" nor ")}`)
    return { uid: Number(uid), gid: Number(gid) }
  },
  catch: (cause) =>
    new PostgresError({ message: "PostgreSQL does not run as root, and no ordinary user was found for it", cause })
})
