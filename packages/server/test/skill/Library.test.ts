import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Answer } from "../support/Http.ts"
import { bundle, completed, startImport } from "./ImportScene.ts"

describe("the list of a workspace's skills", () => {
  it.effect("F-18 the list is a bare array with the fields that a Go CLI shows", () =>
    Effect.gen(function*() {
      const { me, report } = yield* startImport()
      yield* report(completed())
      const { headers, json } = yield* me.get("/api/skills")
      assert.isTrue(Array.isArray(json))
      const [{ created_at, description, id, name }] = json
      assert.deepStrictEqual([name, description], ["review", "how to review"])
      assert.match(id, /^[0-9a-f-]{36}$/)
      assert.match(created_at, /^\d{4}-\d\d-\d\dT/)
      assert.isNull(headers.get("link"))
    }))

  it.effect("F-26 the list has pages: a full page names the next one, the last one does not", () =>
    Effect.gen(function*() {
      const { importOne, me, report } = yield* startImport()
      yield* report(completed())
      for (const name of ["alpha", "zeta & co"]) yield* (yield* importOne()).report(completed({ ...bundle, name }))
      const names: Array<string> = []
      let path: string | undefined = "/api/skills?limit=1"
      while (path !== undefined && names.length < 10) {
        const page: Answer = yield* me.get(path)
        names.push(...page.json.map(({ name }: { readonly name: string }) => name))
        path = /^<([^>]+)>; rel="next"$/.exec(page.headers.get("link") ?? "")?.[1]
      }
      assert.deepStrictEqual(names, ["alpha", "review", "zeta & co"])
    }))
})
