import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Context, Effect, Layer, Stream } from "effect"
import { HttpClient, type HttpClientError } from "effect/http"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import { endAgents, makeAgents } from "../client/Agents.ts"
import { proxyFor, throughProxy } from "../client/Proxy.ts"
import type { Environment } from "../process/HostEnvironment.ts"
import { UpdateFailed } from "./Updater.ts"

/** The limit of redirects: release hosts redirect to their storage. */
const maxHops = 5

const failed = (message: string) => new UpdateFailed({ message })

/** Releases are fetched over TLS, or from this machine. */
export const isTrusted = (url: string): boolean =>
  /^https:\/\/|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(url)

/** ` through the proxy …` if releases are fetched through one, else empty. */
const Through = Context.Reference<string>("@muster/daemon/update/Through", { defaultValue: () => "" })

/** Fetches a page and follows redirects; every address must be as trusted as the first. */
const pageAt = (
  url: string,
  hops = maxHops
): Effect.Effect<HttpClientResponse, UpdateFailed | HttpClientError.HttpClientError, HttpClient.HttpClient> =>
  Effect.flatMap(HttpClient.get(url), (response) => {
    const to = response.headers["location"]
    if (response.status < 300 || response.status > 399 || to === undefined) return Effect.succeed(response)
    const next = URL.parse(to, url)?.href ?? to
    if (hops === 0) return Effect.fail(failed(`${url} redirects too often`))
    return isTrusted(next)
      ? pageAt(next, hops - 1)
      : Effect.fail(failed(`${url} redirects to ${next}, which is neither https nor on this machine`))
  })

const unreadable = (url: string, through: string, error: UpdateFailed | HttpClientError.HttpClientError) =>
  error instanceof UpdateFailed ? error : failed(`${url} cannot be read${through}: ${error.message}`)

/** Streams the bytes of a page; fails for a status other than 200, and at the first byte beyond `maxBytes`. */
export const bytesOf = (url: string, maxBytes: number) =>
  Stream.unwrap(Effect.gen(function*() {
    const through = yield* Through
    const response = yield* pageAt(url).pipe(Effect.mapError((error) => unreadable(url, through, error)))
    if (response.status !== 200) return yield* failed(`${url} answers ${response.status}${through}`)
    let length = 0
    return response.stream.pipe(
      Stream.mapError((error) => unreadable(url, through, error)),
      Stream.mapEffect((chunk) => {
        length += chunk.length
        return length > maxBytes
          ? Effect.fail(failed(`${url} is larger than ${maxBytes} bytes`))
          : Effect.succeed(chunk)
      })
    )
  }))

/** The connections to the releases, directly or through the environment's proxy. */
export const layerReleases = (releases: string, host: Environment) =>
  NodeHttpClient.layerNodeHttpNoAgent.pipe(Layer.provideMerge(Layer.effectContext(
    proxyFor(releases, host).pipe(
      Effect.mapError(({ message }) => failed(message)),
      Effect.flatMap((proxy) =>
        Effect.acquireRelease(
          Effect.sync(() => makeAgents(proxy)),
          (agents) => Effect.sync(() => endAgents(agents))
        ).pipe(Effect.map((agents) =>
          Context.make(NodeHttpClient.HttpAgent, agents).pipe(Context.add(Through, throughProxy(proxy)))
        ))
      )
    )
  )))
