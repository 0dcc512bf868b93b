import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { collector } from "./support/Collector.ts"
import { makePerson } from "./support/FakeOpenCode.ts"
import { spawnMuster } from "./support/Spawned.ts"

/** Real processes on a machine that may be busy. */
const testTimeout = 180_000

const Named = Schema.Struct({ id: Schema.String })
const Settled = Schema.Struct({ status: Schema.String })

/** The service and the name of every span. */
const wanted = [
  ["muster-server", "request asked"],
  ["muster-server", "request claimed"],
  ["muster-daemon", "request worked on"],
  ["muster-daemon", "cli"],
  ["muster-daemon", "Outbox.post"],
  ["muster-daemon", "request reported"],
  ["muster-server", "request settled"],
  ["muster-server", "request read"]
] as const

describe("tracing", () => {
  it.live(
    "one trace from a person's POST through the store to the daemon's CLI and back, across two processes",
    () =>
      Effect.gen(function*() {
        const otlp = yield* collector
        const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url, OTEL_BSP_SCHEDULE_DELAY: "100" }
        const person = yield* makePerson
        const env = { HOME: person.HOME, ...tracing }
        const server = yield* spawnMuster(["server", "--port", "0", "--host", "127.0.0.1", "--json"], env)
        yield* server.awaitOut(/\n\}\n/)
        const { token_file, url } = JSON.parse(server.said().stdout)
        const token = readFileSync(token_file, "utf8").trim()
        const daemon = yield* spawnMuster(["daemon", "--json"], {
          ...person,
          ...tracing,
          MUSTER_SERVER_URL: url,
          MUSTER_TOKEN: token
        })
        yield* daemon.awaitOut(/\n\}\n/)

        const call = <A>(
          schema: Schema.Codec<A, unknown>,
          path: string,
          method: string,
          more: Record<string, string>
        ) =>
          Effect.promise(() =>
            fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${token}`, ...more } })
              .then((response) => response.json() as Promise<unknown>)
          ).pipe(Effect.flatMap(Schema.decodeUnknownEffect(schema)))
        const [workspace] = yield* call(Schema.Array(Named), "/api/workspaces", "GET", {})
        const mine = { "x-workspace-id": workspace!.id }
        const [runtime] = yield* call(Schema.Array(Named), "/api/runtimes", "GET", mine)
        const models = `/api/runtimes/${runtime!.id}/models`
        // The person's own trace continues in the server's span of the POST, which is linked to the request's in both
        // directions.
        const persons = "0af7651916cd43dd8448eb211c80319c"
        const { id } = yield* call(Named, models, "POST", { ...mine, traceparent: `00-${persons}-b7ad6b7169203331-01` })
        const { status } = yield* call(Settled, `${models}/${id}?wait=20`, "GET", mine)
        assert.strictEqual(status, "completed")

        const has = (service: string, name: string) =>
          otlp.spans.some((span) => span.service === service && span.name === name && span.traceId === id)
        yield* otlp.until(() => wanted.every(([service, name]) => has(service, name)))
        yield* otlp.until((spans) => spans.some(({ links, traceId }) => traceId === persons && links.includes(id)))
        const asked = otlp.spans.find(({ name }) => name === "request asked")
        assert.deepStrictEqual(asked?.links, [persons])
        const worked = otlp.spans.find(({ name }) => name === "request worked on")
        const cli = otlp.spans.find(({ name }) => name === "cli")
        assert.strictEqual(cli?.parentSpanId, worked?.spanId)
        const own = otlp.spans.filter(({ service, traceId }) => service === "muster-daemon" && traceId !== id)
        assert.includeMembers(own.map(({ name }) => name), ["Registrar.register", "PickUp.accept"])
        // Beats are frequent: they make no spans.
        assert.deepStrictEqual(otlp.spans.filter(({ name }) => /heartbeat/i.test(name)), [])
      }),
    testTimeout
  )
})
