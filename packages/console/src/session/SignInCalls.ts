import { signInFragment } from "@muster/domain"
import { clientOf } from "../api/Client.ts"
import type { Problem } from "../api/Problem.ts"
import { run } from "../api/RunCall.ts"

/** Signs this browser in, with a token or a link's code. */
export const signIn = (by: { readonly token: string } | { readonly code: string }) =>
  run(clientOf().signIn.signIn({ payload: by }))

/** Takes the code of a sign-in link out of the address, so that it stays neither there nor in the history. */
const takeCode = (): string | undefined => {
  if (!location.hash.startsWith(signInFragment)) return undefined
  const code = location.hash.slice(signInFragment.length)
  history.replaceState(null, "", location.pathname + location.search)
  return code
}

/** Follows the link that the page was opened with, if it was one. Answers why that failed, or nothing. */
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
