import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { folderCycles, inspect, violationsOf } from "../architecture.mjs"

const found = (path, text) => violationsOf(path, text).map(({ line, sentence }) => `${line} ${sentence}`)

const broken = [
  ["cli → store", "packages/cli/src/A.ts", `import { x } from "@muster/store-memory"`, /^1 imports the store/],
  [
    "server → store",
    "packages/server/src/A.ts",
    `\nimport { x } from "@muster/store-postgres"`,
    /^2 imports the store/
  ],
  [
    "daemon → server",
    "packages/daemon/src/A.ts",
    `import { x } from "@muster/server"`,
    /daemon may import domain, kit$/
  ],
  [
    "server → daemon",
    "packages/server/src/A.ts",
    `export { x } from "@muster/daemon"`,
    /server may import domain, kit, console$/
  ],
  [
    "a private word",
    "packages/server/src/A.ts",
    "\nconst vig\u0069l = 5",
    /^2 says "vig.l"; the field's term is "polling"$/
  ],
  ["store → store", "packages/store-postgres/src/A.ts", `import("@muster/store-memory")`, /imports the store/],
  ["domain → server", "packages/domain/src/A.ts", `import { type X } from "@muster/server"`, /no other package$/],
  ["domain's test → server", "packages/domain/test/A.test.ts", `import "@muster/server"`, /against the arrows/],
  ["source → suite", "packages/server/src/A.ts", `import { x } from "@muster/store-suite"`, /against the arrows/],
  ["kit → domain", "packages/kit/src/A.ts", `import { x } from "@muster/domain"`, /no other package$/],
  ["kit → a library", "packages/kit/src/A.ts", `import { Redis } from "ioredis"`, /kit imports effect and node alone$/],
  ["domain → node", "packages/domain/src/A.ts", `import { join } from "node:path"`, /domain imports effect alone$/],
  [
    "path into a package",
    "packages/cli/src/A.ts",
    `import { x } from "@muster/server/Environment"`,
    /path into a package/
  ],
  [
    "path out of a package",
    "packages/cli/src/A.ts",
    `import { x } from "../../server/src/A.ts"`,
    /path out of its package/
  ],
  [
    "platform barrel",
    "packages/cli/src/A.ts",
    `import { NodeRuntime } from "@effect/platform-node"`,
    /second Redis client/
  ],
  ["effect's index", "packages/cli/src/A.ts", `import { x } from "effect/http/index"`, /leave "\/index" away$/],
  [
    "import over lines",
    "packages/daemon/src/A.ts",
    `import {\n  x,\n  y\n} from "@muster/cli"`,
    /^4 .*against the arrows/
  ],
  ["machine's time", "packages/domain/src/A.ts", `const now = Date.now()`, /^1 takes the time/],
  ["machine's date", "packages/domain/src/A.ts", `const now = new Date()`, /^1 takes the time/],
  ["randomness", "packages/domain/src/A.ts", `const x = Math.random()`, /Math\.random/],
  ["timer", "packages/domain/src/A.ts", `setTimeout(f, 1)`, /bare timer/],
  ["interval", "packages/domain/src/A.ts", `globalThis.setInterval(f, 1)`, /bare timer/],
  ["console", "packages/domain/src/A.ts", `console.log(1)`, /writes to the console/],
  ["any", "packages/domain/src/A.ts", `const x = y as any`, /casts to any/],
  ["code in a template", "packages/domain/src/A.ts", "const x = `a ${`b ${Date.now()}`} c`", /takes the time/],
  ["skipped test", "packages/domain/test/A.test.ts", `it.effect.skip("x", () => y)`, /leaves tests out/],
  ["only one test", "packages/daemon/agents/A.test.ts", `describe.only("x", () => y)`, /leaves tests out/],
  ["to do", "packages/domain/src/A.ts", `// TODO: later`, /carries a TODO/],
  ["to fix", "packages/domain/test/A.test.ts", `\n\n/* FIXME */`, /^3 carries a FIXME/],
  ["a page elsewhere", "packages/domain/src/A.ts", `\n/** Source: \`wire.md\` 5.2. */`, /^2 refers to wire\.md/],
  [
    "flat export of domain",
    "packages/domain/src/index.ts",
    `export * as B from "./B.ts"\nexport * from "./A.ts"`,
    /^2 exports names; export the module as a namespace/
  ],
  ["long file", "packages/domain/src/A.ts", "const x = 1\n".repeat(401), /^401 has 401 lines/],
  ["unknown package", "packages/gadget/src/A.ts", "", /does not know/]
]

