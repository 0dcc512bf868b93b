import { useQuery, useQueryClient } from "@tanstack/react-query"
import { clientOf } from "../api/Client.ts"
import { isSignedOut } from "../api/Problem.ts"
import { me } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { clearStored } from "../ui/Storage.ts"

/** The signed-in person. */
export const useSession = () => {
  const query = useQuery(me)
  return { user: query.data, query, signedOut: isSignedOut(query.error) }
}

/** Where a person goes after signing out: to the provider, which ends its session if they came from there. */
const afterSignOut = () =>
  run(clientOf().signIn.ways()).then(({ oidc }) => oidc === null ? "/" : "/auth/oidc/end").catch(() => "/")

/** Ends the session on the server, then clears the page's cache and what the browser stores. */
export const useSignOut = () => {
  const queries = useQueryClient()
  return async () => {
    // A session that has already ended is not an error.
    await run(clientOf().session.signOut()).catch((problem: unknown) => {
      if (!isSignedOut(problem)) throw problem
    })
    queries.clear()
    clearStored()
    location.assign(await afterSignOut())
  }
}
