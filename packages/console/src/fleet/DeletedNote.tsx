import { useEffect } from "react"
import { Button } from "../ui/Button.tsx"
import { useNow } from "../ui/Clock.ts"
import { type DeletedRuntime, returnTimeout } from "./DeletedRuntimes.ts"

/** How long a return is told of, in ms. */
const told = 12_000

/** What became of a deleted runtime: one sees its daemon bring it back by itself, or not. */
export const DeletedNote = ({ dismiss, place }: {
  readonly place: DeletedRuntime
  readonly dismiss: (id: string) => void
}) => {
  const { at, back, runtime } = place
  const now = useNow()
  const over = back !== undefined && now - Math.max(at, back.createdAt) > told
  useEffect(() => {
    if (over) dismiss(runtime.id)
  }, [dismiss, over, runtime.id])
  const wasOnline = runtime.status === "online"
  return (
    <p className={`notice ${back === undefined ? "" : "good"}`} role="status">
      <span>
        <b>{runtime.name}</b> {back !== undefined
          ? "was deleted and is back: its daemon registered it as a new runtime."
          : !wasOnline
          ? "was deleted. It is back when its daemon starts again."
          : now - at < returnTimeout
          ? "was deleted. Its daemon notices with its next beat and registers it anew …"
          : "was deleted and has not come back: its daemon no longer runs, or no longer finds the CLI."}
      </span>
      <Button kind="quiet" onClick={() => dismiss(runtime.id)}>Dismiss</Button>
    </p>
  )
}
