import { lazy, Suspense, useEffect } from "react"
import type { Problem } from "./api/Problem.ts"
import { Fleet } from "./fleet/Fleet.tsx"
import { useRoute } from "./route/Route.ts"
import { useSession } from "./session/Session.ts"
import { SignIn } from "./session/SignIn.tsx"
import { Shell } from "./shell/Shell.tsx"
import { ErrorBoundary } from "./ui/ErrorBoundary.tsx"
import { Failure, Loading } from "./ui/State.tsx"

const pages = {
  runtime: () => import("./runtime/RuntimePage.tsx"),
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
  () => import("./skills/WholeSkill.tsx"),
  () => import("./requests/RequestDetails.tsx")
]
const RuntimePage = lazy(pages.runtime)
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

const Page = () => {
  usePreloading()
  const { page, runtimeId } = useRoute()
  switch (page) {
    case "fleet":
      return <Fleet />
    case "runtime":
      return <RuntimePage key={runtimeId} id={runtimeId ?? ""} />
    case "skills":
      return <Skills />
    case "requests":
      return <Requests />
    case "settings":
      return <Settings />
  }
}

/** The console: the page of the current path if the person is signed in, else the sign-in page. */
export const App = ({ refused }: { readonly refused: Problem | undefined }) => {
  const { query, signedOut, user } = useSession()
  const { page } = useRoute()
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
