import { Effect, Stream } from "effect"

/** At most `max` bytes from the front of a body as text; what follows is not read. Bad UTF-8 becomes U+FFFD. */
export const bodyHead = <E>(body: Stream.Stream<Uint8Array, E>, max: number): Effect.Effect<string, E> =>
  Effect.suspend(() => {
    let size = 0
    return body.pipe(
      Stream.takeUntil((chunk) => (size += chunk.length) >= max),
      Stream.runCollect,
      Effect.map((chunks) => new TextDecoder().decode(Buffer.concat(chunks).subarray(0, max)))
    )
  })
