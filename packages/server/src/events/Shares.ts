import { Effect, type Scope } from "effect"

/** A place that may be taken this number of times concurrently: by a key, such as a person. */
export interface Share {
  readonly key: string
  readonly max: number
}

/** Counts open places by key; a key without any is not kept. */
export const makeShares = () => {
  const open = new Map<string, number>()
  const count = (key: string) => open.get(key) ?? 0
  const add = (key: string, by: number) => {
    const now = count(key) + by
    if (now > 0) open.set(key, now)
    else open.delete(key)
  }
  return {
    count,
    /** The first of the shares that is used up. */
    full: <S extends Share>(shares: ReadonlyArray<S>): S | undefined =>
      shares.find(({ key, max }) => count(key) >= max),
    /** Takes a place of each until the scope ends. */
    take: (shares: ReadonlyArray<Share>): Effect.Effect<void, never, Scope.Scope> =>
      Effect.acquireRelease(
        Effect.sync(() => shares.forEach(({ key }) => add(key, 1))),
        () => Effect.sync(() => shares.forEach(({ key }) => add(key, -1)))
      )
  }
}
