import { type Api, LivenessPolicy } from "@muster/domain"
import { memo } from "react"
import { ModelDropdown } from "../models/ModelDropdown.tsx"
import { Lights } from "../ping/Lights.tsx"
import { usePing } from "../ping/usePing.ts"
import { pathTo } from "../route/Route.ts"
import { Ago, spanLeft } from "../ui/Ago.tsx"
import { useNow } from "../ui/Clock.ts"
import { Icon } from "../ui/Icon.tsx"
import { Link } from "../ui/Link.tsx"
import { machineOf, type Order, providerName, versionOf } from "./FleetGroups.ts"
import { RuntimeMenu } from "./RuntimeMenu.tsx"

/** When an offline runtime was last seen, and when it will be removed. */
export const Absence = ({ runtime }: { readonly runtime: Api.RuntimeRecord }) => {
  const now = useNow(60_000)
  const since = runtime.lastSeenAt ?? runtime.createdAt
  const left = since + LivenessPolicy.defaultIntervals.expireAfter - now
  return (
    <>
      {runtime.lastSeenAt === null ? "never online" : (
        <>
          last seen <Ago at={runtime.lastSeenAt} />
        </>
      )}
      {left > 0 ? `, removed in ${spanLeft(left)}` : ", will be removed soon"}
    </>
  )
}

/** The row of one runtime. */
export const RuntimeRow = memo(({ isBack, order, owner, runtime }: {
  readonly runtime: Api.RuntimeRecord
  readonly owner: string | undefined
  readonly order: Order
  readonly isBack: boolean
}) => {
  const { busy, lights } = usePing(runtime)
  const offline = runtime.status === "offline"
  return (
    <li className="row" data-status={runtime.status} data-back={isBack}>
      <Lights lights={lights} busy={busy} />
      <div className="row-name">
        <Link href={pathTo.runtime(runtime.id)}>{runtime.name}</Link>
        <span className="muted">
          {order === "machine" ? providerName(runtime.provider) : machineOf(runtime)}
          {versionOf(runtime) === "" ? null : <code>{versionOf(runtime)}</code>}
          {isBack ? <b className="tag good">new</b> : null}
          {runtime.secondDaemonAt === undefined ?
            null :
            (
              <b
                className="tag bad"
                title="A second machine used the same daemon id. The server told it to use a new one."
              >
                duplicate id
              </b>
            )}
        </span>
      </div>
      <span className="row-owner muted">
        <Icon name={runtime.visibility === "public" ? "globe" : "lock"} />
        <span className="hidden">{runtime.visibility === "public" ? "Public" : "Private"}, owner:</span>
        <span>{owner ?? "no owner"}</span>
      </span>
      <span className="row-seen muted">
        {offline
          ? <Absence runtime={runtime} />
          : lights.verdict === "well" || lights.verdict === "unpingable"
          ? runtime.lastSeenAt === null ? "online" : (
            <>
              seen <Ago at={runtime.lastSeenAt} fresh={90_000} />
            </>
          )
          : <span className="bad-text">{lights.text}</span>}
      </span>
      <ModelDropdown runtime={runtime} />
      <RuntimeMenu runtime={runtime} />
    </li>
  )
})
