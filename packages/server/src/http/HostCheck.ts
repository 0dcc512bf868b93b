import { Config, Context, Effect, Layer, Option, type Types } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"

/** The names by which this machine reaches itself. */
const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"])

/** Whether an address is reached from this machine alone. */
export const isLoopback = (host: string): boolean => host === "::1" || host === "localhost" || host.startsWith("127.")

/**
 * Whether the server listens on loopback alone. Then a browser could be led to it by a foreign name that resolves to
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

/** The name of a `Host` header, without its port. */
const nameOf = (host: string) => host.toLowerCase().replace(/:\d*$/, "")

const misdirected = HttpServerResponse.jsonUnsafe(
  {
    error: "this server answers to localhost only: to reach it by another name, set MUSTER_ALLOWED_HOSTS",
    code: "host_not_allowed"
  },
  { status: 421 }
)

/** Refuses requests that name a host which is not this machine, where the server listens on loopback alone. */
export const layerHostCheck = Layer.unwrap(Effect.gen(function*() {
  if (!(yield* LoopbackOnly)) return Layer.empty
  const allowed = new Set([...loopback, ...(yield* names)])
  return HttpRouter.middleware(
    (
      app: Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled>
    ): Effect.Effect<HttpServerResponse.HttpServerResponse, Types.unhandled, HttpServerRequest.HttpServerRequest> =>
      Effect.flatMap(
        HttpServerRequest.HttpServerRequest,
        ({ headers }) => allowed.has(nameOf(headers["host"] ?? "")) ? app : Effect.succeed(misdirected)
      ),
    { global: true }
  )
}))
