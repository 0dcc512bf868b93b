import { Effect, Layer, Stream } from "effect"
import { type Cli, type CliFailed, Clis, type FoundClis } from "../../src/runtime/Clis.ts"

export const cli = (provider: string, version = "1.0.0"): Cli => ({ provider, version, path: `/bin/${provider}` })

const models = { models: [{ id: "m", label: "M", default: true }], source: "live" } as const

/** A machine whose CLIs a test installs and removes. */
export class FakeClis {
  present: FoundClis = { found: [], skipped: [], complete: true }
  /** What a CLI reports as its models. */
  list: (cli: Cli) => Effect.Effect<typeof models, CliFailed> = () => Effect.succeed(models)

  /** What a CLI prints for `--version`. */
  version: (cli: Cli) => Effect.Effect<string, CliFailed> = ({ version }) => Effect.succeed(version)

  constructor(...providers: ReadonlyArray<string>) {
    this.install(...providers)
  }

  install(...providers: ReadonlyArray<string>) {
    this.present = { found: providers.map((provider) => cli(provider)), skipped: [], complete: true }
  }

  readonly layer = Layer.succeed(Clis, {
    look: Stream.sync(() => this.present),
    version: (cli) => Effect.suspend(() => this.version(cli)),
    listModels: (cli) => Effect.suspend(() => this.list(cli))
  })
}
