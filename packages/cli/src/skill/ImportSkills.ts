import type { Api } from "@muster/domain"
import { Clock, Console, Effect, type Option, Ref, Stream } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Stdio from "effect/Stdio"
import { call } from "../api/Call.ts"
import { openSession } from "../api/Session.ts"
import { Failure } from "../failure/Failure.ts"
import { jsonText } from "../output/Text.ts"
import { printable } from "../output/Text.ts"
import { plural } from "../output/Text.ts"
import { findRuntime } from "../runtime/FindRuntime.ts"
import { offline } from "../runtime/RequestFailure.ts"
import { runtimeJson } from "../runtime/RuntimeJson.ts"
import { askSkills } from "./AskSkills.ts"
import { importKeys, type Wanted } from "./ImportItems.ts"
import { type Item, refused } from "./ImportItems.ts"

const resultText = (item: Item) =>
  item.outcome === "imported" ? `imported as ${printable(item.name)}` : printable(item.reason)

/** Prints one line to stderr for each skill as soon as its result is known. */
const makeItemProgress = Effect.fnUntraced(function*(total: number) {
  const stdio = yield* Stdio.Stdio
  const done = yield* Ref.make(0)
  return Effect.fnUntraced(function*(item: Item) {
    const n = yield* Ref.updateAndGet(done, (n) => n + 1)
    const line = `${n}/${total} ${printable(item.key)}: ${resultText(item)}\n`
    yield* Effect.ignore(Stream.run(Stream.succeed(line), stdio.stderr()))
  })
})

const document = (runtime: Api.RuntimeRecord, items: ReadonlyArray<Item>) => ({
  runtime: runtimeJson(runtime),
  imported: items.flatMap((item) =>
    item.outcome === "imported" ? [{ key: item.key, id: item.id, name: item.name }] : []
  ),
  refused: items.flatMap((item) => item.outcome === "refused" ? [{ key: item.key, reason: item.reason }] : [])
})

/** Returns the failure if a skill was not imported. Its exit code is that of the most severe result. */
const failure = (items: ReadonlyArray<Item>, details: ReturnType<typeof document>): Failure | undefined => {
  const kinds = items.flatMap((item) => item.outcome === "refused" ? [item.class] : [])
  if (kinds.length === 0) return undefined
  const worst = (["server", "unanswered", "failedThere", "notFound", "refused", "usage", "other"] as const)
    .find((kind) => kinds.includes(kind)) ?? "other"
  return new Failure({
    class: worst,
    code: "skills_not_imported",
    sentence: `${kinds.length} of ${plural(items.length, "skill")} ${kinds.length === 1 ? "was" : "were"} not imported`,
    next: "see the reasons above, then import these skills again by their keys",
    details
  })
}

const noKeys = new Failure({
  class: "usage",
  code: "no_keys",
  sentence: "no skills were named to import",
  next: "give their keys (see: muster skills list), or import all: --all"
})

const oneName = new Failure({
  class: "usage",
  code: "one_name",
  sentence: "--name works with exactly one skill, and not with --all",
  next: "import that skill alone"
})

/** `muster skills import`: imports skills from a runtime's machine into the workspace. */
export const importSkills = Effect.fn("importSkills")(function*(input: {
  readonly runtime: string
  readonly keys: ReadonlyArray<string>
  readonly all: boolean
  readonly name: Option.Option<string>
  readonly overwrite: boolean
  readonly workspace: Option.Option<string>
  readonly json: boolean
}) {
  if (!input.all && input.keys.length === 0) return yield* noKeys
  const name = input.name._tag === "Some" ? input.name.value : undefined
  if (name !== undefined && (input.all || input.keys.length !== 1)) return yield* oneName
  const session = yield* openSession(input.workspace)
  const runtimes = yield* session.muster.runtimes.list({ query: {} }).pipe(call(session.connection))
  const runtime = yield* findRuntime(runtimes, input.runtime)
  const listed = input.all ? yield* askSkills(session, runtime) : { skills: [], omitted: [] }
  const { omitted = [], skills = [] } = listed
  const keys = [...new Set([...input.keys, ...skills.map(({ key }) => key)])]
  const wanted = keys.map((key): Wanted => ({ key, ...(name === undefined ? {} : { name }) }))
  const onItem = yield* makeItemProgress(wanted.length + omitted.length)
  const leftOut = omitted.map(({ key, reason }) => refused(key, "failedThere", reason))
  yield* Effect.forEach(leftOut, onItem)
  const now = yield* Clock.currentTimeMillis
  const imported = yield* importKeys(session, runtime, wanted, input.overwrite, onItem).pipe(
    Effect.mapError((failure) => offline(runtime, now, failure))
  )
  const items = [...imported, ...leftOut]
  const details = document(runtime, items)
  const failed = failure(items, details)
  if (failed !== undefined) return yield* failed
  yield* Console.log(input.json ? jsonText(details) : `${plural(items.length, "skill")} imported.`)
}, Effect.provide(FetchHttpClient.layer))
