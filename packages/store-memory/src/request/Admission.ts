import { type Request, RequestStore } from "@muster/domain"
import { Result } from "effect"
import type { Lane } from "./Lane.ts"

/**
 * Applies a kind's admission to one more request: undefined admits it; a success is the unfinished request to coalesce
 * with.
 */
export const admit = (
  { kind }: RequestStore.NewRequest,
  lane: Lane | undefined
): Result.Result<Request.Request, RequestStore.RequestConflict | RequestStore.RequestsFull> | undefined => {
  const unfinished = lane?.first()
  if (lane === undefined || unfinished === undefined) return undefined
  const { admission } = kind.terms
  switch (admission._tag) {
    case "Coalesce":
      return Result.succeed(unfinished.request)
    case "Exclusive":
      return Result.fail(new RequestStore.RequestConflict({ id: unfinished.request.id, text: admission.conflict }))
    case "Many":
      return lane.pending < admission.max
        ? undefined
        : Result.fail(new RequestStore.RequestsFull({ kind: kind.name, max: admission.max }))
  }
}
