import type { ServerInfo } from "@muster/server"
import { Effect } from "effect"

/** A URL that signs the owner in to the console once; where none can be made, the console's own, which asks for a token. */
export const consoleLink = ({ signInLink, url }: ServerInfo["Service"]) =>
  Effect.orElseSucceed(signInLink, () => `${url}/`)