const fine = [
  ["the file that chooses stores", "packages/server/src/Environment.ts", `import("@muster/store-postgres")`],
  ["kit → node", "packages/kit/src/A.ts", `import { uptime } from "node:os"`],
  ["store → store-kit", "packages/store-redis/src/A.ts", `import { x } from "@muster/store-kit"`],
  ["a test's store", "packages/server/test/A.test.ts", `import { x } from "@muster/store-memory"`],
  ["a test's suite", "packages/store-memory/test/A.test.ts", `import { x } from "@muster/store-suite"`],
  ["a test's own package", "packages/server/test/A.test.ts", `import { x } from "../src/A.ts"`],
  ["cli → server", "packages/cli/src/A.ts", `import { x } from "@muster/server"`],
  ["bench → store", "packages/bench/src/A.ts", `import { x } from "@muster/store-memory"`],
  ["effect's modules", "packages/domain/src/A.ts", `import { HttpApi } from "effect/http-api"`],
  ["platform modules", "packages/cli/src/A.ts", `import * as N from "@effect/platform-node/NodeRuntime"`],
  ["a commented import", "packages/domain/src/A.ts", `// import { x } from "node:fs"\n/* import "node:fs" */`],
  ["an import in a text", "packages/domain/src/A.ts", "const sql = `delete from \"users\"`"],
  ["words in a text", "packages/domain/src/A.ts", `const x = "Date.now() as any console.log(" + 'setTimeout('`],
  [
    "words in a comment",
    "packages/domain/src/A.ts",
    `/** Never Date.now() nor console.log. */\nconst x = 1 // Math.random()`
  ],
  ["words in a pattern", "packages/domain/src/A.ts", `const x = /console\\.log\\("[/"]/.test(y)\nconst z = 1`],
  ["a division", "packages/domain/src/A.ts", `const x = a / b\nconst y = "c" / d`],
  ["a date from a value", "packages/domain/src/A.ts", `const x = new Date(0)`],
  ["a bare timer in a test", "packages/domain/test/A.test.ts", `setTimeout(f, 1)`],
  ["a full file", "packages/domain/src/A.ts", "const x = 1\n".repeat(400)]
]

const cycles = (files) =>
  folderCycles(Object.entries(files).map(([path, text]) => ({ path: `packages/${path}`, text })))
    .map(({ line, path, sentence }) => `${path}:${line} ${sentence}`)

describe("architecture", () => {
  it.each(broken)("finds %s", (_, path, text, sentence) => {
    const sentences = found(path, text)
    expect(sentences).toHaveLength(1)
    expect(sentences[0]).toMatch(sentence)
  })

  it.each(fine)("lets %s be", (_, path, text) => {
    expect(found(path, text)).toEqual([])
  })

  it("finds a circle of folders, also over several folders and by types alone", () => {
    expect(cycles({
      "server/src/a/A.ts": `\nimport type { B } from "../b/B.ts"`,
      "server/src/b/B.ts": `export { C } from "../c/inner/C.ts"`,
      "server/src/c/inner/C.ts": `const a = import("../../a/A.ts")`,
      "server/src/d/D.ts": `import { A } from "../a/A.ts"`
    })).toEqual([
      `packages/server/src/a/A.ts:2 imports "../b/B.ts", which closes a circle of folders: a → b → c/inner → a`,
      `packages/server/src/b/B.ts:1 imports "../c/inner/C.ts", which closes a circle of folders: b → c/inner → a → b`,
      `packages/server/src/c/inner/C.ts:1 imports "../../a/A.ts", which closes a circle of folders: c/inner → a → b → c/inner`
    ])
  })

  it("lets folders import down, within themselves, and from what wires them", () => {
    expect(cycles({
      "server/src/Server.ts": `import { A } from "./a/A.ts"`,
      "server/src/a/A.ts":
        `import { B } from "../b/B.ts"\nimport { O } from "./O.ts"\nimport { S } from "../Server.ts"`,
      "server/src/b/B.ts": `// import { A } from "../a/A.ts"`,
      "server/test/b/B.test.ts": `import { A } from "../a/A.ts"`,
      "daemon/src/b/B.ts": `import { A } from "../a/A.ts"`,
      "store-kit/src/b/B.ts": `const text = 'import { A } from "../a/A.ts"'`
    })).toEqual([])
  })

  it("reads this repository's own files", () => {
    expect(inspect(fileURLToPath(new URL("../..", import.meta.url))).files).toBeGreaterThan(5)
  })
})
