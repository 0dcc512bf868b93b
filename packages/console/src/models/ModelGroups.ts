import type { Model } from "@muster/domain"

export interface ModelGroup {
  /** The maker of the models; empty if unknown. */
  readonly provider: string
  readonly models: ReadonlyArray<Model.Model>
}

/** The maximum number of models that the list shows. Filter to see others. */
export const maxShown = 200

/** Returns the maker of a model: the provider that its CLI reports, else the part of its id before the slash. */
const makerOf = ({ id, provider }: Model.Model): string =>
  provider !== undefined && provider !== "" ? provider : id.includes("/") ? id.slice(0, id.indexOf("/")) : ""

/** Returns the models that contain all words of `filter`, at most `maxShown`, grouped by maker, and how many more match. */
export const modelGroups = (models: ReadonlyArray<Model.Model>, filter: string) => {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "")
  const found = models.filter((model) => {
    const text = `${model.id} ${model.label} ${makerOf(model)}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const groups = new Map<string, Array<Model.Model>>()
  for (const model of found.slice(0, maxShown)) {
    const maker = makerOf(model)
    const group = groups.get(maker)
    if (group === undefined) groups.set(maker, [model])
    else group.push(model)
  }
  return {
    groups: [...groups].map(([provider, models]): ModelGroup => ({ provider, models })),
    found: found.length,
    more: Math.max(0, found.length - maxShown)
  }
}
