import type { LocalSkill } from "@muster/domain"
import { Array as Arr, Effect, Option, Result, Schema } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { dirname, isAbsolute, join } from "node:path"
import { readJson } from "./JsonFile.ts"
import { skillRootsOfPlugin } from "./PluginSkills.ts"
import { problem } from "./SkillProblem.ts"
import type { SkillRoot } from "./SkillQuestion.ts"

/** The most plugins that are looked into. */
const maxPlugins = 500

const plugins = Schema.decodeUnknownOption(Schema.Struct({ plugins: Schema.Record(Schema.String, Schema.Unknown) }))
const settings = Schema.decodeUnknownOption(
  Schema.Struct({ enabledPlugins: Schema.Record(Schema.String, Schema.Unknown) })
)
const install = Schema.decodeUnknownOption(
  Schema.Struct({ installPath: Schema.String, scope: Schema.optionalKey(Schema.String) })
)

/** Where a plugin is that is installed for all of its user's projects. Undefined: it is for some of them alone. */
const placeOf = (value: unknown): string | undefined =>
  Arr.getSomes((Array.isArray(value) ? value : [value]).map((one) => install(one)))
    .find(({ installPath, scope = "user" }) => isAbsolute(installPath) && (scope === "user" || scope === "managed"))
    ?.installPath

/** `true`, or the versions that are allowed. */
const isEnabled = (value: unknown) => value === true || (Array.isArray(value) && value.length > 0)

const rootsIn = Effect.fnUntraced(function*(fs: FileSystem, folder: string, id: string, place: string) {
  const there = yield* fs.exists(place).pipe(Effect.orElseSucceed(() => true))
  if (!there) return yield* problem("the folder of this plugin does not exist")
  return yield* skillRootsOfPlugin(fs, folder, id, place)
})

/**
 * The roots of the skills of Claude Code's plugins that are installed for all projects and enabled, and what of them could
 * not be read, by its path or the plugin's id. `folder`: where `installed_plugins.json` (version 1 or 2) is;
 * `settings.json` beside that folder says which plugins are enabled.
 */
const pluginRoots = Effect.fnUntraced(function*(fs: FileSystem, folder: string) {
  const unread: Array<LocalSkill.OmittedSkill> = []
  const read = (path: string) =>
    readJson(fs, path).pipe(
      Effect.catch(({ message }) =>
        Effect.sync(() => {
          unread.push({ key: path, reason: `${message}, so the skills of plugins are not known` })
          return Option.none()
        })
      )
    )

  const installed = Option.flatMap(yield* read(join(folder, "installed_plugins.json")), plugins)
  if (Option.isNone(installed)) return { roots: [], unread }
  const asked = Option.flatMap(yield* read(join(dirname(folder), "settings.json")), settings)
  const enabled = Option.match(asked, { onNone: () => [], onSome: (is) => Object.entries(is.enabledPlugins) })
  const roots: Array<SkillRoot> = []
  for (const [id] of enabled.filter(([, value]) => isEnabled(value)).slice(0, maxPlugins)) {
    const place = Object.hasOwn(installed.value.plugins, id) ? placeOf(installed.value.plugins[id]) : undefined
    if (place === undefined) continue
    const found = yield* Effect.result(rootsIn(fs, folder, id, place))
    if (Result.isSuccess(found)) roots.push(...found.success)
    else unread.push({ key: id, reason: found.failure.message })
  }
  return { roots, unread }
})

/** These roots with those of the plugins that are kept in one of them, in its place; and what could not be read. */
export const withPlugins = Effect.fnUntraced(function*(fs: FileSystem, roots: ReadonlyArray<SkillRoot>) {
  const found = yield* Effect.forEach(
    roots,
    (root) => root.plugins === true ? pluginRoots(fs, root.path) : Effect.succeed({ roots: [root], unread: [] })
  )
  return { roots: found.flatMap(({ roots }) => roots), unread: found.flatMap(({ unread }) => unread) }
})
