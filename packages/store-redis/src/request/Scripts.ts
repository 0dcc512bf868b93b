import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { type Script, scriptOf } from "../script/Script.ts"

// The bundles contain the text of a file that is named like this (`scripts/bundle.mjs`).
const lane = () => readFileSync(new URL("./lane.lua", import.meta.url), "utf8")
const create = () => readFileSync(new URL("./create.lua", import.meta.url), "utf8")
const get = () => readFileSync(new URL("./get.lua", import.meta.url), "utf8")
const claim = () => readFileSync(new URL("./claim.lua", import.meta.url), "utf8")
const settle = () => readFileSync(new URL("./settle.lua", import.meta.url), "utf8")

/**
 * Accepted requests complete even without free memory: claiming, settling and ending cost little and free what they
 * end. Only a new request needs memory.
 */
const finishes = "#!lua flags=allow-oom\n"

/** The scripts of the request store, from the files next to this one. The package guarantees that they exist. */
export const loadScripts: Effect.Effect<Readonly<Record<"create" | "get" | "claim" | "settle", Script>>> = Effect.sync(
  () => {
    const shared = lane()
    const finishing = (script: string) => scriptOf(`${finishes}${shared}\n${script}`)
    return {
      create: scriptOf(`${shared}\n${create()}`),
      get: finishing(get()),
      claim: finishing(claim()),
      settle: finishing(settle())
    }
  }
)
