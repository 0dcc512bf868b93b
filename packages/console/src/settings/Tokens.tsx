import { Scope } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { tokens } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { Ago, spanLeft } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { useNow } from "../ui/Clock.ts"
import { FormDialog } from "../ui/FormDialog.tsx"
import { Modal } from "../ui/Modal.tsx"
import { Secret } from "../ui/Secret.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { say } from "../ui/Toast.tsx"

/** The fields of a token that its revocation needs. */
interface Token {
  readonly id: string
  readonly name: string
}

const lifetimes = [[30, "30 days"], [90, "90 days"], [365, "a year"], [0, "no expiry"]] as const

/** What a token with each scope may do. */
const abilities: Readonly<Record<Scope.Scope, string>> = {
  read: "see runtimes, requests, skills and members",
  ask: "ask runtimes for models and skills, and ping them",
  run: "act as a daemon: register runtimes and take work",
  admin: "change and delete; read the audit log"
}

const Scopes = ({ onChange, value }: {
  readonly value: ReadonlyArray<Scope.Scope>
  readonly onChange: (scopes: ReadonlyArray<Scope.Scope>) => void
}) => (
  <fieldset className="field">
    <legend>May be used to</legend>
    {Scope.all.map((scope) => (
      <label key={scope} className="check">
        <input
          type="checkbox"
          checked={value.includes(scope)}
          disabled={scope === "read" && value.length > 1}
          onChange={({ target }) =>
            onChange(
              Scope.normalize(target.checked ? [...value, scope] : value.filter((other) => other !== scope))
            )}
        />
        <span>
          <b>{scope}</b>: {abilities[scope]}
        </span>
      </label>
    ))}
  </fieldset>
)

/** The dialog that creates a token and shows its secret once. */
const NewToken = ({ close }: { readonly close: () => void }) => {
  const queries = useQueryClient()
  const [name, setName] = useState("")
  const [days, setDays] = useState<number>(90)
  const [scopes, setScopes] = useState<ReadonlyArray<Scope.Scope>>(Scope.all)
  const [secret, setSecret] = useState<string>()

  if (secret !== undefined) {
    return (
      <Modal title={`Token ${name.trim()}`} close={close}>
        <p>Copy the token now. It is shown only once; the server stores only its hash.</p>
        <Secret text={secret} what="the token" close={close} />
      </Modal>
    )
  }
  const submit = async () => {
    const made = await run(
      clientOf().access.createToken({ payload: { name: name.trim(), expiresInDays: days, scopes } })
    )
    setSecret(made.token)
    await queries.invalidateQueries({ queryKey: tokens.queryKey })
    return false as const
  }
  return (
    <FormDialog
      title="New token"
      action="Create"
      close={close}
      disabled={name.trim() === "" || scopes.length === 0}
      submit={submit}
    >
      <label className="field">
        <span>Name</span>
        <input
          value={name}
          maxLength={200}
          placeholder="What uses the token, for example a machine’s name"
          onChange={({ target }) => setName(target.value)}
          data-autofocus
        />
      </label>
      <label className="field">
        <span>Expires after</span>
        <select value={days} onChange={({ target }) => setDays(Number(target.value))}>
          {lifetimes.map(([days, text]) => <option key={days} value={days}>{text}</option>)}
        </select>
      </label>
      <Scopes value={scopes} onChange={setScopes} />
    </FormDialog>
  )
}

const Revoke = ({ close, token }: { readonly token: Token; readonly close: () => void }) => {
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const revoke = async () => {
    setBusy(true)
    try {
      await run(clientOf().access.revokeToken({ params: { tokenId: token.id } }))
      await queries.invalidateQueries({ queryKey: tokens.queryKey })
      close()
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
      setBusy(false)
    }
  }
  return (
    <Modal title={`Revoke ${token.name}?`} close={close}>
      <p>Everything that uses this token loses access within seconds. This cannot be undone.</p>
      <div className="actions">
        <Button onClick={close} data-autofocus>Cancel</Button>
        <Button kind="danger" busy={busy} onClick={() => void revoke()}>Revoke</Button>
      </div>
    </Modal>
  )
}

/** The person's tokens, including the sessions of browsers. */
export const Tokens = () => {
  const query = useQuery(tokens)
  const now = useNow(60_000)
  const [making, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<Token>()
  const queries = useQueryClient()
  const renew = async ({ id, name }: Token) => {
    try {
      await run(clientOf().access.renewToken({ params: { tokenId: id }, payload: {} }))
      say(`${name} was renewed.`)
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
    }
    await queries.invalidateQueries({ queryKey: tokens.queryKey })
  }
  return (
    <section className="card" aria-label="Tokens">
      <header>
        <h2>Your tokens</h2>
        <Button onClick={() => setMaking(true)}>New token …</Button>
      </header>
      {query.data === undefined
        ? query.error === null
          ? <Loading what="your tokens" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : (
          <ul className="plain-rows">
            {query.data.map((token) => {
              const { expiresAt, id, lastUsedAt, name, purpose = "api", scopes = Scope.all, tokenPrefix } = token
              return (
                <li key={id}>
                  <span>
                    <b>{name}</b> <code className="muted">{tokenPrefix}…</code> {scopes.length === Scope.all.length
                      ? null
                      : scopes.map((scope) => <span key={scope} className="tag">{scope}</span>)}
                    <br />
                    <span className="muted small">
                      {lastUsedAt === null ? "not used yet" : (
                        <>
                          used <Ago at={lastUsedAt} fresh={120_000} />
                        </>
                      )}, {expiresAt === null
                        ? "does not expire"
                        : expiresAt > now
                        ? `expires in ${spanLeft(expiresAt - now)}`
                        : "expired"}
                    </span>
                  </span>
                  <span className="tools">
                    {expiresAt === null || purpose !== "api" ?
                      null :
                      (
                        <Button
                          kind="quiet"
                          onClick={() => void renew(token)}
                          aria-label={`Renew ${name}, ${tokenPrefix}`}
                        >
                          Renew
                        </Button>
                      )}
                    <Button
                      kind="quiet"
                      onClick={() => setRevoking(token)}
                      aria-label={`Revoke ${name}, ${tokenPrefix}`}
                    >
                      Revoke …
                    </Button>
                  </span>
                </li>
              )
            })}
          </ul>
        )}
      {making ? <NewToken close={() => setMaking(false)} /> : null}
      {revoking === undefined ? null : <Revoke token={revoking} close={() => setRevoking(undefined)} />}
    </section>
  )
}
