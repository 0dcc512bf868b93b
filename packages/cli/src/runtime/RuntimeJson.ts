import { Api } from "@muster/domain"
import { Schema } from "effect"

const encode = Schema.encodeSync(Api.RuntimeRecord)

/** Returns the version of a runtime's CLI, as its daemon reported it; empty if it did not. */
export const versionOf = ({ metadata }: Api.RuntimeRecord): string =>
  typeof metadata["version"] === "string" ? metadata["version"] : ""

/** Returns a runtime for `--json`: the API's record and the CLI's version. */
export const runtimeJson = (runtime: Api.RuntimeRecord) => ({ ...encode(runtime), version: versionOf(runtime) })
