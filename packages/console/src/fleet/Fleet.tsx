import type { Fleet as Runtimes } from "@muster/domain"
import { lazy, type ReactNode, Suspense, useRef, useState } from "react"
import type { Problem } from "../api/Problem.ts"
import { Button } from "../ui/Button.tsx"
import { Search } from "../ui/Search.tsx"
import { Empty, Failure } from "../ui/State.tsx"
import { useKeys } from "../ui/useKeys.ts"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { BulkBar, useCheck } from "./BulkBar.tsx"
import { DeletedNote } from "./DeletedNote.tsx"
import { useDeleted, useReplacements } from "./DeletedRuntimes.ts"
import { Filters } from "./Filters.tsx"
import { FleetList } from "./FleetList.tsx"
import { FleetLoading } from "./FleetLoading.tsx"
import { isFiltered, useFleetSearch } from "./FleetSearch.ts"
import { loadMatching, useFleet } from "./useFleet.ts"
import { useSelection } from "./useSelection.ts"

const FleetHelp = lazy(() => import("./FleetHelp.tsx"))

const groupings: ReadonlyArray<readonly [Runtimes.Grouping, string]> = [
  ["machine", "By machine"],
  ["provider", "By provider"],
  ["none", "No groups"]
]

const sorts: ReadonlyArray<readonly [Runtimes.Sort, string]> = [
  ["trouble", "Trouble first"],
  ["name", "Name"],
  ["seen", "Last seen"]
]

/** Up to how many runtimes "Check all" pings: each ping is a request to a machine. */
const maxChecked = 200

const number = new Intl.NumberFormat()

const Choice = <A extends string>({ change, label, options, value }: {
  readonly label: string
  readonly value: A
  readonly options: ReadonlyArray<readonly [A, string]>
  readonly change: (value: A) => void
}) => (
  <label className="choice">
    <span className="hidden">{label}</span>
    <select
      value={value}
      onChange={({ target }) => {
        const option = options.find(([one]) => one === target.value)
        if (option !== undefined) change(option[0])
      }}
    >
      {options.map(([one, name]) => <option key={one} value={one}>{name}</option>)}
    </select>
  </label>
)

const NoRuntimes = () => (
  <Empty icon="fleet" title="No runtimes yet">
    <p>
      A daemon registers every agent CLI on its machine. On a machine with an agent CLI, such as OpenCode, Claude Code
      or Codex, run:
    </p>
    <pre><code>{`MUSTER_SERVER_URL=${location.origin} MUSTER_TOKEN=… muster daemon`}</code></pre>
  </Empty>
)

/** The fleet page: every agent CLI of the workspace with its current state, filtered, sorted and paged by the server. */
export const Fleet = () => {
  useTitle("Fleet")
  const workspace = useWorkspace()
  const { change, clear, search } = useFleetSearch()
  const fleet = useFleet(search)
  const { query } = fleet
  const page = query.data
  const selection = useSelection()
  const { deleted, dismiss } = useDeleted(workspace)
  const places = useReplacements(workspace, deleted)
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [help, setHelp] = useState(false)
  const { busy, check } = useCheck()
  const input = useRef<HTMLInputElement>(null)
  const enter = useRef<() => void>(undefined)

  useKeys({
    "/": () => input.current?.focus(),
    "?": () => setHelp(true),
    ArrowDown: () => document.activeElement === document.body ? enter.current?.() : false
  })

  const fold = (key: string, on: boolean) =>
    setFolded((folded) => {
      const next = new Set(folded)
      if (on) next.add(key)
      else next.delete(key)
      return next
    })
  const groups = page?.groups ?? []
  const allFolded = groups.length > 0 && groups.every(({ key }) => folded.has(key))

  const body = (): ReactNode => {
    if (page === undefined) {
      return query.error === null
        ? <FleetLoading />
        : <Failure problem={query.error} again={() => void query.refetch()} />
    }
    if (page.total === 0) {
      return isFiltered(search)
        ? (
          <Empty icon="search" title="No matches">
            <Button onClick={clear}>Show all runtimes</Button>
          </Empty>
        )
        : <NoRuntimes />
    }
    return (
      <FleetList
        fleet={fleet}
        page={page}
        search={search}
        selection={selection}
        back={new Set(places.flatMap(({ back }) => back?.id ?? []))}
        folded={folded}
        fold={fold}
        enter={enter}
      />
    )
  }

  return (
    <>
      <header className="page-head">
        <div>
          <h1>Fleet</h1>
          <p className="muted head-line">
            <span aria-live="polite">
              {page === undefined
                ? " "
                : `${number.format(page.counts.online)} online, ${number.format(page.counts.offline)} offline`}
            </span>
            <button type="button" className="as-link" onClick={() => setHelp(true)}>
              Lights: online, receives, executes
            </button>
          </p>
        </div>
        {page === undefined || (page.total === 0 && !isFiltered(search)) ? null : (
          <div className="tools">
            <Search
              what="runtimes"
              placeholder="Search (press /)"
              value={search.q}
              input={input}
              onChange={(q) => change({ q })}
              onKeyDown={(event) => {
                if (event.key === "ArrowDown") {
                  event.preventDefault()
                  enter.current?.()
                }
                if (event.key !== "Escape") return
                event.preventDefault()
                if (search.q === "") input.current?.blur()
                else change({ q: "" })
              }}
            />
            <Choice label="Group by" value={search.group} options={groupings} change={(group) => change({ group })} />
            <Choice label="Sort by" value={search.sort} options={sorts} change={(sort) => change({ sort })} />
            {groups.length === 0 ?
              null :
              (
                <Button onClick={() => setFolded(new Set(allFolded ? [] : groups.map(({ key }) => key)))}>
                  {allFolded ? "Unfold all" : "Fold all"}
                </Button>
              )}
            {page.total > maxChecked ? null : (
              <Button
                busy={busy}
                disabled={page.counts.online === 0}
                onClick={() => void loadMatching(workspace, search).then(check, () => undefined)}
              >
                {busy ? "Checking …" : "Check all"}
              </Button>
            )}
          </div>
        )}
      </header>
      {page === undefined ? null : <Filters counts={page.counts} search={search} change={change} />}
      {query.error === null || page === undefined || (query.error as Problem).code === "unreachable" ?
        null :
        <p className="notice bad" role="status">{query.error.message}. This is the last known state.</p>}
      {places.map((place) => <DeletedNote key={place.runtime.id} place={place} dismiss={dismiss} />)}
      {body()}
      {selection.items.size === 0 ? null : <BulkBar selection={selection} search={search} total={page?.total ?? 0} />}
      <Suspense>{help ? <FleetHelp close={() => setHelp(false)} /> : null}</Suspense>
    </>
  )
}
