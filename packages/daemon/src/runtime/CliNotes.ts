import { isByDocumentation } from "../provider/providers.ts"
import type { Cli } from "./Clis.ts"

/** What a person should know of a CLI, a few words each. */
export const cliNotes = (
  { bundled, provider, slow }: Pick<Cli, "bundled" | "provider" | "slow">
): ReadonlyArray<string> => [
  ...(slow === true ? ["slow to answer; its last known version"] : []),
  ...(bundled === true ? ["bundled with Muster"] : []),
  ...(isByDocumentation(provider) ? ["supported by documentation only"] : [])
]
