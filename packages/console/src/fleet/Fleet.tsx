import { PingLights } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { Effect } from "effect"
import { useDeferredValue, useState } from "react"
import { members, runtimes as runtimesQuery } from "../api/Queries.ts"
import { useInterval } from "../live/useLive.ts"
import { ping } from "../ping/usePing.ts"
import { Button } from "../ui/Button.tsx"
import { Search } from "../ui/Search.tsx"
import { Empty, Failure, Loading } from "../ui/State.tsx"
import { store, stored } from "../ui/Storage.ts"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { DeletedNote } from "./DeletedNote.tsx"
import { deletedRuntimes, useDeleted } from "./DeletedRuntimes.ts"
import { groupsOf, type Order, orders } from "./FleetGroups.ts"
import { RuntimeRow } from "./RuntimeRow.tsx"

/** The maximum number of concurrent pings of "Check all". */
const maxConcurrentPings = 8

const orderNames: Readonly<Record<Order, string>> = { machine: "By machine", provider: "By provider" }

/** The workspace's runtimes, refreshed at the page's interval. */
export const useRuntimes = () => {
  const workspace = useWorkspace()
  return useQuery({ ...runtimesQuery(workspace), refetchInterval: useInterval() })
}

const useCheckAll = () => {
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const { data = [] } = useRuntimes()
  const check = () => {
    setBusy(true)
    const online = data.filter((runtime) => PingLights.withoutPing(runtime) === undefined)
    const all = Effect.forEach(
      online,
      (runtime) => Effect.ignore(Effect.tryPromise(() => queries.fetchQuery({ ...ping(runtime), staleTime: 0 }))),
      { concurrency: maxConcurrentPings, discard: true }
    )
    Effect.runFork(Effect.ensuring(all, Effect.sync(() => setBusy(false))))
  }
  return { busy, check }
}

/** The fleet page: every agent CLI of the workspace with its current state. */
export const Fleet = () => {
  useTitle("Fleet")
  const workspace = useWorkspace()
  const query = useRuntimes()
  const { data: people = [] } = useQuery(members(workspace))
  const { deleted, dismiss } = useDeleted(workspace)
  const [order, setOrder] = useState<Order>(() => orders.find((one) => one === stored("order")) ?? "machine")
  const [filter, setFilter] = useState("")
  const { busy, check } = useCheckAll()
  const runtimes = query.data ?? []
  const groups = groupsOf(runtimes, order, useDeferredValue(filter))
  const places = deletedRuntimes(deleted, runtimes)
  const online = runtimes.filter(({ status }) => status === "online").length

  const choose = (order: Order) => {
    store("order", order)
    setOrder(order)
  }

  return (
    <>
      <header className="page-head">
        <div>
          <h1>Fleet</h1>
          <p className="muted" aria-live="polite">
            {query.data === undefined ? " " : `${online} online, ${runtimes.length - online} offline`}
          </p>
        </div>
        {runtimes.length === 0 ? null : (
          <div className="tools">
            <Search what="runtimes" value={filter} onChange={setFilter} />
            <fieldset className="segments">
              <legend className="hidden">Order</legend>
              {orders.map((one) => (
                <label key={one}>
                  <input type="radio" name="order" checked={order === one} onChange={() => choose(one)} />
                  <span>{orderNames[one]}</span>
                </label>
              ))}
            </fieldset>
            <Button busy={busy} disabled={online === 0} onClick={check}>
              {busy ? "Checking …" : "Check all"}
            </Button>
          </div>
        )}
      </header>
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the fleet" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : (
          <>
            {query.error === null ?
              null :
              <p className="notice bad" role="status">{query.error.message}. This is the last known state.</p>}
            {places.map((place) => <DeletedNote key={place.runtime.id} place={place} dismiss={dismiss} />)}
            {runtimes.length === 0
              ? (
                <Empty icon="fleet" title="No runtimes yet">
                  <p>
                    A daemon registers every agent CLI on its machine. On a machine with an agent CLI, such as OpenCode,
                    Claude Code or Codex, run:
                  </p>
                  <pre><code>{`MUSTER_SERVER_URL=${location.origin} MUSTER_TOKEN=… muster daemon`}</code></pre>
                </Empty>
              )
              : groups.length === 0
              ? (
                <Empty icon="search" title="No matches">
                  <Button onClick={() => setFilter("")}>Show all {runtimes.length}</Button>
                </Empty>
              )
              : groups.map(({ key, name, online, runtimes }) => (
                <section key={key} className="group" aria-label={name}>
                  <h2>
                    {name}
                    <small>
                      {online === runtimes.length ? `${online} online` : `${online} of ${runtimes.length} online`}
                    </small>
                  </h2>
                  <ul className="rows">
                    {runtimes.map((runtime) => (
                      <RuntimeRow
                        key={runtime.id}
                        runtime={runtime}
                        owner={people.find(({ id }) => id === runtime.ownerId)?.name}
                        order={order}
                        isBack={places.some(({ back }) => back?.id === runtime.id)}
                      />
                    ))}
                  </ul>
                </section>
              ))}
          </>
        )}
    </>
  )
}
