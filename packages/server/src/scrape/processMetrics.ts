import type { Meter } from "@muster/kit"
import { performance } from "node:perf_hooks"
import { getHeapStatistics } from "node:v8"

/** What identifies this build and where it runs. */
export interface Build {
  readonly version: string
  readonly environment: string
}

/** Adds the metrics of this process under the names that Prometheus' clients use, and the one that identifies the build. */
export const addProcessMetrics = (meter: Meter, build: Build, delay: () => number): void => {
  meter.gauge("muster_build_info", "Always 1; the labels identify the build and the stores", () => 1, {
    version: build.version,
    environment: build.environment,
    node: process.versions.node
  })
  meter.gauge(
    "process_start_time_seconds",
    "When the process started, in seconds since 1970",
    () => performance.timeOrigin / 1_000
  )
  meter.total("process_cpu_seconds_total", "CPU time of the process, user and system", () => {
    const { system, user } = process.cpuUsage()
    return (system + user) / 1_000_000
  })
  meter.gauge("process_resident_memory_bytes", "Resident memory of the process", () => process.memoryUsage.rss())
  meter.gauge("nodejs_heap_size_used_bytes", "Used heap", () => process.memoryUsage().heapUsed)
  meter.gauge("nodejs_heap_size_limit_bytes", "The heap's limit", () => getHeapStatistics().heap_size_limit)
  meter.gauge(
    "nodejs_eventloop_lag_seconds",
    "Average delay of timers, measured over 5 s or the time since the last look",
    () => delay() / 1_000
  )
}
