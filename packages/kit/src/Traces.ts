import { Config, ConfigProvider, Effect, Layer, Option } from "effect"

/** The collector's address, from OpenTelemetry's own environment variables. */
const endpoint = Config.all([
  Config.option(Config.String("OTEL_EXPORTER_OTLP_ENDPOINT")),
  Config.option(Config.String("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
]).pipe(Effect.map(Option.firstSomeOf), Effect.orElseSucceed(Option.none))

/** OpenTelemetry's defaults. */
const usual = ConfigProvider.fromUnknown({ OTEL_TRACES_EXPORTER: "otlp" })

/** Loads the exporter on demand. */
const exporter = (serviceName: string) =>
  Effect.promise(() => Promise.all([import("effect/observability"), import("effect/http")])).pipe(
    Effect.map(([{ OtlpSerialization, OtlpTracer }, { FetchHttpClient }]) =>
      OtlpTracer.layerFromConfig({ resource: { serviceName } }).pipe(
        Layer.provide([OtlpSerialization.layerJson, FetchHttpClient.layer]),
        Layer.provide(ConfigProvider.layerAdd(usual))
      )
    )
  )

/**
 * Sends spans to an OpenTelemetry collector (OTLP over HTTP, JSON) where `OTEL_EXPORTER_OTLP_ENDPOINT` or
 * `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` names one; otherwise does nothing. After a failure, exporting
 * pauses for a minute, and the spans of that time are lost.
 */
export const layerTraces = (serviceName: string): Layer.Layer<never> =>
  Layer.unwrap(
    Effect.flatMap(endpoint, (where) =>
      Option.isNone(where) || where.value === "" ? Effect.succeed(Layer.empty) : exporter(serviceName))
  )
