import { acpCatalog } from "./AcpListing.ts"
import type { Provider } from "./Provider.ts"

/** A provider whose CLI speaks ACP and has nothing else to say about models. */
export const acpProvider = (
  about: Omit<Provider, "listModels"> & {
    /** What puts the CLI into ACP mode. */
    readonly args: ReadonlyArray<string>
    readonly env?: Readonly<Record<string, string>>
  }
): Provider => {
  const { args, env = {}, ...provider } = about
  return { ...provider, listModels: (cli) => acpCatalog({ provider: provider.key, cli, args, env }) }
}
