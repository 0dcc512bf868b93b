import { RuntimeRecord } from "@muster/domain"
import { Schema } from "effect"

const encode = Schema.encodeSync(RuntimeRecord)

/** The version of the CLI behind a runtime, as its daemon reported it; empty where it did not. */
export const versionOf = ({ metadata }: RuntimeRecord): string =>
  typeof metadata["version"] === "string" ? metadata["version"] : ""

/** A runtime as `--json` shows it: the API's own record, and the CLI's version beside it. */
export const runtimeJson = (runtime: RuntimeRecord) => ({ ...encode(runtime), version: versionOf(runtime) })
