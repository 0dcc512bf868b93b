import { type Api, Permission } from "@muster/domain"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { runtime as runtimeQuery, task as taskQuery } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { navigate, pathTo } from "../route/Route.ts"
import { useMay } from "../session/usePermissions.ts"
import { useRole } from "../session/useRole.ts"
import { Button } from "../ui/Button.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { say } from "../ui/Toast.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"
import { isTerminal } from "./TaskLabels.ts"

/** What the signed-in person may do with a task. True while that is unknown: the server decides. */
const useRights = (task: Api.TaskRecord) => {
  const workspace = useWorkspace()
  const { data: runtime } = useQuery(runtimeQuery(workspace, task.runtimeId))
  const { role, userId } = useRole()
  const may = useMay(workspace)
  const isOwner = runtime?.ownerId != null && runtime.ownerId === userId
  return {
    cancel: role === undefined || Permission.mayCancelTask({ isCreator: task.createdBy === userId, isOwner, role }),
    /** A deleted runtime runs nothing. */
    retry: runtime !== null && (runtime === undefined || may(runtime, "use"))
  }
}

const Cancel = ({ task }: { readonly task: Api.TaskRecord }) => {
  const workspace = useWorkspace()
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const cancel = async () => {
    await run(clientOf(workspace).tasks.cancel({ params: { taskId: task.id } }))
    await queries.invalidateQueries({ queryKey: taskQuery(workspace, task.id).queryKey })
  }
  /** A task that waits loses no work, so nothing is asked. */
  const press = async () => {
    if (task.status !== "queued") return setAsking(true)
    setBusy(true)
    await cancel().catch((problem: Error) => say(`${problem.message}.`, "bad"))
    setBusy(false)
  }
  if (task.status === "cancelling") return <Button busy>Canceling …</Button>
  return (
    <>
      <Button busy={busy} onClick={() => void press()}>Cancel the task</Button>
      {asking
        ? (
          <FormDialog
            title="Cancel this task?"
            action="Cancel the task"
            dismiss="Let it run"
            danger
            close={() => setAsking(false)}
            submit={cancel}
          >
            <p>The daemon ends the agent and everything that it started. What the agent has changed so far stays.</p>
          </FormDialog>
        )
        : null}
    </>
  )
}

const Retry = ({ task }: { readonly task: Api.TaskRecord }) => {
  const workspace = useWorkspace()
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)
  const retry = async () => {
    setBusy(true)
    try {
      const again = await run(clientOf(workspace).tasks.retry({ params: { taskId: task.id } }))
      await queries.invalidateQueries({ queryKey: ["in", workspace, "tasks"] })
      say("This is a new task that asks for the same.")
      navigate(pathTo.task(again.id))
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
      setBusy(false)
    }
  }
  return <Button busy={busy} onClick={() => void retry()}>Try again</Button>
}

/** Cancels a task that has not ended; tries one again that has. */
export const TaskActions = ({ task }: { readonly task: Api.TaskRecord }) => {
  const rights = useRights(task)
  return isTerminal(task)
    ? rights.retry ? <Retry task={task} /> : null
    : rights.cancel || task.status === "cancelling"
    ? <Cancel task={task} />
    : null
}
