import type { Request, RequestKind } from "@muster/domain"
import { Effect } from "effect"
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"
import { type Environment, HostEnvironment } from "../process/HostEnvironment.ts"
import type { Home } from "../provider/Provider.ts"
import { providers } from "../provider/providers.ts"
import { Readers } from "../reader/Readers.ts"
import { type Handler, RequestFailed } from "../request/Handlers.ts"
import type { SkillQuestion, SkillRoot } from "./SkillQuestion.ts"

const absolute = (named = "") => isAbsolute(named) ? named : undefined

/** The home of the daemon's user; a variable counts if it names an absolute path. */
const homeOf = (host: Environment): Home => {
  const path = absolute(host["HOME"]) ?? homedir()
  return { path, folder: (variable, ...below) => absolute(host[variable]?.trim()) ?? join(path, ...below) }
}

/** Returns the roots of a provider's skills, the provider's own before the one that all providers share. */
export const skillRoots = (provider: string, host: Environment): ReadonlyArray<SkillRoot> => {
  const { plugins, skills } = providers.find(({ key }) => key === provider) ?? {}
  const home = homeOf(host)
  return [
    ...(skills?.(home) ?? []).map((path): SkillRoot => ({ path, root: "provider" })),
    ...(plugins === undefined ? [] : [{ path: plugins(home), root: "provider", plugins: true } as const]),
    { path: join(home.path, ".agents", "skills"), root: "shared" }
  ]
}

/** Answers a kind of request about skills by the job of its name (see `skillJobs`), one after the other for a runtime. */
export const makeSkillHandler = ({ name }: Pick<RequestKind.RequestKind, "name">) =>
  Effect.gen(function*() {
    const { ask } = yield* Readers
    const host = yield* HostEnvironment
    const handler: Handler = ({ id, provider }, payload) => {
      const question: SkillQuestion = {
        provider,
        payload,
        roots: skillRoots(provider, host),
        home: homeOf(host).path
      }
      return ask(id, name, question).pipe(
        Effect.map((result) => result as Request.Json),
        Effect.mapError(({ message }) => new RequestFailed({ message }))
      )
    }
    return handler
  })
