import type { Api } from "@muster/domain"

/** Compares `1.10.0` and `1.9.2` by their numbers; a pre-release is older than its release. */
const compare = new Intl.Collator("en", { numeric: true }).compare

const isRelease = (version: string) => /^\d+\.\d+\.\d+$/.test(version)

/** Returns the newest release of Muster that is known: of this server, or of a daemon. */
export const newestVersion = (runtimes: ReadonlyArray<Pick<Api.RuntimeRecord, "metadata">>): string =>
  runtimes.map(({ metadata }) => metadata["cli_version"]).reduce<string>(
    (newest, version) =>
      typeof version === "string" && isRelease(version) && compare(version, newest) > 0 ? version : newest,
    MUSTER_VERSION
  )
