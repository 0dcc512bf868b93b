// Records the data of a release, for the test of upgrades: `recordData.ts RELEASE`. Writes `test/data/RELEASE.tar.zst` (a
// backup, compressed better) and `RELEASE.json` (what its server returned).
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { constants, gunzipSync, zstdCompressSync } from "node:zlib"
import { filledServer, kept } from "./DataScene.ts"
import { makeHome, runMuster } from "./runMuster.ts"

const [release = ""] = process.argv.slice(2)
const file = (ending: string) => fileURLToPath(new URL(`../data/${release}.${ending}`, import.meta.url))

/** The same pages are in the folder three times, far apart: a long window halves the size. */
const long = {
  [constants.ZSTD_c_compressionLevel]: 19,
  [constants.ZSTD_c_windowLog]: 27,
  [constants.ZSTD_c_enableLongDistanceMatching]: 1
}

const record = Effect.gen(function*() {
  const home = yield* makeHome
  const { here, server } = yield* filledServer(home)
  writeFileSync(file("json"), `${JSON.stringify(yield* kept(server), null, 2)}\n`)
  const backup = `${home}/backup.tar.gz`
  const { code, stderr } = yield* runMuster(["backup", backup], here)
  if (code !== 0) return yield* Effect.die(new Error(stderr))
  writeFileSync(file("tar.zst"), zstdCompressSync(gunzipSync(readFileSync(backup)), { params: long }))
})

NodeRuntime.runMain(Effect.scoped(record))
