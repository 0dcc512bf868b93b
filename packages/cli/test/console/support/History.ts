import { assert } from "@effect/vitest"
import { RuntimeHistory } from "@muster/domain"
import { examine, fitsWindow, openRuntime, shown } from "./Page.ts"
import type { Scene } from "./Scene.ts"

/** A day of a runtime that was away for half an hour, and sent half of its heartbeats before and after that. */
const sampleDay = (now: number) => {
  const first = RuntimeHistory.oldestBucket(now)
  const ups = Array.from({ length: 144 }, (_, n) => n === 59 || n === 63 ? 0.5 : n > 59 && n < 63 ? 0 : 1)
  return {
    bucket_seconds: 600,
    uptime: 0.972,
    buckets: ups.map((up, n) => ({
      at: new Date(first + n * RuntimeHistory.bucketMs).toISOString(),
      beats: 40 * up,
      up,
      max_ms: up === 0 ? null : 12
    }))
  }
}

/** A runtime's page shows the history that the server returns, first the real one and then a sample of a whole day. */
export const showsHistory = async (open: Scene["Service"]["open"]) => {
  for (const width of [1280, 360]) {
    const { context, page, wrongs } = await open("/", { viewport: { width, height: 900 } })
    await openRuntime(page)
    await shown(page, /^(Registered less than two minutes ago\.|Online \d+ % of the last 24 h)/)
    await page.route(
      /\/api\/runtimes\/[^/]+\/history$/,
      async (route) => route.fulfill({ response: await route.fetch(), json: sampleDay(Date.now()) })
    )
    await page.reload()
    await shown(page, /^Online 97 % of the last 24 h\. No heartbeat from .* to .*\.$/)
    const chart = page.getByRole("img", { name: /^Heartbeats in the last 24 hours\. Online 97 %/ })
    assert.strictEqual(await chart.locator("rect").count(), 144)
    assert.strictEqual(await chart.locator("[data-state=none]").count(), 3)
    assert.isTrue(await fitsWindow(page))
    await chart.scrollIntoViewIfNeeded()
    await examine(page, `history-${width}`)
    assert.deepStrictEqual(wrongs, [])
    await context.close()
  }
}
