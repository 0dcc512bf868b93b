// @ts-check
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { consoleSize, ensureConsole } from "../console.mjs"
import { root } from "../install.mjs"

/** Bytes of script that the first page may load, compressed. */
const most = 200_000

describe("the built console", () => {
  it("loads at most 200 kB of compressed script at first, none of it from within the page", () => {
    ensureConsole()
    const { all, firstScripts } = consoleSize()
    assert.isAbove(firstScripts, 50_000)
    assert.isBelow(firstScripts, most)
    assert.isBelow(all, 320_000)
    const page = readFileSync(join(root, "packages/console/dist/pages/index.html"), "utf8")
    assert.notMatch(page, /<script(?![^>]* src=)|<style|style="| on\w+="/)
  })
})
