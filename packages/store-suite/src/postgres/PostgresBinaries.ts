import { Effect } from "effect"
import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { isProgram, pathFolders } from "../server/ProgramFiles.ts"
import { PostgresError } from "./PostgresError.ts"

/** The two programs of a server, as absolute paths. */
export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

/** Debian keeps the programs of each version off PATH, in `<version>/bin` under this folder. */
const debianFolder = "/usr/lib/postgresql"

const folders = () => {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder) : []
  const newestFirst = versions.toSorted((a, b) => Number(b) - Number(a))
  return [
    ...pathFolders(),
    ...newestFirst.map((version) => join(debianFolder, version, "bin"))
  ]
}

/** `pg_basebackup`, which copies a running server; it comes with PostgreSQL's client programs. */
export const findBasebackup: Effect.Effect<string, PostgresError> = Effect.suspend(() => {
  const found = folders().toReversed().map((folder) => join(folder, "pg_basebackup")).find(isProgram)
  return found === undefined
    ? Effect.fail(
      new PostgresError({ message: "pg_basebackup is missing: install your system's package \"postgresql-client\"" })
    )
    : Effect.succeed(found)
})

/** The programs in the first folder of PATH that has both, else those of Debian's newest version. */
export const findPostgres: Effect.Effect<PostgresBinaries, PostgresError> = Effect.suspend(() => {
  for (const folder of folders()) {
    const found = { initdb: join(folder, "initdb"), postgres: join(folder, "postgres") }
    if (isProgram(found.initdb) && isProgram(found.postgres)) return Effect.succeed(found)
  }
  return Effect.fail(
    new PostgresError({
      message: "PostgreSQL's initdb and postgres are missing: install your system's package \"postgresql\", " +
        "or run `npm test`, which does so on Debian"
    })
  )
})
