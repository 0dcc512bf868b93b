import { Effect, Queue, Schema } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { json } from "node:stream/consumers"

const Trace = Schema.Struct({
  resourceSpans: Schema.Array(Schema.Struct({
    resource: Schema.Struct({
      attributes: Schema.Array(
        Schema.Struct({ key: Schema.String, value: Schema.Struct({ stringValue: Schema.optionalKey(Schema.String) }) })
      )
    }),
    scopeSpans: Schema.Array(Schema.Struct({
      spans: Schema.Array(Schema.Struct({
        name: Schema.String,
        traceId: Schema.String,
        spanId: Schema.String,
        parentSpanId: Schema.optionalKey(Schema.String),
        links: Schema.Array(Schema.Struct({ traceId: Schema.String }))
      }))
    }))
  }))
})

/** One exported span. */
export interface Exported {
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  /** The traces that it is linked to. */
  readonly links: ReadonlyArray<string>
}

/** A collector of OpenTelemetry's spans, in this process. */
export const collector = Effect.gen(function*() {
  const arrived = yield* Queue.unbounded<unknown>()
  const server = createServer((request, response) => {
    void json(request).then((body) => Queue.offerUnsafe(arrived, body)).finally(() => response.end("{}"))
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => server.close())
  )
  const spans: Array<Exported> = []
  const take = Effect.gen(function*() {
    const { resourceSpans } = yield* Schema.decodeUnknownEffect(Trace)(yield* Queue.take(arrived))
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? ""
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        spans.push({ ...span, service, links: span.links.map(({ traceId }) => traceId) })
      }
    }
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** Waits until the received spans satisfy this. */
    until: (holds: (spans: ReadonlyArray<Exported>) => boolean) =>
      Effect.whileLoop({ while: () => !holds(spans), body: () => take, step: () => {} })
  }
})
