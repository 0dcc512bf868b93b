import type { Api } from "@muster/domain"
import { Effect } from "effect"
import { Failure } from "../failure/Failure.ts"
import { printable } from "../output/Text.ts"

/** The minimum length of an id's prefix: shorter ones match by chance. */
const minPrefixLength = 4

interface Named {
  readonly id: string
  readonly name: string
}

const matchers: ReadonlyArray<(one: Named, text: string) => boolean> = [
  ({ id }, text) => id === text,
  ({ name }, text) => name.toLowerCase() === text,
  ({ id }, text) => text.length >= minPrefixLength && id.startsWith(text)
]

/** Finds one by id, name or the first characters of its id, in this order. `what`: `machine` or `key`. */
const find = <A extends Named>(what: string, all: ReadonlyArray<A>, asked: string, list: string) => {
  const text = asked.trim().toLowerCase()
  for (const isMatch of matchers) {
    const matches = all.filter((one) => isMatch(one, text))
    if (matches.length === 1) return Effect.succeed(matches[0]!)
    if (matches.length > 1) {
      const ids = matches.slice(0, 5).map(({ id, name }) => `${printable(name)} (${id.slice(0, 8)})`).join(", ")
      return Effect.fail(
        new Failure({
          class: "usage",
          code: `ambiguous_${what}`,
          sentence: `"${asked}" matches ${matches.length} ${what}s: ${ids}`,
          next: `choose one by its id, for example: ${matches[0]!.id.slice(0, 8)}`
        })
      )
    }
  }
  return Effect.fail(
    new Failure({
      class: "notFound",
      code: `${what}_not_found`,
      sentence: `there is no ${what} "${asked}" in the workspace`,
      next: `list them: ${list}`
    })
  )
}

export const findMachine = (machines: ReadonlyArray<Api.MachineRecord>, asked: string) =>
  find("machine", machines, asked, "muster machines list")

export const findKey = <A extends Named>(keys: ReadonlyArray<A>, asked: string) =>
  find("key", keys, asked, "muster machines keys list")
