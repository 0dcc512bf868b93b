import { describe, it } from "@effect/vitest"
import { assertTrue, assertUndefined, strictEqual } from "@effect/vitest/utils"
import { refuseWorkspace } from "@muster/domain"
import { Schema } from "effect"

const letters = "slug must contain only lowercase letters, numbers, and hyphens"
const Part = Schema.String.check(Schema.isPattern(/^[a-z0-9]{1,8}$/))
const Parts = Schema.Array(Part).check(Schema.isMinLength(2), Schema.isMaxLength(5))

describe("Workspace", () => {
  it.prop("lower-case words and numbers joined by hyphens may be a slug", [Parts], ([parts]) => {
    assertUndefined(refuseWorkspace("Team", parts.join("-")))
  })

  it.prop("a hyphen at an end, two in a row, or a capital may not", [Parts], ([parts]) => {
    const slug = parts.join("-")
    for (const wrong of [`-${slug}`, `${slug}-`, parts.join("--"), `${slug}-A`]) {
      strictEqual(refuseWorkspace("Team", wrong), letters)
    }
  })

  it.prop("what is accepted stands in a URL as it is", [Schema.String, Schema.String], ([name, slug]) => {
    assertTrue(refuseWorkspace(name, slug) !== undefined || encodeURIComponent(slug) === slug)
  })

  it.each(["a b", "ä", "a_b", "a.b", "a/b", "slug\n", "."])("%j is no slug", (slug) => {
    strictEqual(refuseWorkspace("Team", slug), letters)
  })

  it.each(["api", "login", "settings", "console", "healthz", "readyz", "metrics"])("%j is reserved", (slug) => {
    strictEqual(refuseWorkspace("Team", slug), "slug is reserved")
    assertUndefined(refuseWorkspace("Team", `${slug}-1`))
  })

  it("name and slug must be there", () => {
    strictEqual(refuseWorkspace("", "team"), "name and slug are required")
    strictEqual(refuseWorkspace("Team", ""), "name and slug are required")
  })
})
