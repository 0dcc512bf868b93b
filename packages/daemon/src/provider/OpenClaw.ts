import { Effect, Schema } from "effect"
import { describeFailure } from "../process/Run.ts"
import { calledAs, type Invocation, runCli, timeoutOf } from "./Invocation.ts"
import { liveCatalog, ModelDiscoveryFailed, toldModels } from "./ModelCatalog.ts"
import { type Provider, seen, skillsBelow } from "./Provider.ts"

const Agent = Schema.Struct({
  id: Schema.String,
  name: Schema.optional(Schema.NullOr(Schema.String)),
  isDefault: Schema.optional(Schema.NullOr(Schema.Boolean))
})

const Agents = Schema.fromJsonString(
  Schema.Union([Schema.Array(Schema.Unknown), Schema.Struct({ agents: Schema.Array(Schema.Unknown) })])
)

const decode = Schema.decodeUnknownEffect(Agents)

/** Other output may precede the JSON. */
const json = (stdout: string) => stdout.slice(Math.max(0, stdout.search(/^[[{]/m)))

/** OpenClaw. People choose one of its agents, by id; each has its model. */
export const openclaw: Provider = {
  key: "openclaw",
  command: "openclaw",
  evidence: seen("2026.9.6", "its agents"),
  skills: skillsBelow(".openclaw"),
  listModels: (cli) => {
    const call: Invocation = { provider: "openclaw", cli, args: ["agents", "list", "--json"] }
    return Effect.gen(function*() {
      const outcome = yield* runCli(call)
      const message = describeFailure(calledAs(call), outcome, { timeout: timeoutOf(call) })
      const failed = new ModelDiscoveryFailed({
        provider: "openclaw",
        verdict: outcome.timedOut ? "slow" : "unable",
        message
      })
      if (outcome.timedOut || outcome.truncated) return yield* failed
      const told = yield* decode(json(outcome.stdout)).pipe(Effect.mapError(() => failed))
      const agents = "agents" in told ? told.agents : told
      return liveCatalog(
        toldModels(Agent, agents, ({ id, isDefault, name }) => ({ id, label: name, default: isDefault === true }))
      )
    })
  }
}
