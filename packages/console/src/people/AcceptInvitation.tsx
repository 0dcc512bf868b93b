import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query"
import { type FormEvent, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { isTemporary } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { ProviderSignIn } from "../session/ProviderSignIn.tsx"
import { useSession } from "../session/Session.ts"
import { Button } from "../ui/Button.tsx"
import { Mark } from "../ui/Mark.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { keepWorkspace } from "../workspace/Workspace.ts"
import { putInvitationBack } from "./TakeInvitation.ts"

const preview = (secret: string) =>
  queryOptions({
    queryKey: ["invitation", secret],
    queryFn: ({ signal }) => run(clientOf().inviteLink.look({ payload: { secret } }), signal),
    staleTime: Infinity
  })

/** The fields of a person without an account. */
const Newcomer = ({ email, fixed, name, setEmail, setName }: {
  readonly name: string
  readonly email: string
  /** The invitation is for this address only. */
  readonly fixed: boolean
  readonly setName: (name: string) => void
  readonly setEmail: (email: string) => void
}) => (
  <>
    <label className="field">
      <span>Your name</span>
      <input
        value={name}
        maxLength={256}
        autoComplete="name"
        onChange={({ target }) => setName(target.value)}
        autoFocus
      />
    </label>
    <label className="field">
      <span>Your e-mail</span>
      <input
        type="email"
        value={email}
        maxLength={254}
        autoComplete="email"
        readOnly={fixed}
        onChange={({ target }) => setEmail(target.value)}
      />
    </label>
  </>
)

/** The page of an invitation's link: a person who is signed in joins; another one makes an account first. */
const AcceptInvitation = ({ done, secret, signIn }: {
  readonly secret: string
  /** Signs in with an account first; the page is shown again afterwards. */
  readonly signIn: () => void
  readonly done: () => void
}) => {
  const queries = useQueryClient()
  const { query: session, signedOut, user } = useSession()
  const query = useQuery(preview(secret))
  const [name, setName] = useState("")
  const [typed, setEmail] = useState("")
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const email = query.data?.inviteeEmail ?? typed

  const accept = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      const joined = await run(
        clientOf().inviteLink.accept({
          payload: { secret, ...(signedOut && { name: name.trim(), email: email.trim(), credential: "session" }) }
        })
      )
      keepWorkspace(joined.workspaceId)
      await queries.resetQueries()
      done()
    } catch (failure) {
      setProblem((failure as Error).message)
      setBusy(false)
    }
  }

  const isReady = user !== undefined || (signedOut && name.trim() !== "" && email.trim() !== "")
  return (
    <main className="gate">
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the invitation" />
          : (
            <Failure
              problem={query.error}
              {...isTemporary(query.error) && { again: () => void query.refetch() }}
            >
              <Button onClick={done}>Go to the console</Button>
            </Failure>
          )
        : (
          <form className="gate-card" onSubmit={accept}>
            <Mark />
            <h1>Join {query.data.workspaceName}</h1>
            <p className="muted">
              {query.data.inviterName} invites you to the workspace {query.data.workspaceName} as {query.data.role}.
              {user === undefined ? "" : ` You are signed in as ${user.name} (${user.email}).`}
            </p>
            {signedOut
              ? (
                <Newcomer
                  name={name}
                  email={email}
                  fixed={query.data.inviteeEmail !== null}
                  setName={setName}
                  setEmail={setEmail}
                />
              )
              : user === undefined && session.error !== null
              ? <p className="notice bad" role="alert">{session.error.message}.</p>
              : null}
            {problem === undefined ? null : <p className="notice bad" role="alert">{problem}.</p>}
            <Button kind="primary" type="submit" busy={busy} disabled={!isReady}>Join</Button>
            {signedOut ? <ProviderSignIn leave={() => putInvitationBack(secret)} /> : null}
            {signedOut
              ? <Button kind="quiet" onClick={signIn}>I have an account</Button>
              : <Button kind="quiet" onClick={done}>Not now</Button>}
          </form>
        )}
    </main>
  )
}

export default AcceptInvitation
