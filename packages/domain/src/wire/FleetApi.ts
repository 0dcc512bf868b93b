import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { MachineId } from "../access/Identity.ts"
import { snakeKeys } from "../codec/Snake.ts"
import type { Entry } from "../fleet/Entry.ts"
import { maxPage, maxValues } from "../fleet/page.ts"
import { maxLabels } from "../machine/Machine.ts"
import { maxRuntimes } from "../runtime/Registration.ts"
import { listOf, textOf, Word } from "../text/BoundedText.ts"
import { runtimeRecord, runtimeRecordFields } from "./RuntimeRecord.ts"
import { ReadableErrors, UserAuth, WorkspaceScope } from "./Security.ts"
import { BadRequest, NotFound, ServerFault } from "./WireError.ts"

/** The maximum characters of one filter: about 100 ids. */
const Values = textOf(4_000)

/** A runtime in a list of the fleet: the record of `GET /api/runtimes` with what people filter and sort by. */
export const FleetItem = snakeKeys(Schema.Struct({
  ...runtimeRecordFields,
  machineName: Schema.String,
  /** The machine that joined; null: its daemon uses a token of a person. */
  machineId: Schema.NullOr(MachineId),
  /** Whether its machine gets no new work. */
  draining: Schema.Boolean,
  /** Null: it has no owner, or the owner is not a member. */
  ownerName: Schema.NullOr(Schema.String),
  /** The labels of its machine. */
  labels: listOf(Schema.String, maxLabels),
  /** Why it needs attention although it is online; null: it does not. */
  trouble: Schema.NullOr(Schema.String),
  /** Whether it works on a request now. */
  busy: Schema.Boolean
}))
export type FleetItem = typeof FleetItem.Type

/** Returns an entry as the API shows it. */
export const fleetItem = ({ busy, joined, labels, machineName, ownerName, runtime, trouble }: Entry): FleetItem => ({
  ...runtimeRecord(runtime),
  machineName,
  machineId: joined?.id ?? null,
  draining: joined !== null && joined.drain !== null,
  ownerName,
  labels,
  trouble,
  busy
})

const Count = Schema.Finite
const Counted = listOf(Schema.Struct({ value: Schema.String, name: Schema.String, count: Count }), maxValues)

/** How many runtimes each chip would show: those that pass all filters but its own one. */
export const FleetCountsRecord = Schema.Struct({
  /** Those that pass all filters but the status. */
  all: Count,
  online: Count,
  offline: Count,
  trouble: Count,
  busy: Count,
  providers: Counted,
  owners: Counted,
  labels: Counted
})

/** A page of the fleet. */
export const FleetPageRecord = Schema.Struct({
  items: listOf(FleetItem, maxPage),
  /** The cursor of the next page; null: this is the last one. */
  next: Schema.NullOr(Schema.String),
  /** How many runtimes match. */
  total: Count,
  counts: FleetCountsRecord,
  /** With `group`, on the first page: all groups that match, in their order. */
  groups: Schema.optionalKey(listOf(
    Schema.Struct({ key: Schema.String, name: Schema.String, total: Count, online: Count, trouble: Count }),
    maxRuntimes
  ))
})
export type FleetPageRecord = typeof FleetPageRecord.Type

/** The query of a page. Filters take values separated by commas, which are alternatives; filters together are conditions. */
export const FleetParameters = {
  /** `online`, `offline`, `trouble` (online and needs attention), `busy` (works on a request). */
  status: Schema.optionalKey(Word),
  provider: Schema.optionalKey(Values),
  /** User ids, or `me`. */
  owner: Schema.optionalKey(Values),
  label: Schema.optionalKey(Values),
  /** Daemon ids, or names of machines. */
  machine: Schema.optionalKey(Values),
  /** Words that must all occur in what is shown of a runtime: name, machine, provider, owner, version, label; or, with 6 characters or more, in its ids. */
  q: Schema.optionalKey(Word),
  /** `trouble` (default), `name` or `seen`. */
  sort: Schema.optionalKey(Word),
  /** `machine` or `provider`: runtimes of one machine or provider follow each other. */
  group: Schema.optionalKey(Word),
  /** The `next` of the page before this one. */
  cursor: Schema.optionalKey(Values),
  /** How many matching runtimes come before the page; not with `cursor`. */
  offset: Schema.optionalKey(Word),
  /** 0 to 5,000; 100 by default. */
  limit: Schema.optionalKey(Word)
}

/** The fleet, filtered, sorted and paged by the server. */
export class FleetApi extends HttpApiGroup.make("fleet").add(
  HttpApiEndpoint.get("page", "/", {
    query: FleetParameters,
    success: FleetPageRecord,
    error: [BadRequest, NotFound, ServerFault]
  })
).middleware(WorkspaceScope).middleware(UserAuth).middleware(ReadableErrors).prefix("/api/fleet").annotateMerge(
  OpenApi.annotations({ title: "Fleet", description: "Find runtimes among many." })
) {}
