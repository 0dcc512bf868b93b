import { assert, describe, it } from "@effect/vitest"
import { compileCache, programCache } from "../src/CacheFolder.ts"

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
