import { assert, describe, it } from "@effect/vitest"
import { type Identity, Runtime } from "@muster/domain"
import { Schema } from "effect"
import { lacking, needsRegistration, registrationOf, withReply } from "../../src/runtime/Registration.ts"
import {
  emptyState,
  maxDisowned,
  runtimesOf,
  type RuntimeState,
  withClis,
  withoutGone,
  withWorkspaces
} from "../../src/runtime/RuntimeState.ts"
import { cli } from "../support/FakeClis.ts"
import { workspaceId } from "../support/FakeServer.ts"

const Provider = Schema.Literals(["codex", "claude", "gemini"])
const Which = Schema.Literals([0, 1, 2])

/** Anything that can happen to the state, in the order in which it may. */
const Step = Schema.Union([
  Schema.Struct({
    type: Schema.tag("clis"),
    found: Schema.Array(Provider),
    hanging: Schema.Array(Provider),
    complete: Schema.Boolean
  }),
  Schema.Struct({ type: Schema.tag("upgrade"), provider: Provider }),
  Schema.Struct({ type: Schema.tag("workspaces"), listed: Schema.Array(Which) }),
  Schema.Struct({ type: Schema.tag("register"), workspace: Which, refusing: Schema.Array(Provider) }),
  Schema.Struct({ type: Schema.tag("gone"), index: Schema.Literals([0, 1, 2, 3, 4, 5, 6, 7, 8]) })
])
type Step = typeof Step.Type

const uuid = (n: number) => Runtime.RuntimeId.make(`bbbbbbbb-0000-4000-8000-${n.toString(16).padStart(12, "0")}`)

/** Every state that the steps lead through. */
const play = (steps: ReadonlyArray<Step>): ReadonlyArray<RuntimeState> => {
  let next = 0
  let version = 1
  let state = emptyState
  const states = [state]
  for (const step of steps) {
    switch (step.type) {
      case "clis": {
        const found = [...new Set(step.found)].map((provider) => cli(provider, `${version}`))
        const skipped = step.hanging.map((provider) => ({
          provider,
          path: "/x",
          verdict: "slow" as const,
          reason: "hangs"
        }))
        state = withClis(state, { found, skipped, complete: step.complete })
        break
      }
      case "upgrade":
        version++
        state = withClis(state, {
          found: [...state.clis.values()].map((one) =>
            one.provider === step.provider ? cli(one.provider, `${version}`) : one
          ),
          skipped: [],
          complete: true
        })
        break
      case "workspaces": {
        const listed = [...new Set(step.listed)].map((n) => ({ id: workspaceId(n), name: `${n}` }))
        state = withWorkspaces(state, listed)
        break
      }
      case "register": {
        const request = registrationOf(state, workspaceId(step.workspace))
        if (request === undefined) break
        const rows = request.clis
          .filter(({ provider }) => !step.refusing.some((refused) => refused === provider))
          .map(({ provider }) => ({ id: uuid(++next), provider, name: provider }))
        state = withReply(state, request, rows)[0]
        break
      }
      case "gone": {
        const runtime = runtimesOf(state)[step.index]
        if (runtime !== undefined) state = withoutGone(state, runtime.id)
        break
      }
    }
    states.push(state)
  }
  return states
}

const everywhere = (steps: ReadonlyArray<Step>, holds: (state: RuntimeState, id: Identity.WorkspaceId) => boolean) =>
  play(steps).every((state) => [...state.workspaces.keys()].every((id) => holds(state, id)))

