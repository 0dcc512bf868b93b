import { ConsolePages, type Identity } from "@muster/domain"
import { lazy, type ReactNode, Suspense } from "react"
import { Live, type Liveness, useLive } from "../live/useLive.ts"
import { useRoute } from "../route/Route.ts"
import { Icon, type IconName } from "../ui/Icon.tsx"
import { Link } from "../ui/Link.tsx"
import { Mark } from "../ui/Mark.tsx"
import { onDemand } from "../ui/OnDemand.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { Toasts } from "../ui/Toast.tsx"
import { CurrentWorkspace, useChosenWorkspace } from "../workspace/Workspace.ts"
import { Notices } from "./Notices.tsx"
import { TokenEnd } from "./TokenEnd.tsx"

const pages: ReadonlyArray<readonly [ConsolePages.ConsolePage, string, IconName]> = [
  ["fleet", "Fleet", "fleet"],
  ["tasks", "Tasks", "tasks"],
  ["machines", "Machines", "machines"],
  ["skills", "Skills", "skills"],
  ["requests", "Requests", "requests"],
  ["people", "People", "people"],
  ["settings", "Settings", "settings"]
]

/** The entry that is marked on pages without an entry of their own. */
const entries: Partial<Record<ReturnType<typeof useRoute>["page"], ConsolePages.ConsolePage>> = {
  runtime: "fleet",
  task: "tasks",
  machine: "machines",
  skill: "skills",
  request: "requests",
  audit: "settings"
}

const Navigation = () => {
  const { page } = useRoute()
  const current = entries[page] ?? page
  return (
    <nav aria-label="Pages" className="places">
      {pages.map(([place, name, icon]) => (
        <Link key={place} href={ConsolePages.all[place]} aria-current={current === place ? "page" : undefined}>
          <Icon name={icon} />
          <span>{name}</span>
        </Link>
      ))}
    </nav>
  )
}

const states: Readonly<Record<Liveness, string>> = {
  connecting: "Connecting …",
  live: "Live",
  polling: "Reconnecting; refreshing every few seconds"
}

const Signal = ({ state }: { readonly state: Liveness }) => (
  <p className="signal" data-state={state} role="status">
    <span className="dot" aria-hidden="true" />
    <span className="signal-text">{states[state]}</span>
  </p>
)

const Menu = onDemand<{ readonly user: Identity.User }>(() => import("./PersonMenu.tsx"))

const Person = ({ user }: { readonly user: Identity.User }) => (
  <Menu
    user={user}
    button={{ className: "person", "aria-haspopup": "menu" }}
  >
    <span className="monogram" aria-hidden="true">{user.name.charAt(0).toUpperCase()}</span>
    <span className="person-text">
      <b>{user.name}</b>
      <small>{user.email}</small>
      <span className="hidden">: theme, documentation, sign out</span>
    </span>
  </Menu>
)

const Workspaces = ({ all, choose, current }: Omit<ReturnType<typeof useChosenWorkspace>, "query">) =>
  all.length < 2
    ? <p className="workspace">{current?.name}</p>
    : (
      <label className="workspace">
        <span className="hidden">Workspace</span>
        <select
          value={current?.id}
          onChange={({ target }) => {
            const found = all.find(({ id }) => id === target.value)
            if (found !== undefined) choose(found.id)
          }}
        >
          {all.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
        </select>
      </label>
    )

const NoWorkspace = lazy(() => import("../workspace/NoWorkspace.tsx"))

/** The frame of every page: navigation, workspace, person and toasts. */
export const Shell = ({ children, user }: { readonly user: Identity.User; readonly children: ReactNode }) => {
  const { query, ...workspaces } = useChosenWorkspace()
  const live = useLive(workspaces.current?.id)
  return (
    <div className="shell">
      <a className="skip" href="#page">Skip to the page</a>
      <header className="side">
        <div className="brand">
          <Mark />
          <b>Muster</b>
          <Workspaces {...workspaces} />
        </div>
        <Navigation />
        <div className="foot">
          <Signal state={live} />
          <Person user={user} />
        </div>
      </header>
      <main id="page" tabIndex={-1}>
        {workspaces.current !== undefined
          ? (
            <CurrentWorkspace value={workspaces.current.id}>
              <Notices live={live} />
              <TokenEnd />
              <Live value={live}>{children}</Live>
            </CurrentWorkspace>
          )
          : query.isPending
          ? <Loading what="your workspaces" />
          : query.error !== null
          ? <Failure problem={query.error} again={() => void query.refetch()} />
          : (
            <Suspense fallback={<Loading what="the page" />}>
              <NoWorkspace />
            </Suspense>
          )}
      </main>
      <Toasts />
    </div>
  )
}
