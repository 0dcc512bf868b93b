import { Fleet } from "@muster/domain"
import { Schema } from "effect"
import { changeSearch, useSearch } from "../route/Route.ts"

/** What the fleet page shows, as its address has it. */
export interface FleetSearch {
  readonly status: ReadonlyArray<Fleet.Status>
  readonly provider: ReadonlyArray<string>
  /** User ids, or `me`. */
  readonly owner: ReadonlyArray<string>
  readonly label: ReadonlyArray<string>
  readonly machine: ReadonlyArray<string>
  readonly q: string
  readonly sort: Fleet.Sort
  readonly group: Fleet.Grouping
}

/** The filters whose values come from the fleet. */
export type ValueFilter = "provider" | "owner" | "label" | "machine"

const isStatus = Schema.is(Fleet.Status)
const isSort = Schema.is(Fleet.Sort)
const isGrouping = Schema.is(Fleet.Grouping)

const valuesOf = (text: string | null) => (text ?? "").split(",").filter((value) => value !== "")

/** Reads the query of an address. What it does not know is left out: an address may come from another version. */
export const readSearch = (search: string): FleetSearch => {
  const parameters = new URLSearchParams(search)
  const sort = parameters.get("sort")
  const group = parameters.get("group")
  return {
    status: valuesOf(parameters.get("status")).filter(isStatus),
    provider: valuesOf(parameters.get("provider")),
    owner: valuesOf(parameters.get("owner")),
    label: valuesOf(parameters.get("label")),
    machine: valuesOf(parameters.get("machine")),
    q: parameters.get("q") ?? "",
    sort: isSort(sort) ? sort : "trouble",
    group: isGrouping(group) ? group : "machine"
  }
}

/** Returns the parameters of the API for a page, and of the address: defaults are left out. */
export const writeSearch = ({ group, label, machine, owner, provider, q, sort, status }: FleetSearch) => ({
  ...(status.length > 0 && { status: status.join(",") }),
  ...(provider.length > 0 && { provider: provider.join(",") }),
  ...(owner.length > 0 && { owner: owner.join(",") }),
  ...(label.length > 0 && { label: label.join(",") }),
  ...(machine.length > 0 && { machine: machine.join(",") }),
  ...(q.trim() !== "" && { q: q.trim().slice(0, 256) }),
  ...(sort !== "trouble" && { sort }),
  ...(group !== "machine" && { group })
})

/** The query of the fleet page's address, with its `?`; empty for defaults. */
const addressOf = (search: FleetSearch): string => {
  const text = new URLSearchParams(writeSearch(search)).toString()
  return text === "" ? "" : `?${text}`
}

let last = ""

/** The query that the fleet page had last, for links back to it. */
export const lastFleetSearch = (): string => last

export const isFiltered = ({ label, machine, owner, provider, q, status }: FleetSearch): boolean =>
  q.trim() !== "" || [label, machine, owner, provider, status].some((values) => values.length > 0)

/** The parameters of the page's address, and a function that changes them. Typed text makes no entry in the browser's history. */
export const useFleetSearch = () => {
  const text = useSearch()
  last = text
  const search = readSearch(text)
  const change = (change: Partial<FleetSearch>) =>
    changeSearch(addressOf({ ...search, ...change }), change.q === undefined)
  return { search, change, clear: () => change({ status: [], provider: [], owner: [], label: [], machine: [], q: "" }) }
}
