import { RequestJournal, RuntimeRegistry } from "@muster/domain"
import { Effect, Layer, Option } from "effect"
import { JournalState } from "./JournalState.ts"

const make = (state: JournalState, registry: RuntimeRegistry.RuntimeRegistry["Service"]) =>
  RequestJournal.RequestJournal.of({
    write: ({ entries, heard }) =>
      Effect.gen(function*() {
        for (const entry of entries) state.put(entry)
        for (const note of heard) {
          if ((yield* registry.find(note.runtimeId))._tag === "Found") state.hear(note)
        }
      }),
    recent: (workspace, max) => Effect.sync(() => state.recent(workspace, max)),
    find: (workspace, id) => Effect.sync(() => Option.fromUndefinedOr(state.find(workspace, id))),
    heard: (runtime) =>
      Effect.map(
        registry.find(runtime),
        ({ _tag }) => _tag === "Gone" ? Option.none() : Option.fromUndefinedOr(state.heard(runtime))
      )
  })

/** The journal of requests in this process's memory; the registry decides which runtimes exist. */
export const RequestJournalMemory = {
  /** A node on this state: nodes on the same state are one backend. */
  layerOn: (state: JournalState): Layer.Layer<RequestJournal.RequestJournal, never, RuntimeRegistry.RuntimeRegistry> =>
    Layer.effect(
      RequestJournal.RequestJournal,
      Effect.map(RuntimeRegistry.RuntimeRegistry, (registry) => make(state, registry))
    ),
  /** A backend of its own for each build. */
  layer: Layer.effect(
    RequestJournal.RequestJournal,
    Effect.map(RuntimeRegistry.RuntimeRegistry, (registry) => make(new JournalState(), registry))
  )
}
