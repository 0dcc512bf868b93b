import { lazy, Suspense, useEffect, useState } from "react"
import type { Problem } from "./api/Problem.ts"
import { Fleet } from "./fleet/Fleet.tsx"
import { putInvitationBack, takeInvitation } from "./people/TakeInvitation.ts"
import { consoleHome, useRoute } from "./route/Route.ts"
import { useSession } from "./session/Session.ts"
import { SignIn } from "./session/SignIn.tsx"
import { Shell } from "./shell/Shell.tsx"
import { ErrorBoundary } from "./ui/ErrorBoundary.tsx"
import { Link } from "./ui/Link.tsx"
import { Empty, Failure, Loading } from "./ui/State.tsx"
import { useTitle } from "./ui/useTitle.ts"

const pages = {
  runtime: () => import("./runtime/RuntimePage.tsx"),
  tasks: () => import("./tasks/Tasks.tsx"),
  task: () => import("./tasks/TaskPage.tsx"),
  machines: () => import("./machines/Machines.tsx"),
  machine: () => import("./machines/MachinePage.tsx"),
  people: () => import("./people/People.tsx"),
  audit: () => import("./audit/Audit.tsx"),
  skills: () => import("./skills/Skills.tsx"),
  requests: () => import("./requests/Requests.tsx"),
  settings: () => import("./settings/Settings.tsx")
}

/** Dialogs and menus, preloaded so that they open without the server. */
const dialogs = [
  () => import("./shell/PersonMenu.tsx"),
  () => import("./fleet/OpenRuntimeMenu.tsx"),
  () => import("./fleet/Rename.tsx"),
  () => import("./fleet/Delete.tsx"),
  () => import("./fleet/Update.tsx"),
  () => import("./fleet/OpenFilterMenu.tsx"),
  () => import("./fleet/BulkDrain.tsx"),
  () => import("./fleet/BulkRemove.tsx"),
  () => import("./fleet/BulkUpdate.tsx"),
  () => import("./fleet/FleetHelp.tsx"),
  () => import("./models/OpenModelDropdown.tsx"),
  () => import("./models/OpenModelField.tsx"),
  () => import("./tasks/OpenRuntimeFilter.tsx"),
  () => import("./skills/WholeSkill.tsx"),
  () => import("./requests/RequestDetails.tsx")
]
const AcceptInvitation = lazy(() => import("./people/AcceptInvitation.tsx"))
const RuntimePage = lazy(pages.runtime)
const Tasks = lazy(pages.tasks)
const TaskPage = lazy(pages.task)
const Machines = lazy(pages.machines)
const MachinePage = lazy(pages.machine)
const People = lazy(pages.people)
const Audit = lazy(pages.audit)
const Skills = lazy(pages.skills)
const Requests = lazy(pages.requests)
const Settings = lazy(pages.settings)

/** Loads the other pages and dialogs once the first page is shown, so that navigation is immediate. */
const usePreloading = () => {
  useEffect(() => {
    const load = () => void Promise.allSettled([...Object.values(pages), ...dialogs].map((part) => part()))
    if (!("requestIdleCallback" in globalThis)) return load()
    const idle = requestIdleCallback(load, { timeout: 3_000 })
    return () => cancelIdleCallback(idle)
  }, [])
}

const NoPage = () => {
  useTitle("Page not found")
  return (
    <Empty icon="search" title="Page not found">
      <p>There is no page at this address.</p>
      <Link className="button" href={consoleHome}>Go to the fleet</Link>
    </Empty>
  )
}

const Page = () => {
  usePreloading()
  const { id = "", page } = useRoute()
  switch (page) {
    case "fleet":
      return <Fleet />
    case "runtime":
      return <RuntimePage key={id} id={id} />
    case "tasks":
      return <Tasks />
    case "task":
      return <TaskPage key={id} id={id} />
    case "machines":
      return <Machines />
    case "machine":
      return <MachinePage key={id} id={id} />
    case "people":
      return <People />
    case "audit":
      return <Audit />
    case "skills":
    case "skill":
      return <Skills open={id} />
    case "requests":
    case "request":
      return <Requests open={id} />
    case "settings":
      return <Settings />
    case "unknown":
      return <NoPage />
  }
}

interface Opening {
  /** Why the sign-in link was refused. */
  readonly refused: Problem | undefined
  /** The secret of the invitation's link with which the page was opened. */
  readonly invitation: string | undefined
}

/** The console: the page of the current path if the person is signed in, else the sign-in page. */
export const App = ({ invitation, refused }: Opening) => {
  const { query, signedOut, user } = useSession()
  const { page } = useRoute()
  const [accepting, setAccepting] = useState(invitation)
  const [isSigningIn, setSigningIn] = useState(false)
  if (accepting !== undefined && !(isSigningIn && signedOut)) {
    const signIn = () => {
      putInvitationBack(accepting)
      setSigningIn(true)
    }
    const done = () => {
      takeInvitation()
      setAccepting(undefined)
    }
    return (
      <Suspense fallback={<Loading what="the invitation" />}>
        <AcceptInvitation secret={accepting} signIn={signIn} done={done} />
      </Suspense>
    )
  }
  if (signedOut) return <SignIn refused={refused} />
  if (user === undefined) {
    return (
      <main className="gate">
        {query.error === null
          ? <Loading what="Muster" />
          : <Failure problem={query.error} again={() => void query.refetch()} />}
      </main>
    )
  }
  return (
    <Shell user={user}>
      <ErrorBoundary key={page}>
        <Suspense fallback={<Loading what="the page" />}>
          <Page />
        </Suspense>
      </ErrorBoundary>
    </Shell>
  )
}
