import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { startHome } from "../support/Scene.ts"

const file = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8")

const rules = file("deploy/alerts/muster.rules.yaml")
const dashboard = file("deploy/grafana/muster.json")

/** The names of series in expressions: `_bucket`, `_sum` and `_count` of a histogram are its own. */
const metricsIn = (text: string) => [
  ...new Set(
    [...text.matchAll(/\b(?:muster|process|nodejs)_[a-z_]+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ""))
  )
]

/** The labels that select or group the series of a metric in these expressions. */
const selectors = (text: string) =>
  [...text.matchAll(/\b(muster_[a-z_]+?)(?:_bucket)?\{([^}]*)\}/g)].flatMap(([, name, inner]) =>
    [...inner!.matchAll(/([a-z_]+)(=~?|!~?)\\?"([^"\\]*)\\?"/g)].flatMap(([, label, operator, value]) =>
      ["job", "instance"].includes(label!) ? [] : [{ name: name!, label: label!, operator: operator!, value: value! }]
    )
  )

/** The anchors that a page's headings have. */
const anchorsOf = (page: string) =>
  [...page.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!.toLowerCase().replace(/[^a-z0-9 -]/g, "").replaceAll(" ", "-")
  )

describe("alerts and dashboard", () => {
  it.effect("P-06 every metric and label value that the alerts and the dashboard name is exposed by a real server", () =>
    Effect.gen(function*() {
      const { muster } = yield* startHome()
      const { text } = yield* muster.nobody.get("/metrics")
      const exposed = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!))
      for (const source of [rules, dashboard]) {
        const named = metricsIn(source)
        assert.isAbove(named.length, 10)
        assert.deepStrictEqual(named.filter((name) => !exposed.has(name)), [])
        for (const { label, name, operator, value } of selectors(source)) {
          const values = [...text.matchAll(new RegExp(`^${name}(?:_bucket)?\\{.*?\\b${label}="([^"]*)"`, "gm"))]
            .map(([, one]) => one!)
          const isMatch = operator.startsWith("=~") ? new RegExp(`^(?:${value})$`) : new RegExp(`^${value}$`)
          assert.isTrue(values.some((one) => isMatch.test(one)), `${name}{${label}${operator}"${value}"}`)
        }
      }
    }))

  it("P-06 every alert has a section of its own in the runbooks, and every section an alert", () => {
    const alerts = [...rules.matchAll(/- alert: (\S+)/g)].map(([, name]) => name!)
    const links = [...rules.matchAll(/runbook_url: docs\/runbooks\.md#(\S+)/g)].map(([, anchor]) => anchor!)
    assert.deepStrictEqual(links, alerts.map((name) => name.toLowerCase()))
    const page = file("docs/runbooks.md")
    assert.sameMembers(anchorsOf(page).slice(1), links)
    for (const [, anchor] of page.matchAll(/\]\(#([a-z]+)\)/g)) assert.include(links, anchor)
  })

  it("P-06 every alert has a severity, a duration and a summary; the rules have no tab", () => {
    const blocks = rules.split("- alert: ").slice(1)
    for (const block of blocks) {
      assert.match(
        block,
        /^\S+\n\s+expr: .*\n(?:[\s\S]*\n)?\s+for: \d+[mh]\n\s+labels:\n\s+severity: (critical|warning|info)\n/
      )
      assert.match(block, /summary: ".+\."/)
    }
    assert.notInclude(rules, "\t")
  })
})
