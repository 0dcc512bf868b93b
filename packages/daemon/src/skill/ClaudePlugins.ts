import { DaemonSocket, type LocalSkill, SkillPath } from "@muster/domain"
import { Array as Arr, Effect, Option, Result, Schema } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { dirname, isAbsolute, join } from "node:path"
import { entriesOf, entryNameOf } from "./Entries.ts"
import { readText } from "./ReadText.ts"
import { decodeEntry } from "./SkillFolder.ts"
import { isAbsent, problem, type SkillProblem, unreadable } from "./SkillProblem.ts"
import type { SkillRoot } from "./SkillQuestion.ts"

/** The largest file that is read, in bytes. */
const maxBytes = 4 * 1024 * 1024

/** Returns the content of a JSON file; none if it is absent. Links are followed, since settings are often linked. */
const readJson = (fs: FileSystem, path: string): Effect.Effect<Option.Option<unknown>, SkillProblem> =>
  Effect.gen(function*() {
    const real = yield* fs.realPath(path)
    if ((yield* fs.lstat(real)).type !== "File") return yield* problem("it is not a file")
    const read = yield* readText(fs, real, maxBytes)
    if (read._tag === "TooLarge") return yield* problem(`it exceeds ${maxBytes} bytes`)
    const value = DaemonSocket.parseJson(decodeEntry(read.bytes).replace(/^\uFEFF/, ""))
    return value === undefined ? yield* problem("it is not JSON") : Option.some(value)
  }).pipe(
    Effect.catchTag(
      "PlatformError",
      (error) => isAbsent(error) ? Effect.succeedNone : Effect.fail(problem(unreadable("it", error)))
    )
  )

const Paths = Schema.Union([Schema.String, Schema.Array(Schema.String)])

/** A plugin in its own manifest, or in its marketplace's. */
const Plugin = Schema.Struct({
  name: Schema.String,
  /** Where its skills are, in addition to its folder `skills` or (in a marketplace's) instead of it. */
  skills: Schema.optionalKey(Paths),
  /** False: the marketplace's entry counts, not the manifest. */
  strict: Schema.optionalKey(Schema.Boolean)
})
type Plugin = typeof Plugin.Type

const plugin = Schema.decodeUnknownOption(Plugin)
const marketplace = Schema.decodeUnknownOption(Schema.Struct({ plugins: Schema.Array(Schema.Unknown) }))

const pathsOf = ({ skills = [] }: Partial<Plugin>) => typeof skills === "string" ? [skills] : skills

/** The marketplace's entry of a plugin. */
const listed = Effect.fnUntraced(function*(fs: FileSystem, plugins: string, id: string, folder: string) {
  const [name, market = ""] = id.split("@")
  for (const place of [folder, join(plugins, "marketplaces", market)]) {
    const found = yield* readJson(fs, join(place, ".claude-plugin", "marketplace.json"))
    const entries = Option.match(Option.flatMap(found, marketplace), {
      onNone: () => [],
      onSome: ({ plugins }) => Arr.getSomes(plugins.map((entry) => plugin(entry)))
    })
    const own = entries.find((entry) => entry.name === name)
    if (own !== undefined) return own
  }
  return undefined
})

/** Returns whether a folder is a skill itself; none if it cannot be read. */
const isSkill = (fs: FileSystem, path: string) =>
  Effect.option(Effect.map(entriesOf(fs, path), (entries) => entryNameOf(entries) !== undefined))

/**
 * Returns the roots of one plugin's skills: those that its marketplace names if it has no manifest or is not `strict`, else its
 * folder `skills` and what its manifest names; if there are none, the plugin's folder if that is a skill.
 */
const skillRootsOfPlugin = Effect.fnUntraced(
  function*(fs: FileSystem, plugins: string, id: string, folder: string) {
    const manifest = Option.flatMap(yield* readJson(fs, join(folder, ".claude-plugin", "plugin.json")), plugin)
    const entry = yield* listed(fs, plugins, id, folder)
    const name = Option.getOrUndefined(manifest)?.name ?? id.split("@")[0]!
    const named = Option.isNone(manifest) || entry?.strict === false ? pathsOf(entry ?? {}) : []
    const paths = named.length > 0 ? named : ["skills", ...pathsOf(Option.getOrUndefined(manifest) ?? {})]

    const root = { root: "provider", prefix: `${name}:` } as const
    const found: Array<SkillRoot> = []
    for (const path of new Set(paths.flatMap((path) => SkillPath.filePath(path) ?? []))) {
      const place = join(folder, path)
      const skill = yield* isSkill(fs, place)
      if (Option.isSome(skill)) {
        found.push({ ...root, path: place, ...(skill.value ? { skill: path.split("/").at(-1)! } : {}) })
      }
    }
    const whole = found.length === 0 && Option.contains(yield* isSkill(fs, folder), true)
    return whole ? [{ ...root, path: folder, skill: name }] : found
  }
)

/** The maximum number of plugins that are read. */
const maxPlugins = 500

const plugins = Schema.decodeUnknownOption(Schema.Struct({ plugins: Schema.Record(Schema.String, Schema.Unknown) }))
const settings = Schema.decodeUnknownOption(
  Schema.Struct({ enabledPlugins: Schema.Record(Schema.String, Schema.Unknown) })
)
const install = Schema.decodeUnknownOption(
  Schema.Struct({ installPath: Schema.String, scope: Schema.optionalKey(Schema.String) })
)

/**
 * Returns the folder of a plugin that is installed for all of its user's projects; undefined if it is for some of them only.
 */
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
 * Returns the roots of the skills of Claude Code's plugins that are installed for all projects and enabled, and what could not
 * be read, by its path or the plugin's id. `folder`: where `installed_plugins.json` (version 1 or 2) is; `settings.json` next
 * to that folder lists the enabled plugins.
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

/** Replaces a root of plugins by the roots of its plugins; also returns what could not be read. */
export const withPlugins = Effect.fnUntraced(function*(fs: FileSystem, roots: ReadonlyArray<SkillRoot>) {
  const found = yield* Effect.forEach(
    roots,
    (root) => root.plugins === true ? pluginRoots(fs, root.path) : Effect.succeed({ roots: [root], unread: [] })
  )
  return { roots: found.flatMap(({ roots }) => roots), unread: found.flatMap(({ unread }) => unread) }
})
