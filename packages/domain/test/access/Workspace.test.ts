import { describe, it } from "@effect/vitest"
import { assertTrue, assertUndefined, strictEqual } from "@effect/vitest/utils"
import { Workspace } from "@muster/domain"
import { Schema } from "effect"

const letters = "slug must contain only lowercase letters, numbers, and hyphens"
const Part = Schema.String.check(Schema.isPattern(/^[a-z0-9]{1,8}$/))
const Parts = Schema.Array(Part).check(Schema.isMinLength(2), Schema.isMaxLength(5))

describe("Workspace", () => {
  it.each([["Über Team", "uber-team"], [" A -- b ", "a-b"], ["日本", ""]])("A-10 %j gets the slug %j", (name, slug) => {
    strictEqual(Workspace.slugOf(name), slug)
  })

  it.prop("A-10 the slug of a name is empty or has the form of a slug", [Schema.String], ([name]) => {
    const slug = Workspace.slugOf(name)
    assertTrue(slug === "" || Workspace.refuse("Team", slug) !== letters)
  })

  it.prop("a slug is lower-case words and numbers joined by hyphens", [Parts], ([parts]) => {
    assertUndefined(Workspace.refuse("Team", parts.join("-")))
  })

  it.prop("a slug has no hyphen at an end, no two in a row, and no capital", [Parts], ([parts]) => {
    const slug = parts.join("-")
    for (const wrong of [`-${slug}`, `${slug}-`, parts.join("--"), `${slug}-A`]) {
      strictEqual(Workspace.refuse("Team", wrong), letters)
    }
  })

  it.prop("an accepted slug needs no escaping in a URL", [Schema.String, Schema.String], ([name, slug]) => {
    assertTrue(Workspace.refuse(name, slug) !== undefined || encodeURIComponent(slug) === slug)
  })

  it.each(["a b", "ä", "a_b", "a.b", "a/b", "slug\n", "."])("%j is not a slug", (slug) => {
    strictEqual(Workspace.refuse("Team", slug), letters)
  })

  it.each(["api", "login", "settings", "console", "healthz", "readyz", "metrics"])("%j is reserved", (slug) => {
    strictEqual(Workspace.refuse("Team", slug), "slug is reserved")
    assertUndefined(Workspace.refuse("Team", `${slug}-1`))
  })

  it("name and slug are required", () => {
    strictEqual(Workspace.refuse("", "team"), "name and slug are required")
    strictEqual(Workspace.refuse("Team", ""), "name and slug are required")
  })
})
