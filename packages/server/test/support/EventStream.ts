import { Effect, Queue, Stream } from "effect"

/** The events that a page receives; `closed` once the stream ends. It is cut when the scope ends. */
export const openEvents = Effect.fnUntraced(
  function*(url: string, workspace: string, headers: Readonly<Record<string, string>>) {
    const events = yield* Queue.unbounded<string>()
    const stop = yield* Effect.acquireRelease(
      Effect.sync(() => new AbortController()),
      (stop) => Effect.sync(() => stop.abort())
    )
    const response = yield* Effect.promise(() =>
      fetch(`${url}/api/events?workspace_id=${workspace}`, { headers, signal: stop.signal })
    )
    yield* Stream.fromReadableStream({ evaluate: () => response.body!, onError: (cause) => cause }).pipe(
      Stream.decodeText(),
      Stream.splitLines,
      Stream.filter((line) => line.startsWith("data:")),
      Stream.runForEach((line) => Queue.offer(events, JSON.parse(line.slice(5)).type)),
      Effect.ignore,
      Effect.andThen(Queue.offer(events, "closed")),
      Effect.forkScoped
    )
    return { response, next: Queue.take(events) }
  }
)
