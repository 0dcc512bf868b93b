import { Effect } from "effect"
import { Failure } from "../failure/Failure.ts"

/** The default URL of a server. */
export const defaultServerUrl = "http://localhost:8080"

const parse = (text: string): string | undefined => {
  const url = URL.parse(text.trim())
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined
  if (url.username !== "" || url.password !== "") return undefined
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "")
}

/** Checks a server's URL and removes query and trailing slash. `from` names its source in the error. */
export const serverUrl = (text: string, from: string): Effect.Effect<string, Failure> => {
  const url = parse(text)
  return url !== undefined ? Effect.succeed(url) : Effect.fail(
    new Failure({
      class: "usage",
      code: "invalid_server_url",
      sentence: `${from} is "${text}", which is not the URL of a server`,
      next: `give the whole URL without a password, such as ${defaultServerUrl}`
    })
  )
}
