import { firstCells, sourcesOf } from "./Sources.ts"

const page = "docs/observability.md"

/** The cookies of a sign-in with a provider have such names, too. */
const cookies = /^muster_oidc/

/** What differs between the page of the metrics and the sources, one sentence each. */
export const differentMetrics = (): ReadonlyArray<string> => {
  const listed = firstCells(page).filter((name) => /^(?:muster|process|nodejs)_/.test(name))
  const named = new Map(
    sourcesOf(["kit", "server", "daemon"]).flatMap(({ path, text }) =>
      [...text.matchAll(/"((?:muster|process|nodejs)_[a-z_]+)"/g)].map(([, name = ""]) => [name, path] as const)
    ).filter(([name]) => !cookies.test(name))
  )
  return [
    ...[...named].filter(([name]) => !listed.includes(name)).map(([name, path]) =>
      `${page}: does not have the metric ${name} of ${path}`
    ),
    ...listed.filter((name) => !named.has(name)).map((name) => `${page}: has ${name}, which no source has`)
  ]
}
