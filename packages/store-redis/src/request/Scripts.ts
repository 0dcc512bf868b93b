import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { type Script, scriptOf } from "../script/Script.ts"

const names = ["create", "get", "claim", "settle"] as const

const read = (name: string) => readFileSync(new URL(`./${name}.lua`, import.meta.url), "utf8")

/**
 * Accepted requests complete even without free memory: claiming, settling and ending cost little and free what they
 * end. Only a new request needs memory.
 */
const finishes = "#!lua flags=allow-oom\n"

/** The scripts of the request store, from the files next to this one. The package guarantees that they exist. */
export const loadScripts: Effect.Effect<Readonly<Record<typeof names[number], Script>>> = Effect.sync(() => {
  const lane = read("lane")
  const [create, get, claim, settle] = names.map((name) =>
    scriptOf(`${name === "create" ? "" : finishes}${lane}\n${read(name)}`)
  )
  return { create: create!, get: get!, claim: claim!, settle: settle! }
})
