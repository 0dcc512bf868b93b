import type { Model } from "@muster/domain"

export interface ModelGroup {
  /** Who makes them; empty where nobody says. */
  readonly provider: string
  readonly models: ReadonlyArray<Model>
}

/** Options that a list draws at once; whoever wants another types some of its name. */
export const maxShown = 200

/** Who makes a model: as its CLI says, else what stands before the slash of its id. */
const makerOf = ({ id, provider }: Model): string =>
  provider !== undefined && provider !== "" ? provider : id.includes("/") ? id.slice(0, id.indexOf("/")) : ""

/** The models that all words of `filter` are found in, by maker, at most `maxShown`; and how many more there are. */
export const modelGroups = (models: ReadonlyArray<Model>, filter: string) => {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "")
  const found = models.filter((model) => {
    const text = `${model.id} ${model.label} ${makerOf(model)}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
  const groups = new Map<string, Array<Model>>()
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
