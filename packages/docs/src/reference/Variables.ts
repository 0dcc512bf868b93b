import { firstCells, sourcesOf } from "./Sources.ts"

const page = "docs/configuration.md"

/** Variables whose names are not Muster's own and that Muster reads. */
const others =
  "DATABASE_URL|DATABASE_DIRECT_URL|REDIS_URL|PORT|HOST|HOME|COLUMNS|HTTPS_PROXY|HTTP_PROXY|NO_PROXY|OTEL_[A-Z_]+"

/** A name in quotes: what `Config`, flags and the daemon's environment are asked for. */
const name = new RegExp(
  `["](MUSTER_[A-Z_]+|${others})["]|\\b(MUSTER_TASK(?:_OWNER|_SLOT|_TOKEN)?|MUSTER_SERVER_URL)\\b`,
  "g"
)

/** Not read from the environment of a person: the build puts it in. */
const builtIn: ReadonlySet<string> = new Set(["MUSTER_VERSION"])

/** The path of a provider's CLI has a name that is computed from the provider. */
const isPath = (variable: string) => /^MUSTER_[A-Z_]+_PATH$/.test(variable)

/** The variables that sources read. */
const variablesOfSources = (): ReadonlyMap<string, string> =>
  new Map(
    sourcesOf(["kit", "domain", "store-postgres", "store-redis", "server", "daemon", "cli"]).flatMap(({ path, text }) =>
      [...text.matchAll(name)].map(([, quoted, bare]) => [quoted ?? bare!, path] as const)
    ).filter(([variable]) => !builtIn.has(variable) && !isPath(variable) && !variable.endsWith("_"))
  )

/** What differs between the page of the configuration and the sources, one sentence each. */
export const differentVariables = (): ReadonlyArray<string> => {
  const listed = firstCells(page)
  const read = variablesOfSources()
  return [
    ...[...read].filter(([variable]) => !listed.includes(variable)).map(([variable, path]) =>
      `${page}: does not have the variable ${variable} of ${path}`
    ),
    ...listed.filter((variable) => !read.has(variable) && variable !== "MUSTER_<PROVIDER>_PATH").map((variable) =>
      `${page}: has ${variable}, which no source reads`
    )
  ]
}
