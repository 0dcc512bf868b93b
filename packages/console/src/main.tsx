import "./style/main.css"
import { QueryClientProvider } from "@tanstack/react-query"
import { createRoot } from "react-dom/client"
import { queryClient } from "./api/Queries.ts"
import { App } from "./App.tsx"
import { takeInvitation } from "./people/TakeInvitation.ts"
import { restoreFragment } from "./session/Fragment.ts"
import { enterByLink } from "./session/SignInCalls.ts"
import { applyTheme } from "./shell/Theme.ts"
import { ErrorBoundary } from "./ui/ErrorBoundary.tsx"

applyTheme()

restoreFragment()

const invitation = takeInvitation()
const refused = await enterByLink()

createRoot(document.querySelector("#root")!).render(
  <QueryClientProvider client={queryClient}>
    <ErrorBoundary>
      <App refused={refused} invitation={invitation} />
    </ErrorBoundary>
  </QueryClientProvider>
)
