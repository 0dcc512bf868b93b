import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { isThere, readText, root } from "../page/Repository.ts"
import { apiPage } from "./Api.ts"
import { commandsPage } from "./Commands.ts"

/** The pages that are made from the code: their paths from the root, and what they have to contain. */
const madePages = Effect.map(
  commandsPage,
  (commands) => ({ "docs/cli.md": commands, "docs/http-api.md": apiPage() })
).pipe(Effect.provide(NodeServices.layer))

/** The paths of made pages that differ from the code. */
export const outdatedPages = Effect.map(
  madePages,
  (pages) =>
    Object.entries(pages).filter(([path, text]) => !isThere(path) || readText(path) !== text).map(([path]) => path)
)

/** Writes the made pages. */
export const writePages = Effect.map(madePages, (pages) => {
  for (const [path, text] of Object.entries(pages)) writeFileSync(join(root, path), text)
})
