import { Option } from "effect"
import type { HttpServerRequest } from "effect/http"

/** Returns the IP address that a request came from; `unknown` if its connection has ended. */
export const addressOf = ({ remoteAddress }: HttpServerRequest.HttpServerRequest): string =>
  Option.getOrElse(remoteAddress, () => "unknown").replace(/^::ffff:(?=\d+\.)/, "")
