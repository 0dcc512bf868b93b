import { type Api, type Fleet, LivenessPolicy, Runtime } from "@muster/domain"
import { memo } from "react"
import { ModelDropdown } from "../models/ModelDropdown.tsx"
import { Lights } from "../ping/Lights.tsx"
import { usePing } from "../ping/usePing.ts"
import { pathTo } from "../route/Route.ts"
import { Ago, spanLeft } from "../ui/Ago.tsx"
import { useNow } from "../ui/Clock.ts"
import { Icon } from "../ui/Icon.tsx"
import { Link } from "../ui/Link.tsx"
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
      <span className="removal">{left > 0 ? `, removed in ${spanLeft(left)}` : ", will be removed soon"}</span>
    </>
  )
}

/** Where a row is in its list. */
interface Place {
  /** In px from the top of its group. */
  readonly top: number
  readonly height: number
  readonly line: string
  /** 1 for the first row of its group, and how many rows the group has. */
  readonly position: number
  readonly size: number
}

/** A row whose runtime is being loaded. */
export const RuntimeRowLoading = ({ place: { height, position, size, top } }: { readonly place: Place }) => (
  <li className="row row-loading" style={{ top, height }} aria-posinset={position} aria-setsize={size}>
    <span className="hidden">Loading …</span>
    <i aria-hidden="true" />
  </li>
)

const Seen = (
  { item, text, tone }: { readonly item: Api.FleetItem; readonly text: string; readonly tone: "bad" | "plain" }
) =>
  item.status === "offline"
    ? <Absence runtime={item} />
    : tone === "bad"
    ? <span className="bad-text">{text}</span>
    : item.lastSeenAt === null
    ? "online"
    : (
      <>
        seen <Ago at={item.lastSeenAt} fresh={90_000} />
      </>
    )

interface RuntimeRowProps {
  readonly item: Api.FleetItem
  readonly place: Place
  readonly group: Fleet.Grouping
  readonly isBack: boolean
  readonly isSelected: boolean
  readonly toggle: (item: Api.FleetItem) => void
}

const isSame = (a: RuntimeRowProps, b: RuntimeRowProps) =>
  a.item === b.item && a.group === b.group && a.isBack === b.isBack && a.isSelected === b.isSelected &&
  a.place.top === b.place.top && a.place.height === b.place.height && a.place.line === b.place.line &&
  a.place.size === b.place.size

/** The row of one runtime. */
export const RuntimeRow = memo(({ group, isBack, isSelected, item, place, toggle }: RuntimeRowProps) => {
  const { busy, lights } = usePing(item)
  const isWell = lights.verdict === "well" || lights.verdict === "unpingable"
  const version = Runtime.versionOf(item)
  return (
    <li
      className="row"
      style={{ top: place.top, height: place.height }}
      data-status={item.status}
      data-back={isBack}
      data-line={place.line}
      aria-posinset={place.position}
      aria-setsize={place.size}
    >
      <input
        type="checkbox"
        className="row-check"
        aria-label={`Select ${item.name}`}
        checked={isSelected}
        onChange={() => toggle(item)}
      />
      <Lights lights={lights} busy={busy} />
      <div className="row-name">
        <Link href={pathTo.runtime(item.id)} title={item.name} data-main>{item.name}</Link>
        <span className="muted">
          <span className="row-kind">
            {group === "machine" ? Runtime.providerName(item.provider) : item.machineName}
          </span>
          {version === "" ? null : <code>{version}</code>}
          {item.draining ? <b className="tag" title="Its machine gets no new work">draining</b> : null}
          {item.busy ? <b className="tag accent">busy</b> : null}
          {isBack ? <b className="tag good">new</b> : null}
          {item.secondDaemonAt === undefined ?
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
        <Icon name={item.visibility === "public" ? "globe" : "lock"} />
        <span className="hidden">{item.visibility === "public" ? "Public" : "Private"}, owner:</span>
        <span>{item.ownerName ?? "no owner"}</span>
      </span>
      <span className="row-seen muted">
        <Seen
          item={item}
          text={isWell ? item.trouble ?? "" : lights.text}
          tone={isWell && item.trouble === null ? "plain" : "bad"}
        />
      </span>
      <ModelDropdown runtime={item} />
      <RuntimeMenu runtime={item} />
    </li>
  )
}, isSame)
