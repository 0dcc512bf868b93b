import { Uuid } from "@muster/domain"
import { Effect } from "effect"
import { useState } from "react"
import { useSession } from "../session/Session.ts"
import { type Draft, keepDraft, recallDraft } from "./StoredDrafts.ts"

const newKey = () => Effect.runSync(Uuid.random)

/** The signed-in person's draft of a task for a runtime. It remains when the person leaves the page or loads it again. */
export const useDraft = (runtime: string) => {
  const { user } = useSession()
  const [draft, setDraft] = useState<Draft>(() =>
    (user === undefined ? undefined : recallDraft(user.id, runtime))
      ?? { prompt: "", folder: "", model: undefined, policy: "all", key: newKey() }
  )
  const keep = (next: Draft | undefined) => {
    if (user !== undefined) keepDraft(user.id, runtime, next)
  }
  return {
    draft,
    change: (change: Partial<Omit<Draft, "key">>) => {
      const next = { ...draft, ...change, key: newKey() }
      setDraft(next)
      keep(next)
    },
    /** Removes the draft, of which a task was made. */
    forget: () => keep(undefined)
  }
}
