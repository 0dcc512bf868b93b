import { SkillPath } from "@muster/domain"
import { Array as Arr, Effect, Option, Schema } from "effect"
import type { FileSystem } from "effect/FileSystem"
import { join } from "node:path"
import { entriesOf, entryNameOf } from "./Entries.ts"
import { readJson } from "./JsonFile.ts"
import type { SkillRoot } from "./SkillQuestion.ts"

const Paths = Schema.Union([Schema.String, Schema.Array(Schema.String)])

/** A plugin as its own manifest tells of it, or its marketplace's. */
const Plugin = Schema.Struct({
  name: Schema.String,
  /** Where its skills are, beside its folder `skills` or (a marketplace's) instead of it. */
  skills: Schema.optionalKey(Paths),
  /** False: what the marketplace says counts, whatever the manifest says. */
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

/** Whether a folder is a skill itself. None: it cannot be read. */
const isSkill = (fs: FileSystem, path: string) =>
  Effect.option(Effect.map(entriesOf(fs, path), (entries) => entryNameOf(entries) !== undefined))

/**
 * The roots of one plugin's skills: those that its marketplace names if it has no manifest or is not `strict`, else its
 * folder `skills` and what its manifest names; where there are none, the plugin's folder if that is a skill.
 */
export const skillRootsOfPlugin = Effect.fnUntraced(
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
