import { assert, describe, it } from "@effect/vitest"
import { type Draft, withDraft } from "../src/tasks/StoredDrafts.ts"

const draft = (prompt: string): Draft => ({
  prompt,
  folder: "",
  model: undefined,
  policy: "all",
  key: "00000000-0000-4000-8000-000000000000"
})

describe("C-01 the kept drafts of tasks", () => {
  it("are the eight that changed last", () => {
    const ten = [..."abcdefghij"].reduce<ReturnType<typeof withDraft>>(
      (drafts, runtime) => withDraft(drafts, runtime, draft(`work of ${runtime}`)),
      []
    )
    assert.deepStrictEqual(ten.map(({ runtime }) => runtime), [..."cdefghij"])
    const changed = withDraft(ten, "c", draft("other work"))
    assert.deepStrictEqual(changed.map(({ runtime }) => runtime), [..."defghijc"])
    assert.strictEqual(changed.at(-1)!.draft.prompt, "other work")
  })

  it("have a prompt of at most 64 KiB in UTF-8; a longer one leaves the draft before it", () => {
    const longest = "é".repeat(32 * 1024)
    const kept = withDraft([], "a", draft(longest))
    assert.strictEqual(kept[0]!.draft.prompt, longest)
    assert.deepStrictEqual(withDraft(kept, "a", draft(`${longest}x`)), kept)
    assert.deepStrictEqual(withDraft(kept, "b", draft(`${longest}x`)), kept)
  })

  it("without a prompt there is none", () => {
    const kept = withDraft([], "a", draft("work"))
    assert.deepStrictEqual(withDraft(kept, "a", draft(" \n")), [])
    assert.deepStrictEqual(withDraft(kept, "a", undefined), [])
  })
})
