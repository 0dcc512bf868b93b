import { type Api, Fleet, type Identity, Registration, WireError } from "@muster/domain"
import { Effect, Schema } from "effect"

type Parameters = { readonly [K in keyof typeof Api.FleetParameters]?: string }

const valuesOf = (text = ""): ReadonlyArray<string> =>
  text.split(",").map((value) => value.trim()).filter((value) => value !== "")

const literal = <A extends string>(name: string, schema: { readonly literals: ReadonlyArray<A> } & Schema.Codec<A>) => {
  const is = Schema.is(schema)
  const words = `${schema.literals.slice(0, -1).join(", ")} or ${schema.literals.at(-1)}`
  return (text: string): Effect.Effect<A, WireError.BadRequest> =>
    is(text) ? Effect.succeed(text) : Effect.fail(WireError.bad(`${name} must be ${words}`))
}

const statusFrom = literal("status", Fleet.Status)
const sortFrom = literal("sort", Fleet.Sort)
const groupingFrom = literal("group", Fleet.Grouping)

const numberFrom = (name: string, text: string | undefined, max: number, otherwise: number) => {
  const number = text === undefined ? otherwise : Number(text)
  return Number.isInteger(number) && number >= 0 && number <= max
    ? Effect.succeed(number)
    : Effect.fail(WireError.bad(`${name} must be 0 to ${max}`))
}

const afterFrom = (cursor: string | undefined) =>
  cursor === undefined ? Effect.undefined : Effect.fromOption(Fleet.keyOfCursor(cursor)).pipe(
    Effect.mapError(() => WireError.bad("cursor must be the `next` of a page; start again without it"))
  )

const filtersFrom = Effect.fnUntraced(function*(parameters: Parameters, me: Identity.UserId) {
  const filters: Fleet.Filters = {
    status: new Set(yield* Effect.forEach(valuesOf(parameters.status), statusFrom)),
    provider: new Set(valuesOf(parameters.provider)),
    owner: new Set(valuesOf(parameters.owner).map((owner) => owner === "me" ? me : owner.toLowerCase())),
    label: new Set(valuesOf(parameters.label)),
    machine: new Set(valuesOf(parameters.machine).map((machine) => machine.toLowerCase())),
    words: Fleet.wordsOf(parameters.q ?? "")
  }
  return filters
})

/** Reads the query of a page; fails with a sentence about what is accepted. */
export const fleetQueryFrom = Effect.fnUntraced(function*(parameters: Parameters, me: Identity.UserId) {
  if (parameters.cursor !== undefined && parameters.offset !== undefined) {
    return yield* WireError.bad("offset cannot be combined with cursor: use one of them")
  }
  const query: Fleet.Query = {
    filters: yield* filtersFrom(parameters, me),
    sort: yield* sortFrom(parameters.sort ?? "trouble"),
    grouping: yield* groupingFrom(parameters.group ?? "none"),
    after: yield* afterFrom(parameters.cursor),
    offset: yield* numberFrom("offset", parameters.offset, Registration.maxRuntimes, 0),
    limit: yield* numberFrom("limit", parameters.limit, Fleet.maxPage, Fleet.defaultPage)
  }
  return query
})
