import { AuditLog } from "@muster/domain"

/** The maximum number of events in memory; a new one replaces the oldest. */
const mostEvents = 100_000

/** The audit log. Layers built on the same state are nodes of one backend. */
export class AuditState {
  readonly #events = new Map<string, AuditLog.AuditEvent>()

  append(events: ReadonlyArray<AuditLog.AuditEvent>): void {
    for (const event of events) if (!this.#events.has(event.id)) this.#events.set(event.id, event)
    for (const id of this.#events.keys()) {
      if (this.#events.size <= mostEvents) return
      this.#events.delete(id)
    }
  }

  page(
    filter: AuditLog.AuditFilter,
    cursor: AuditLog.AuditCursor | undefined,
    max: number
  ): ReadonlyArray<AuditLog.AuditEvent> {
    return [...this.#events.values()]
      .filter((event) =>
        AuditLog.matchesAudit(filter, event) && (cursor === undefined || AuditLog.newestAuditFirst(cursor, event) < 0)
      )
      .toSorted(AuditLog.newestAuditFirst).slice(0, max)
  }

  prune(before: number, max: number): number {
    const old = [...this.#events.values()].filter(({ at }) => at < before).toSorted(AuditLog.newestAuditFirst).slice(
      -max
    )
    for (const { id } of old) this.#events.delete(id)
    return old.length
  }
}
