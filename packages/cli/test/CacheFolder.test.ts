import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { compileCache, keepLatest, programCache } from "../src/CacheFolder.ts"

describe("the folder of the compiled code", () => {
  it("is in the user's cache folder of each system", () => {
    const HOME = "/home/ada"
    assert.strictEqual(compileCache({ HOME }, "linux"), "/home/ada/.cache/muster/compiled")
    assert.strictEqual(programCache({ HOME }, "linux"), "/home/ada/.cache/muster/programs")
    assert.strictEqual(compileCache({ HOME }, "darwin"), "/home/ada/Library/Caches/muster/compiled")
    assert.strictEqual(compileCache({ HOME, LOCALAPPDATA: "/local" }, "win32"), "/local/muster/compiled")
    assert.strictEqual(compileCache({ HOME, XDG_CACHE_HOME: "/cache" }, "linux"), "/cache/muster/compiled")
  })

  it("is not relative to the working directory, nor anywhere without a home", () => {
    assert.strictEqual(
      compileCache({ HOME: "/home/ada", XDG_CACHE_HOME: "cache" }, "linux"),
      "/home/ada/.cache/muster/compiled"
    )
    assert.isUndefined(compileCache({ HOME: "", XDG_CACHE_HOME: "" }, "linux"))
    assert.isUndefined(compileCache({}, "win32"))
  })
})

describe("a cache with one folder per version", () => {
  it("keeps the latest versions", () => {
    const cache = mkdtempSync(join(tmpdir(), "muster-cache-"))
    for (const [age, version] of ["0.5.0", "0.3.0", "0.4.0", "0.2.0", "0.1.0"].entries()) {
      mkdirSync(join(cache, version))
      writeFileSync(join(cache, version, "main"), "")
      utimesSync(join(cache, version), 1_000 - age, 1_000 - age)
    }
    keepLatest(cache)
    assert.deepStrictEqual(readdirSync(cache).toSorted(), ["0.3.0", "0.4.0", "0.5.0"])
    rmSync(cache, { recursive: true })
  })
})
