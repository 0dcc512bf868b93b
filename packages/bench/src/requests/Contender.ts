import { Console, Effect, type Scope } from "effect"
import { BenchFailure } from "../load/BenchFailure.ts"
import { median, round } from "../load/median.ts"
import { processorTime } from "../load/processorTime.ts"

/** One measured system: runs a full cycle, from the request to the answer, on lane `lane` of many. */
export interface Contender {
  readonly name: string
  readonly cycle: (lane: number) => Promise<unknown>
}

const rounds = 5
const millis = 1_500

/**
 * Full cycles per second with this number of concurrent lanes, each running one cycle after the other, and the processor time
 * of one, with the server's, in µs: on a machine that others use, the rate depends on how often each process gets a turn.
 */
const measure = (contender: Contender, lanes: number) =>
  Effect.tryPromise({
    try: () => {
      let done = 0
      const started = performance.now()
      const usedBefore = processorTime()
      const until = started + millis
      const lane = (i: number): Promise<void> =>
        contender.cycle(i).then(() => {
          done++
          return performance.now() < until ? lane(i) : undefined
        })
      return Promise.all(Array.from({ length: lanes }, (_, i) => lane(i))).then(() => ({
        rate: done / ((performance.now() - started) / 1000),
        micros: (processorTime() - usedBefore) / done
      }))
    },
    catch: (cause) => new BenchFailure({ message: `${contender.name}: ${String(cause)}` })
  })

/** One system, made for this number of lanes; it ends with the scope. */
export type Peer = (lanes: number) => Effect.Effect<Contender, unknown, Scope.Scope>

/**
 * The median of ours over each peer's, round by round, at each concurrency; contenders take turns within a round, after
 * an uncounted first round. `beside` runs after ours in each counted round, with the number of lanes and our rate: it
 * measures something else under the same load of the machine.
 */
export const compare = Effect.fnUntraced(function*(
  ours: Contender,
  peers: ReadonlyArray<Peer>,
  concurrencies: ReadonlyArray<number>,
  beside: (lanes: number, rate: number) => Effect.Effect<unknown> = () => Effect.void
) {
  const ratios: Record<string, Record<string, number>> = {}
  const rates: Record<string, Record<string, number>> = {}
  const micros: Record<string, Record<string, number>> = {}
  const atConcurrency = Effect.fnUntraced(function*(lanes: number) {
    const others = yield* Effect.forEach(peers, (peer) => peer(lanes))
    const all = [ours, ...others]
    yield* Effect.forEach(all, (contender) => measure(contender, lanes))
    const measured: Record<string, Array<number>> = Object.fromEntries(all.map(({ name }) => [name, []]))
    const used: Record<string, Array<number>> = Object.fromEntries(all.map(({ name }) => [name, []]))
    for (let i = 0; i < rounds; i++) {
      for (const contender of all) {
        const { micros, rate } = yield* measure(contender, lanes)
        measured[contender.name]!.push(rate)
        used[contender.name]!.push(micros)
        if (contender === ours) yield* beside(lanes, rate)
      }
    }
    for (const { name } of all) {
      ;(rates[name] ??= {})[lanes] = round(median(measured[name]!), 0)
      ;(micros[name] ??= {})[lanes] = round(median(used[name]!), 0)
    }
    for (const { name } of others) {
      const each = measured[ours.name]!.map((value, i) => value / measured[name]![i]!)
      ;(ratios[name] ??= {})[lanes] = round(median(each))
    }
    yield* Console.error(
      `concurrency ${lanes}: ${all.map(({ name }) => `${name} ${rates[name]![lanes]}/s`).join(", ")}`
    )
  }, Effect.scoped)
  yield* Effect.forEach(concurrencies, atConcurrency)
  return { ratios, rates, micros }
})
