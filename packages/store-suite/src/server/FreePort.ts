import { Effect } from "effect"
import { randomInt } from "node:crypto"
import { createServer } from "node:net"

/**
 * Below the ephemeral ports of systems (from 32,768 on Linux, higher elsewhere), so no client and no listener on any
 * port gets one of these. So the port is still free when a killed server is started on it again.
 */
const [lowest, beyond] = [20_000, 32_000]

const attempts = 20

// Not from Effect's Random: a test seeds it, and every test file would choose the same port.
const somePort = Effect.sync(() => randomInt(lowest, beyond))

const probe = (port: number) =>
  Effect.callback<number, unknown>((resume) => {
    const server = createServer()
    server.once("error", (cause) => resume(Effect.fail(cause)))
    server.listen(port, "127.0.0.1", () => void server.close(() => resume(Effect.succeed(port))))
  })

/** A port of 127.0.0.1 that is free now. */
export const freePort = <E>(onFailure: (message: string, cause: unknown) => E): Effect.Effect<number, E> =>
  Effect.flatMap(somePort, probe).pipe(
    Effect.retry({ times: attempts }),
    Effect.mapError((cause) => onFailure("There is no free port", cause))
  )
