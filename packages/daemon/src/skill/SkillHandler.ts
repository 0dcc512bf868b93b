import type { Request, RequestKind } from "@muster/domain"
import { Effect } from "effect"
import { Readers } from "../reader/Readers.ts"
import { type Handler, RequestFailed } from "../request/Handlers.ts"

/** Answers a kind of request about skills by the job of its name (see `skillJobs`), one after the other for a runtime. */
export const makeSkillHandler = ({ name }: Pick<RequestKind.RequestKind, "name">) =>
  Effect.map(Readers, ({ ask }): Handler => ({ id, provider }, payload) =>
    ask(id, name, { provider, payload }).pipe(
      Effect.map((result) => result as Request.Json),
      Effect.mapError(({ message }) => new RequestFailed({ message }))
    ))
