import { Effect } from "effect"
import { createServer } from "node:net"

/** A port of 127.0.0.1 that nobody listens to just now. */
export const freePort = <E>(onFailure: (message: string, cause: unknown) => E): Effect.Effect<number, E> =>
  Effect.callback((resume) => {
    const probe = createServer()
    probe.once("error", (cause) => resume(Effect.fail(onFailure("There is no free port", cause))))
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      probe.close(() => resume(Effect.succeed(port)))
    })
  })
