import type { Model } from "./Model.ts"

/** Whether a list of models has this id. Null: the list is empty, so nothing is known. */
export const isModelListed = (id: string, models: ReadonlyArray<Model>): boolean | null =>
  models.length === 0 ? null : models.some((model) => model.id === id)

/**
 * Why the default model of a runtime, `id`, needs attention; undefined: it does not, or nothing is known. The default is
 * never replaced: a person chooses another one.
 */
export const defaultModelNote = (id: string, models: ReadonlyArray<Model>, runtime: string): string | undefined =>
  isModelListed(id, models) === false
    ? `${id} is not in the list of ${runtime}: tasks that name no model still ask for it, and may be refused. ` +
      "Choose another default model, or none"
    : undefined
