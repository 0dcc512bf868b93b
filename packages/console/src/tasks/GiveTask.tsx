import { Api, Capabilities, ConsolePages, Runtime, Task } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"
import { type FormEvent, type KeyboardEvent, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { ModelField } from "../models/ModelField.tsx"
import { navigate, pathTo } from "../route/Route.ts"
import { Button } from "../ui/Button.tsx"
import { Link } from "../ui/Link.tsx"
import { say } from "../ui/Toast.tsx"
import { bytesOf, type Draft } from "./StoredDrafts.ts"
import { writeTaskSearch } from "./TaskSearch.ts"
import { useDraft } from "./useDraft.ts"

const number = new Intl.NumberFormat()

const policies: ReadonlyArray<readonly [Task.Policy, string]> = [
  ["all", "Allow every call"],
  ["none", "Reject every call"]
]

/** What the runtime's daemon can do, as far as it is known; the server refuses the rest with the reason. */
const abilitiesOf = ({ daemonId, metadata }: Api.RuntimeRecord) => {
  const isOurs = !Capabilities.lacks(metadata, Api.tasksCapability)
  return { folder: isOurs && daemonId !== null, policy: isOurs }
}

/** What a person reads and does if the runtime is known to run no task at all. */
const noTasksTexts = {
  driver: (name: string) =>
    `The daemon of this runtime cannot give work to ${name}. Choose another runtime, or update Muster on its machine.`,
  daemon: () => "The daemon of this runtime is from before tasks. Update Muster on its machine."
}

/**
 * Sends a draft. A call that is repeated without a change, since its reply was lost, has the same idempotency key, so that it
 * makes one task.
 */
const send = (
  { id: runtimeId, workspaceId }: Api.RuntimeRecord,
  { folder, key, model, policy, prompt }: Draft
) =>
  run(
    clientOf(workspaceId).tasks.create({
      headers: { [Api.idempotencyHeader]: key },
      payload: {
        runtimeId,
        prompt,
        folder: folder.trim() === "" ? null : folder.trim(),
        model: model ?? null,
        policy
      }
    })
  )

interface FieldsProps {
  readonly draft: Draft
  readonly change: ReturnType<typeof useDraft>["change"]
  readonly runtime: Api.RuntimeRecord
}

const Fields = ({ change, draft, runtime }: FieldsProps) => {
  const can = abilitiesOf(runtime)
  return (
    <div className="task-fields">
      <div className="field">
        <span>Model</span>
        <ModelField runtime={runtime} model={draft.model} choose={(model) => change({ model })} />
      </div>
      {can.folder
        ? (
          <label className="field">
            <span>Folder on {Runtime.machineOf(runtime)}</span>
            <input
              value={draft.folder}
              maxLength={4_096}
              placeholder="A folder of its own"
              title="An absolute path that was opened on the machine: muster folders add DIR"
              spellCheck={false}
              autoComplete="off"
              onChange={({ target }) => change({ folder: target.value })}
            />
          </label>
        )
        : null}
      {can.policy
        ? (
          <label className="field" title="What the daemon answers when the agent asks for permission">
            <span>Permissions</span>
            <select value={draft.policy} onChange={({ target }) => change({ policy: target.value as Task.Policy })}>
              {policies.map(([policy, name]) => <option key={policy} value={policy}>{name}</option>)}
            </select>
          </label>
        )
        : null}
    </div>
  )
}

const Form = ({ runtime }: { readonly runtime: Api.RuntimeRecord }) => {
  const queries = useQueryClient()
  const { change: edit, draft, forget } = useDraft(runtime.id)
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  // What is changed while the task is being sent would be in no task.
  const change: typeof edit = (next) => busy || edit(next)
  const bytes = bytesOf(draft.prompt)
  const isTooLong = bytes > Task.maxPrompt
  const isReady = draft.prompt.trim() !== "" && !isTooLong
  const submit = async (event?: FormEvent) => {
    event?.preventDefault()
    if (!isReady || busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      const task = await send(runtime, draft)
      forget()
      await queries.invalidateQueries({ queryKey: ["in", runtime.workspaceId, "tasks"] })
      say(`${runtime.name} has the task.`)
      navigate(pathTo.task(task.id))
    } catch (failure) {
      setProblem((failure as Error).message)
      setBusy(false)
    }
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit()
  }
  return (
    <form className="task-form" onSubmit={submit}>
      <label className="field">
        <span>What is to be done</span>
        <textarea
          value={draft.prompt}
          rows={4}
          readOnly={busy}
          placeholder="Fix the failing test, and explain what was wrong"
          onChange={({ target }) => change({ prompt: target.value })}
          onKeyDown={press}
        />
      </label>
      {isTooLong
        ? (
          <p className="notice bad" role="status">
            The text has {number.format(bytes)} bytes, and at most {number.format(Task.maxPrompt)}{" "}
            are allowed. Put long text into a file of the task’s folder, and name the file.
          </p>
        )
        : null}
      <Fields runtime={runtime} draft={draft} change={change} />
      {abilitiesOf(runtime).policy ? null : (
        <p className="muted small">
          The daemon of this machine is not Muster’s: its agents work in folders of their own, every call that they ask
          for is allowed, and they have the credentials of the daemon’s owner.
        </p>
      )}
      {problem === undefined ? null : <p className="notice bad" role="alert">{problem}.</p>}
      <div className="actions">
        {runtime.status === "online" ? null : (
          <p className="muted small task-waits">
            {runtime.name} is offline. The task waits for it, at most 24 hours.
          </p>
        )}
        <Button kind="primary" type="submit" busy={busy} disabled={!isReady}>Give the task</Button>
      </div>
    </form>
  )
}

/** Gives the agent of a runtime a task, and leads to the runtime's tasks. `mayUse`: whether the person may give it one. */
export const GiveTask = ({ mayUse, runtime }: { readonly runtime: Api.RuntimeRecord; readonly mayUse: boolean }) => {
  const why = Api.whyNoTasks(runtime.metadata)
  return (
    <section className="card" aria-label="Tasks">
      <header>
        <h2>Give a task</h2>
        <Link className="small" href={ConsolePages.all.tasks + writeTaskSearch({ runtime: runtime.id })}>
          Tasks of this runtime
        </Link>
      </header>
      {!mayUse
        ? <p className="muted">This runtime is private: only its owner can give it tasks.</p>
        : why !== undefined
        ? <p className="notice">{noTasksTexts[why](Runtime.providerName(runtime.provider))}</p>
        : <Form runtime={runtime} />}
    </section>
  )
}
