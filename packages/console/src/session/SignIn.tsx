import { useQueryClient } from "@tanstack/react-query"
import { type FormEvent, useState } from "react"
import type { Problem } from "../api/Problem.ts"
import { me } from "../api/Queries.ts"
import { Button } from "../ui/Button.tsx"
import { Mark } from "../ui/Mark.tsx"
import { ProviderSignIn } from "./ProviderSignIn.tsx"
import { signIn } from "./SignInCalls.ts"

const hints: Readonly<Record<string, string>> = {
  link_used: "Run npm start again for a new link, or sign in with a token.",
  invalid_token: "Check that you pasted all of it and that it was not revoked."
}

/** The sign-in page. */
export const SignIn = ({ refused }: { readonly refused: Problem | undefined }) => {
  const queries = useQueryClient()
  const [token, setToken] = useState("")
  const [problem, setProblem] = useState(refused)
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (token.trim() === "" || busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      await signIn({ token: token.trim() })
      // The cache can belong to another person's session.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" })
      await queries.resetQueries(me)
    } catch (failure) {
      setProblem(failure as Problem)
      setBusy(false)
    }
  }

  return (
    <main className="gate">
      <form className="gate-card" onSubmit={submit}>
        <Mark />
        <h1>Sign in to Muster</h1>
        <p className="muted">
          Use a personal token. <code>npm start</code> prints a one-time sign-in link. The owner’s token is in the file
          {" "}
          <code>token</code> of the server’s data folder.
        </p>
        <label className="field">
          <span>Token</span>
          <input
            type="password"
            name="token"
            autoComplete="current-password"
            spellCheck={false}
            placeholder="mul_…"
            value={token}
            onChange={(event) => setToken(event.target.value)}
            aria-invalid={problem !== undefined}
            aria-describedby={problem === undefined ? undefined : "sign-in-problem"}
            autoFocus
          />
        </label>
        {problem === undefined ? null : (
          <p className="notice bad" id="sign-in-problem" role="alert">
            {problem.message}. {hints[problem.code] ?? ""}
          </p>
        )}
        <Button kind="primary" type="submit" busy={busy} disabled={token.trim() === ""}>Sign in</Button>
        <ProviderSignIn />
      </form>
    </main>
  )
}
