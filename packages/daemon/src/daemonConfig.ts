import { Config, Option, Schema } from "effect"
import { homedir } from "node:os"
import { join } from "node:path"
import manifest from "../package.json" with { type: "json" }
import type { DaemonOptions } from "./Daemon.ts"
import { maxDrainTasks } from "./task/TaskSettings.ts"

const optional = <Name extends string, A>(name: Name, config: Config.Config<A>) =>
  Config.map(
    Config.option(config),
    (value) => (Option.isSome(value) ? { [name]: value.value } : {}) as { readonly [K in Name]?: A }
  )

const DrainSeconds = Schema.FiniteFromString.check(
  Schema.isInt(),
  Schema.isBetween({ minimum: 0, maximum: maxDrainTasks })
)

/** A daemon's options from the variables that the README lists, for `main.ts` and for programs that embed a daemon. */
export const daemonConfig: Config.Config<DaemonOptions> = Config.map(
  Config.all([
    Config.all({
      serverUrl: Config.withDefault(Config.NonEmptyString("MUSTER_SERVER_URL"), "http://127.0.0.1:8080"),
      token: Config.Redacted("MUSTER_TOKEN"),
      dataDir: Config.withDefault(Config.NonEmptyString("MUSTER_DATA"), join(homedir(), ".muster"))
    }),
    optional("deviceName", Config.NonEmptyString("MUSTER_DEVICE_NAME")),
    optional("localPort", Config.Int("MUSTER_LOCAL_PORT")),
    optional("drainTasks", Config.schema(DrainSeconds, "MUSTER_DRAIN_TASKS"))
  ]),
  ([required, ...others]) => Object.assign({ ...required, clientVersion: manifest.version }, ...others)
)
