import { type Block, blocksOf } from "../../src/page/Markdown.ts"
import { pageFiles, readText } from "../../src/page/Repository.ts"

/** A fenced block and the path of its page. */
export type PageBlock = Block & { readonly page: string }

/** The fenced blocks of all pages. */
export const allBlocks = (): ReadonlyArray<PageBlock> =>
  pageFiles().flatMap((page) => blocksOf(readText(page)).map((block) => ({ ...block, page })))

/** The languages whose blocks are commands. */
export const isShell = ({ language }: Block) => ["sh", "bash"].includes(language)

/** The commands of a block, one per line, without comments. A line that goes on in the next one is one command. */
export const commandsOf = ({ text }: Block): ReadonlyArray<string> =>
  text.replaceAll(/\\\n\s*/g, " ").split("\n").map((line) => line.replace(/(^|\s)#\s.*$/, "").trim())
    .filter((line) => line !== "")

/** Whether a block has variables of a server and no command. */
export const isSettings = (block: Block) =>
  isShell(block) && commandsOf(block).every((line) => /^[A-Z_]+=\S+$/.test(line))

/** The commands that no test can run, and why. Keep this list short. */
export const notRun: Readonly<Record<string, string>> = {
  "npm test": "it runs this test",
  "npm run check": "it is the check that precedes each landing; scripts/test/commands.test.mjs looks at it",
  "npm run docs": "Site.test.ts builds the site",
  "npm run build": "scripts/test/packages.test.mjs builds the packages",
  "npm run pack": "scripts/test/packages.test.mjs packs them",
  "npm run histories -- --out ./histories --count 200 --seed muster --backend redis":
    "it takes minutes; scripts/test/histories.test.mjs runs a shorter one",
  "npm run bench -- beats --json": "it needs a machine that does nothing else",
  "node scripts/run.mjs vitest run --project unit packages/kit/test": "it runs tests in a test",
  "node scripts/run.mjs vitest run --project unit -t \"R-07\"": "it runs tests in a test",
  "cd packages/kit && npx --yes pnpm@12.21.0 add --save-exact NAME": "it changes the checkout",
  "npm install @muster/server @muster/domain @muster/store-memory @muster/store-redis effect@4.1.0 @effect/platform-node@4.1.0":
    "scripts/test/packages.test.mjs installs the packages from a registry of its own",
  "npx muster daemon install": "it needs systemd or launchd; packages/cli/test/Install.test.ts shows it",
  "npx muster daemon uninstall": "it needs systemd or launchd; packages/cli/test/Install.test.ts shows it",
  "sudo loginctl enable-linger \"$USER\"": "it changes the machine",
  "npx muster daemon install --system-unit | sudo tee /etc/systemd/system/muster-daemon.service":
    "it changes the machine; packages/cli/test/Install.test.ts shows the unit"
}
