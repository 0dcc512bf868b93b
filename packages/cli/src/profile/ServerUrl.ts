import { Effect } from "effect"
import { Failure } from "../failure/Failure.ts"

/** Where a server listens when nobody says otherwise. */
export const defaultServerUrl = "http://localhost:8080"

const parse = (text: string): string | undefined => {
  const url = URL.parse(text.trim())
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined
  if (url.username !== "" || url.password !== "") return undefined
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "")
}

/** A server's URL as a person wrote it, without query and trailing slash. `from` says where they wrote it. */
export const serverUrl = (text: string, from: string): Effect.Effect<string, Failure> => {
  const url = parse(text)
  return url !== undefined ? Effect.succeed(url) : Effect.fail(
    new Failure({
      class: "usage",
      code: "invalid_server_url",
      sentence: `${from} says "${text}", which is not the URL of a server`,
      next: `give the whole URL without a password in it, such as ${defaultServerUrl}`
    })
  )
}
