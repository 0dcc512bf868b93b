import { type NewRequest, type Request, RequestConflict, RequestsFull } from "@muster/domain"
import { Result } from "effect"
import type { Lane } from "./Lane.ts"

/** What a kind's admission says to one more request: undefined lets it in, a success is the one that stands for it. */
export const admit = (
  { kind }: NewRequest,
  lane: Lane | undefined
): Result.Result<Request, RequestConflict | RequestsFull> | undefined => {
  const unfinished = lane?.first()
  if (lane === undefined || unfinished === undefined) return undefined
  const { admission } = kind.terms
  switch (admission._tag) {
    case "Coalesce":
      return Result.succeed(unfinished.request)
    case "Exclusive":
      return Result.fail(new RequestConflict({ id: unfinished.request.id, text: admission.conflict }))
    case "Many":
      return lane.pending < admission.most
        ? undefined
        : Result.fail(new RequestsFull({ kind: kind.name, most: admission.most }))
  }
}
