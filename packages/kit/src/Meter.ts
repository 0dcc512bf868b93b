import { Context, Effect, Metric } from "effect"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"

/** Adds 1, or `by`, to a counter. */
export type Count = (by?: number) => void

/** Records a duration, in seconds. */
export type Time = (seconds: number) => void

/** One item per value of a label, and `other` for every value that is not listed. */
export type Each<Value extends string, A> = { readonly [K in Value]: A } & { readonly other: A }

/** The upper bounds of the histogram buckets in seconds: from a memory access to a slow CLI. */
const boundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180]

/**
 * The metrics of one server or daemon. Every value of every label is given when a metric is created, so the number of
 * series is bounded, each series starts at 0, and recording allocates nothing.
 */
export class Meter {
  readonly #series: Metric.MetricRegistry = new Map()
  readonly #context: Context.Context<never> = Context.make(Metric.MetricRegistry, this.#series)
  readonly #readings: Array<() => void> = []

  counter(name: string, description: string, attributes: Readonly<Record<string, string>> = {}): Count {
    const metric = Metric.counter(name, { description, attributes, incremental: true })
    const update = this.#register(metric)
    const count: Count = (by = 1) => update(by, this.#context)
    return count
  }

  counters<Value extends string>(
    name: string,
    description: string,
    label: string,
    values: ReadonlyArray<Value>,
    attributes: Readonly<Record<string, string>> = {}
  ): Each<Value, Count> {
    return each(values, (value) => this.counter(name, description, { ...attributes, [label]: value }))
  }

  timer(name: string, description: string, attributes: Readonly<Record<string, string>> = {}): Time {
    const metric = Metric.histogram(name, { description, attributes, boundaries })
    const update = this.#register(metric)
    return (seconds) => update(seconds, this.#context)
  }

  timers<Value extends string>(
    name: string,
    description: string,
    label: string,
    values: ReadonlyArray<Value>
  ): Each<Value, Time> {
    return each(values, (value) => this.timer(name, description, { [label]: value }))
  }

  /**
   * Creates the series of a metric without an entry and returns its update. `Metric.updateUnsafe` looks the series up for
   * each call, which costs several times the update.
   */
  #register<Input>(metric: Metric.Metric<Input, unknown>): Metric.Metric.Hooks<Input, unknown>["update"] {
    const own: Metric.MetricRegistry = new Map()
    metric.valueUnsafe(Context.make(Metric.MetricRegistry, own))
    for (const [key, series] of own) if (!this.#series.has(key)) this.#series.set(key, series)
    const [key] = own.keys()
    return this.#series.get(key!)!.hooks.update
  }

  /** Adds a gauge. `read` is called on each scrape; NaN: the value is not known. */
  gauge(
    name: string,
    description: string,
    read: () => number,
    attributes: Readonly<Record<string, string>> = {}
  ): void {
    const metric = Metric.gauge(name, { description, attributes })
    this.#readings.push(() => metric.updateUnsafe(read(), this.#context))
  }

  /** Adds a counter whose total is kept elsewhere. `read` is called on each scrape; the total must not fall. */
  total(name: string, description: string, read: () => number): void {
    const metric = Metric.counter(name, { description, incremental: true })
    let known = 0
    this.#readings.push(() => {
      const now = read()
      metric.updateUnsafe(now - known, this.#context)
      known = now
    })
  }

  /** Returns the current value of all metrics in the Prometheus text format. */
  readonly text: Effect.Effect<string> = Effect.sync(() => {
    for (const read of this.#readings) read()
    return PrometheusMetrics.formatUnsafe(this.#context)
  })
}

/** The content type of `Meter.text`. */
export const metricsType = "text/plain; version=0.0.4; charset=utf-8"

const each = <Value extends string, A>(values: ReadonlyArray<Value>, make: (value: string) => A): Each<Value, A> =>
  Object.fromEntries([...values, "other"].map((value) => [value, make(value)])) as Each<Value, A>

/** Returns the item for `value`, or `other`. */
export const eachOf = <A>(all: Each<string, A>, value: string): A => {
  const known: A | undefined = Object.hasOwn(all, value) ? all[value] : undefined
  return known ?? all.other
}
