import { type Api, PingLights } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"
import { Effect } from "effect"
import { lazy, Suspense, useState } from "react"
import { ping } from "../ping/usePing.ts"
import { useMay } from "../session/usePermissions.ts"
import { Button } from "../ui/Button.tsx"
import { Icon } from "../ui/Icon.tsx"
import { say } from "../ui/Toast.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"
import type { FleetSearch } from "./FleetSearch.ts"
import { loadMatching } from "./useFleet.ts"
import type { Selection } from "./useSelection.ts"

const BulkRemove = lazy(() => import("./BulkRemove.tsx"))
const BulkDrain = lazy(() => import("./BulkDrain.tsx"))
const BulkUpdate = lazy(() => import("./BulkUpdate.tsx"))

/** The maximum number of concurrent pings. */
const maxConcurrentPings = 8

/** Pings runtimes, some at a time; their lights show what is found. */
export const useCheck = () => {
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const check = (items: ReadonlyArray<Api.FleetItem>) => {
    setBusy(true)
    const all = Effect.forEach(
      items.filter((item) => PingLights.withoutPing(item) === undefined),
      (item) => Effect.ignore(Effect.tryPromise(() => queries.fetchQuery({ ...ping(item), staleTime: 0 }))),
      { concurrency: maxConcurrentPings, discard: true }
    )
    Effect.runFork(Effect.ensuring(all, Effect.sync(() => setBusy(false))))
  }
  return { busy, check }
}

/** Whether all machines of runtimes are draining. */
const isDraining = (items: ReadonlyArray<Api.FleetItem>) =>
  items.every(({ draining, machineId }) => machineId === null || draining)

/** What can be done with the selected runtimes. */
export const BulkBar = ({ search, selection, total }: {
  readonly selection: Selection
  readonly search: FleetSearch
  /** How many runtimes match the search. */
  readonly total: number
}) => {
  const workspace = useWorkspace()
  const may = useMay(workspace)
  const { busy, check } = useCheck()
  const [loading, setLoading] = useState(false)
  const [dialog, setDialog] = useState<"drain" | "remove" | "update">()
  const items = [...selection.items.values()]
  const close = () => setDialog(undefined)
  const online = items.filter(({ status }) => status === "online")

  const selectAll = async () => {
    setLoading(true)
    try {
      selection.replace(await loadMatching(workspace, search))
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
    }
    setLoading(false)
  }

  return (
    <div className="bulk" role="region" aria-label="Selected runtimes">
      <b aria-live="polite">{items.length} selected</b>
      {items.length >= total ?
        null :
        (
          <Button kind="quiet" busy={loading} onClick={() => void selectAll()}>
            Select all {total.toLocaleString()}
          </Button>
        )}
      <span className="bulk-actions">
        <Button busy={busy} disabled={!online.some((item) => may(item, "use"))} onClick={() => check(items)}>
          {busy ? "Checking …" : "Check"}
        </Button>
        <Button disabled={!online.some((item) => may(item, "update"))} onClick={() => setDialog("update")}>
          Update Muster …
        </Button>
        {items.some(({ machineId }) => machineId !== null)
          ? <Button onClick={() => setDialog("drain")}>{isDraining(items) ? "Resume …" : "Drain …"}</Button>
          : null}
        <Button disabled={!items.some((item) => may(item, "delete"))} onClick={() => setDialog("remove")}>
          Delete …
        </Button>
        <Button kind="quiet" className="icon-only" aria-label="Clear the selection" onClick={selection.clear}>
          <Icon name="cross" />
        </Button>
      </span>
      <Suspense>
        {dialog === "remove" ? <BulkRemove items={items} selection={selection} close={close} /> : null}
        {dialog === "drain" ? <BulkDrain items={items} resume={isDraining(items)} close={close} /> : null}
        {dialog === "update" ? <BulkUpdate items={items} close={close} /> : null}
      </Suspense>
    </div>
  )
}
