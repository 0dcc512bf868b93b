import { Config, Context, Effect, Layer, Option, type Types } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"

/** The loopback names of this machine. */
const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"])

/** Returns whether an address can be reached from this machine only. */
export const isLoopback = (host: string): boolean => host === "::1" || host === "localhost" || host.startsWith("127.")

/**
 * Whether the server listens on loopback only. Then a browser could reach it by a foreign name that resolves to
 * 127.0.0.1 (DNS rebinding), so the `Host` of each request must be a name of this machine, or one of the variable
 * `MUSTER_ALLOWED_HOSTS` (names separated by commas, for a reverse proxy on the same machine).
 */
export const LoopbackOnly = Context.Reference<boolean>("@muster/server/http/LoopbackOnly", {
  defaultValue: () => false
})

const names = Config.String("MUSTER_ALLOWED_HOSTS").pipe(
  Config.option,
  Effect.orElseSucceed(() => Option.none<string>()),
  Effect.map((text) =>
    Option.getOrElse(text, () => "").split(",").map((name) => name.trim().toLowerCase()).filter((name) => name !== "")
  )
)

/** Returns the name in a `Host` header, without its port. */
const nameOf = (host: string) => host.toLowerCase().replace(/:\d*$/, "")

const misdirected = HttpServerResponse.jsonUnsafe(
  {
    error: "this server answers to localhost only: to reach it by another name, set MUSTER_ALLOWED_HOSTS",
    code: "host_not_allowed"
  },
  { status: 421 }
)

/** Refuses requests for a host other than this machine, if the server listens on loopback only. */
export const layerHostCheck = Layer.unwrap(Effect.gen(function*() {
  if (!(yield* LoopbackOnly)) return Layer.empty
  const allowed = new Set([...loopback, ...(yield* names)])
  // Clients of one server use one or two spellings, so the last one is enough.
  let lastAllowed: string | undefined
  const isAllowed = (host: string) => {
    if (host === lastAllowed) return true
    if (!allowed.has(nameOf(host))) return false
    lastAllowed = host
    return true
  }
  return HttpRouter.middleware(
    (
      app: Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled>
    ): Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled, HttpServerRequest.HttpServerRequest> =>
      Effect.withFiber(({ context }) => {
        const { headers } = Context.getUnsafe(context, HttpServerRequest.HttpServerRequest)
        return isAllowed(headers["host"] ?? "") ? app : Effect.succeed(misdirected)
      }),
    { global: true }
  )
}))
