import { Api } from "@muster/domain"
import { clientOf } from "../api/Client.ts"
import type { Problem } from "../api/Problem.ts"
import { run } from "../api/RunCall.ts"

/** Signs this browser in with a token or with the code of a sign-in link. */
export const signIn = (by: { readonly token: string } | { readonly code: string }) =>
  run(clientOf().signIn.signIn({ payload: by }))

/** Removes the code of a sign-in link from the address and the history, and returns it. */
const takeCode = (): string | undefined => {
  if (!location.hash.startsWith(Api.signInFragment)) return undefined
  const code = location.hash.slice(Api.signInFragment.length)
  history.replaceState(null, "", location.pathname + location.search)
  return code
}

/** Signs in if the page was opened with a sign-in link. Returns the problem, if any. */
export const enterByLink = async (): Promise<Problem | undefined> => {
  const code = takeCode()
  if (code === undefined) return undefined
  try {
    await signIn({ code })
    return undefined
  } catch (problem) {
    return problem as Problem
  }
}
