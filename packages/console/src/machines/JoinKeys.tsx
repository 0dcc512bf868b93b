import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { joinKeys } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { spanLeft } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { useNow } from "../ui/Clock.ts"
import { FormDialog } from "../ui/FormDialog.tsx"
import { Modal } from "../ui/Modal.tsx"
import { Secret } from "../ui/Secret.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { say } from "../ui/Toast.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"
import { LabelsField, labelsOf } from "./LabelsField.tsx"
import { Labels } from "./Machines.tsx"

/** The dialog that creates a join key and shows it once. */
const NewKey = ({ close }: { readonly close: () => void }) => {
  const workspace = useWorkspace()
  const queries = useQueryClient()
  const [name, setName] = useState("")
  const [labels, setLabels] = useState("")
  const [days, setDays] = useState(30)
  const [isEphemeral, setEphemeral] = useState(true)
  const [key, setKey] = useState<string>()
  if (key !== undefined) {
    return (
      <Modal title={`Join key ${name.trim()}`} close={close} wide>
        <p>Set it as a secret of your build system. It is shown only here.</p>
        <Secret text={key} what="the key" close={close}>
          <p className="muted small">
            A job joins with <code>MUSTER_SERVER_URL={location.origin} MUSTER_JOIN_KEY=… muster daemon</code>
          </p>
        </Secret>
      </Modal>
    )
  }
  const submit = async () => {
    const payload = { name: name.trim(), labels: labelsOf(labels), ephemeral: isEphemeral, expiresInDays: days }
    const made = await run(clientOf(workspace).machines.createKey({ payload }))
    setKey(made.key)
    await queries.invalidateQueries({ queryKey: joinKeys(workspace).queryKey })
    return false as const
  }
  return (
    <FormDialog title="New join key" action="Create" close={close} submit={submit} disabled={name.trim() === ""}>
      <label className="field">
        <span>Name</span>
        <input
          value={name}
          maxLength={200}
          placeholder="What uses it, for example nightly builds"
          onChange={({ target }) => setName(target.value)}
          data-autofocus
        />
      </label>
      <LabelsField value={labels} onChange={setLabels} />
      <label className="field">
        <span>Expires after</span>
        <select value={days} onChange={({ target }) => setDays(Number(target.value))}>
          {[1, 7, 30, 90].map((days) => <option key={days} value={days}>{days === 1 ? "a day" : `${days} days`}
          </option>)}
        </select>
      </label>
      <label className="check">
        <input type="checkbox" checked={isEphemeral} onChange={({ target }) => setEphemeral(target.checked)} />
        Remove its machines after 10 minutes of silence
      </label>
    </FormDialog>
  )
}

/** The join keys of the workspace, for its owners and admins. */
export const JoinKeys = () => {
  const workspace = useWorkspace()
  const queries = useQueryClient()
  const query = useQuery(joinKeys(workspace))
  const now = useNow(60_000)
  const [making, setMaking] = useState(false)
  const revoke = async (keyId: string) => {
    try {
      await run(clientOf(workspace).machines.revokeKey({ params: { keyId } }))
      say("The join key was revoked. Machines that joined with it remain.")
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
    }
    await queries.invalidateQueries({ queryKey: joinKeys(workspace).queryKey })
  }
  const valid = query.data?.filter(({ state }) => state === "valid")
  return (
    <section className="card" aria-label="Join keys">
      <header>
        <h2>Join keys</h2>
        <Button onClick={() => setMaking(true)}>New join key …</Button>
      </header>
      <p className="muted">Build machines join by themselves with a key.</p>
      {valid === undefined
        ? query.error === null
          ? <Loading what="the join keys" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : valid.length === 0
        ? null
        : (
          <ul className="plain-rows">
            {valid.map((key) => (
              <li key={key.id}>
                <span>
                  <b>{key.name}</b> <code className="muted">{key.prefix}…</code> <Labels labels={key.labels} />
                  <br />
                  <span className="muted small">
                    by {key.ownerName}; used {key.uses === 1 ? "once" : `${key.uses} times`}
                    {key.maxUses === null ? "" : ` of ${key.maxUses}`}; expires in {spanLeft(key.expiresAt - now)}
                    {key.ephemeral ? "; ephemeral machines" : ""}
                  </span>
                </span>
                <Button kind="quiet" onClick={() => void revoke(key.id)} aria-label={`Revoke ${key.name}`}>
                  Revoke
                </Button>
              </li>
            ))}
          </ul>
        )}
      {making ? <NewKey close={() => setMaking(false)} /> : null}
    </section>
  )
}
