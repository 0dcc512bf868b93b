import { Effect, Queue, Stream } from "effect"

/** What a reader receives: the data of a server-sent event with its id, `beat` for a comment, `closed` at the end. */
export type Received =
  | { readonly id: string | undefined; readonly item: any }
  | "beat"
  | "closed"

const received = (frame: string): Received => {
  const lines = frame.split("\n")
  const of = (field: string) => lines.find((line) => line.startsWith(`${field}: `))?.slice(field.length + 2)
  const data = of("data")
  return data === undefined ? "beat" : { id: of("id"), item: JSON.parse(data) }
}

/** Follows a task's stream; it is cut when the scope ends. */
export const followTask = Effect.fnUntraced(
  function*(url: string, id: string, headers: Readonly<Record<string, string>>, query = "") {
    const items = yield* Queue.unbounded<Received>()
    const stop = yield* Effect.acquireRelease(
      Effect.sync(() => new AbortController()),
      (stop) => Effect.sync(() => stop.abort())
    )
    const response = yield* Effect.promise(() =>
      fetch(`${url}/api/tasks/${id}/stream${query}`, { headers, signal: stop.signal })
    )
    let rest = ""
    yield* Stream.fromReadableStream({ evaluate: () => response.body!, onError: (cause) => cause }).pipe(
      Stream.decodeText(),
      Stream.runForEach((text) => {
        const frames = (rest + text).split("\n\n")
        rest = frames.pop()!
        return Queue.offerAll(items, frames.map(received))
      }),
      Effect.ignore,
      Effect.andThen(Queue.offer(items, "closed")),
      Effect.forkScoped
    )
    const next = Queue.take(items)
    /** The next items until one of this type, or the end, without beats. */
    const until = (type: string) =>
      Effect.gen(function*() {
        const seen: Array<Exclude<Received, "beat">> = []
        while (true) {
          const one = yield* next
          if (one === "beat") continue
          seen.push(one)
          if (one === "closed" || one.item.type === type) return seen
        }
      })
    return { response, next, until, cut: Effect.sync(() => stop.abort()) }
  }
)