describe("the rule of registration", () => {
  it.prop("a workspace needs it exactly when an expected CLI has no runtime of its version there", [
    Schema.Array(Step)
  ], ([steps]) =>
    everywhere(steps, (state, id) => {
      const has = new Set(state.workspaces.get(id)!.runtimes.map(({ provider, version }) => `${provider} ${version}`))
      const lacking = [...state.clis.values()].filter(({ provider, version }) => !has.has(`${provider} ${version}`))
      return needsRegistration(state, id) === lacking.length > 0
    }), { arbitrary: { runs: 300 } })

  it.prop(
    "after a complete reply this workspace, and no other, needs no registration",
    [Schema.Array(Step)],
    ([steps]) =>
      everywhere(steps, (state, id) => {
        const request = registrationOf(state, id)!
        const rows = request.clis.map(({ provider }, index) => ({ id: uuid(9_000 + index), provider, name: provider }))
        const [after, unserved] = withReply(state, request, rows)
        const others = [...state.workspaces.keys()].filter((other) => other !== id)
        return !needsRegistration(after, id) && unserved.length === 0 &&
          others.every((other) => after.workspaces.get(other) === state.workspaces.get(other))
      }),
    { arbitrary: { runs: 200 } }
  )

  it.prop(
    "after gone the workspace needs registration if the CLI exists; nothing else changes",
    [Schema.Array(Step)],
    ([steps]) =>
      play(steps).every((state) =>
        runtimesOf(state).every((runtime) => {
          const after = withoutGone(state, runtime.id)
          const left = runtimesOf(after)
          return needsRegistration(after, runtime.workspaceId) && left.length === runtimesOf(state).length - 1 &&
            left.every((one) => runtimesOf(state).includes(one)) && withoutGone(after, runtime.id) === after &&
            after.clis === state.clis
        })
      ),
    { arbitrary: { runs: 200 } }
  )

  it.prop("no id is twice in the state, no provider twice in a workspace, none without its CLI or disowned", [
    Schema.Array(Step)
  ], ([steps]) =>
    everywhere(steps, (state, id) => {
      const all = runtimesOf(state)
      const { disowned, runtimes } = state.workspaces.get(id)!
      return new Set(all.map((one) => one.id)).size === all.length &&
        new Set(runtimes.map((one) => one.provider)).size === runtimes.length &&
        runtimes.every((one) => state.clis.has(one.provider) && !disowned.has(one.id) && one.workspaceId === id)
    }), { arbitrary: { runs: 300 } })

  it.prop(
    "a step that changes nothing returns the same object",
    [Schema.Array(Step)],
    ([steps]) =>
      play(steps).every((state) =>
        withoutGone(state, uuid(99_999)) === state && withWorkspaces(state, [...state.workspaces.values()]) === state
      )
  )
})

describe("the state", () => {
  const one = workspaceId(1)
  const registered = (providers: ReadonlyArray<string>) => {
    const state = withWorkspaces(
      withClis(emptyState, { found: providers.map((provider) => cli(provider)), skipped: [], complete: true }),
      [{ id: one, name: "one" }]
    )
    const rows = providers.map((provider, index) => ({ id: uuid(index + 1), provider, name: provider }))
    return withReply(state, registrationOf(state, one)!, rows)[0]
  }

  it("D-12 an id in a reply that was disowned after the request is not taken, and registration is still needed", () => {
    const before = registered(["codex", "claude"])
    const request = registrationOf(before, one)!
    const rows = runtimesOf(before)
    const [after, unserved] = withReply(withoutGone(before, rows[0]!.id), request, rows)
    assert.deepStrictEqual(runtimesOf(after).map(({ id }) => id), [rows[1]!.id])
    assert.deepStrictEqual(unserved, [])
    assert.isTrue(needsRegistration(after, one))
  })

  it("a CLI that hangs this time remains; one that no longer exists is removed with its runtime", () => {
    const state = registered(["codex", "claude", "gemini"])
    const after = withClis(state, {
      found: [cli("claude")],
      skipped: [
        { provider: "codex", path: "/bin/codex", verdict: "slow", reason: "timed out" },
        { provider: "gemini", verdict: "unable", reason: "there is no such file" }
      ],
      complete: true
    })
    assert.deepStrictEqual(runtimesOf(after).map(({ provider }) => provider), ["codex", "claude"])
    assert.isFalse(needsRegistration(after, one))
  })

  it("an incomplete discovery adds what it found and removes nothing", () => {
    const after = withClis(registered(["codex"]), { found: [cli("claude")], skipped: [], complete: false })
    assert.deepStrictEqual(runtimesOf(after).map(({ provider }) => provider), ["codex"])
    assert.deepStrictEqual(lacking(after, one), ["claude"])
  })

  it("a CLI that was upgraded is registered again, so that people see its version", () => {
    const state = withClis(registered(["codex"]), { found: [cli("codex", "2.0.0")], skipped: [], complete: true })
    assert.isTrue(needsRegistration(state, one))
  })

  it("keeps a bounded number of disowned ids, each until a later registration is answered", () => {
    const names = Array.from({ length: maxDisowned + 50 }, (_, n) => `cli${n}`)
    const rows = names.map((provider, n) => ({ id: uuid(100 + n), provider, name: provider }))
    let state = withReply(registered(names), registrationOf(registered(names), one)!, rows)[0]
    for (const { id } of rows) state = withoutGone(state, id)
    assert.strictEqual(state.workspaces.get(one)!.disowned.size, maxDisowned)

    const [kept, lost] = names.map((provider, n) => ({ id: uuid(1_000 + n), provider, name: provider }))
    state = withReply(state, registrationOf(state, one)!, [kept!, lost!])[0]
    assert.strictEqual(state.workspaces.get(one)!.disowned.size, 0)
    // This one goes while the next answer is under way.
    const request = registrationOf(state, one)!
    state = withReply(withoutGone(state, lost!.id), request, [kept!, lost!])[0]
    assert.deepStrictEqual([...state.workspaces.get(one)!.disowned], [lost!.id])
  })
})
