import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { fakeCli } from "../provider/FakeCli.ts"
import { example } from "./Example.ts"

const page = readFileSync(new URL("../../../../docs/extending.md", import.meta.url), "utf8")

describe("the provider of docs/extending.md", () => {
  it("is the one that this test uses", () => {
    const tested = readFileSync(new URL("Example.ts", import.meta.url), "utf8")
    assert.include(page, `\`\`\`ts\n${tested.replaceAll("from \"../../src/provider/", "from \"./")}\`\`\``)
  })

  it.live("lists what the CLI prints", () =>
    Effect.gen(function*() {
      const path = yield* fakeCli("example", { models: { stdout: "one First\ntwo\n" } })
      const { models, source } = yield* example.listModels({ path, host: {} })
      assert.strictEqual(source, "live")
      assert.deepStrictEqual(models, [{ id: "one", label: "First" }, { id: "two", label: "two" }])
    }))
})
