import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { makeHome } from "./runMuster.ts"

/** Version and models of the agent CLI below. */
export const fake = { version: "9.9.9", models: ["fake/one", "fake/two"] }

const script = `#!/bin/sh
case "$1" in
  --version) echo ${fake.version} ;;
  models) printf '%s\\n' ${fake.models.join(" ")} ;;
  *) exit 1 ;;
esac
`

/** A person's environment: an empty home, and an agent CLI that answers immediately. */
export const makePerson = Effect.gen(function*() {
  const home = yield* makeHome
  const path = `${home}/opencode`
  writeFileSync(path, script, { mode: 0o755 })
  return { HOME: home, MUSTER_OPENCODE_PATH: path }
})
