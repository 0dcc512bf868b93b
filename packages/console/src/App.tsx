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

/** What opens above a page: it is there too when the server is not. */
const inside = [
  () => import("./shell/PersonMenu.tsx"),
  () => import("./fleet/OpenRuntimeMenu.tsx"),
  () => import("./fleet/Rename.tsx"),
  () => import("./fleet/Delete.tsx"),
  () => import("./fleet/Update.tsx"),
  () => import("./models/OpenModelDropdown.tsx"),
  () => import("./skills/WholeSkill.tsx"),
  () => import("./requests/RequestDetails.tsx")
]
const RuntimePage = lazy(pages.runtime)
const Skills = lazy(pages.skills)
const Requests = lazy(pages.requests)
const Settings = lazy(pages.settings)

/** The rest of the console comes once the first page stands, so that going somewhere is no wait. */
const usePreloading = () => {
  useEffect(() => {
    const load = () => void Promise.allSettled([...Object.values(pages), ...inside].map((part) => part()))
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

/** The console: for one who is signed in, the page that the address means; for everybody else, the way in. */
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
