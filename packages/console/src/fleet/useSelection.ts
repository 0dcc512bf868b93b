import type { Api } from "@muster/domain"
import { useState } from "react"

/** The runtimes that a person has selected, by id. They stay selected while the list shows others. */
export interface Selection {
  readonly items: ReadonlyMap<string, Api.FleetItem>
  readonly has: (id: string) => boolean
  /** Selects a runtime, or lets it go. */
  readonly toggle: (item: Api.FleetItem) => void
  readonly replace: (items: ReadonlyArray<Api.FleetItem>) => void
  readonly clear: () => void
}

export const useSelection = (): Selection => {
  const [items, setItems] = useState<ReadonlyMap<string, Api.FleetItem>>(new Map())
  return {
    items,
    has: (id) => items.has(id),
    toggle: (item) =>
      setItems((items) => {
        const next = new Map(items)
        if (!next.delete(item.id)) next.set(item.id, item)
        return next
      }),
    replace: (items) => setItems(new Map(items.map((item) => [item.id, item]))),
    clear: () => setItems(new Map())
  }
}
