import { Schema } from "effect"

/**
 * What a token may be used for:
 * - `read`: see runtimes, requests, skills, members
 * - `ask`: ask runtimes for models, skills and imports, and ping them
 * - `run`: act as a daemon: register runtimes, beat, take work, report
 * - `admin`: change and delete: tokens, members, machines, runtimes, skills, workspaces; read the audit log
 *
 * `ask`, `run` and `admin` include `read`, and nothing else. A scope adds nothing to what the person may do.
 */
export const Scope = Schema.Literals(["read", "ask", "run", "admin"])
export type Scope = typeof Scope.Type

/** Every scope, in the order in which they are listed. */
export const all: ReadonlyArray<Scope> = Scope.literals

/** The scopes in their order, each once, with what they include. */
export const normalize = (scopes: Iterable<Scope>): ReadonlyArray<Scope> => {
  const given = new Set(scopes)
  return all.filter((scope) => given.has(scope) || (scope === "read" && given.size > 0))
}

/** Whether each of these scopes is one of those. */
export const isWithin = (scopes: ReadonlyArray<Scope>, within: ReadonlyArray<Scope>): boolean =>
  scopes.every((scope) => within.includes(scope))

/** The scopes that both lists have. */
export const common = (a: ReadonlyArray<Scope>, b: ReadonlyArray<Scope>): ReadonlyArray<Scope> =>
  a.filter((scope) => b.includes(scope))

/** Why a token with the scopes `held` may not do what needs `needed`, and what to do about it. */
export const refusal = (needed: Scope, held: ReadonlyArray<Scope>): string =>
  `this call needs the scope ${needed}, and this token has ${held.join(", ") || "none"}: ` +
  `use a token with that scope, or create one: muster token create --scope ${needed}`
