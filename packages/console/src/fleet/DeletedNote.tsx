import { useEffect } from "react"
import { Button } from "../ui/Button.tsx"
import { useNow } from "../ui/Clock.ts"
import { type DeletedRuntime, returnTimeout } from "./DeletedRuntimes.ts"

/** How long the replacement of a deleted runtime is shown, in ms. */
const shownFor = 12_000

/** A note about a deleted runtime: whether its daemon registered a new one. */
export const DeletedNote = ({ dismiss, place }: {
  readonly place: DeletedRuntime
  readonly dismiss: (id: string) => void
}) => {
  const { at, back, runtime } = place
  const now = useNow()
  const over = back !== undefined && now - Math.max(at, back.createdAt) > shownFor
  useEffect(() => {
    if (over) dismiss(runtime.id)
  }, [dismiss, over, runtime.id])
  const wasOnline = runtime.status === "online"
  return (
    <p className={`notice ${back === undefined ? "" : "good"}`} role="status">
      <span>
        <b>{runtime.name}</b> {back !== undefined
          ? "was deleted. Its daemon registered a new runtime."
          : !wasOnline
          ? "was deleted. If its daemon starts again, it registers a new runtime."
          : now - at < returnTimeout
          ? "was deleted. Waiting for its daemon to register a new runtime …"
          : "was deleted and not registered again: its daemon is not running, or does not find the CLI."}
      </span>
      <Button kind="quiet" onClick={() => dismiss(runtime.id)}>Dismiss</Button>
    </p>
  )
}
