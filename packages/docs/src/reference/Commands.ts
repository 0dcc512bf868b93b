import { helpOf } from "@muster/cli"
import { Effect, Option } from "effect"
import type { HelpDoc } from "effect/cli"

/** Text of a cell of a table, in which an address is no link. */
const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll(/\bhttps?:\/\/[^\s,;)]+/g, "`$&`")

const signature = ({ aliases, name, type }: HelpDoc.FlagDoc) =>
  `\`--${name}${type === "boolean" ? "" : ` ${type}`}\`${aliases.map((alias) => `, \`${alias}\``).join("")}`

const flagRow = (flag: HelpDoc.FlagDoc) =>
  `| ${cell(signature(flag))} | ${cell(Option.getOrElse(flag.description, () => ""))} |`

const argumentRow = ({ description, name, required, variadic }: HelpDoc.ArgDoc) => {
  const shown = variadic ? `${name}…` : name
  return `| \`${required ? shown : `[${shown}]`}\` | ${cell(Option.getOrElse(description, () => ""))} |`
}

/** The section of one command. */
const section = (words: ReadonlyArray<string>, help: HelpDoc.HelpDoc) => [
  `${"#".repeat(Math.min(4, words.length + 1))} \`muster ${words.join(" ")}\``,
  help.description,
  `\`${help.usage}\``,
  ...help.args === undefined && help.flags.length === 0
    ? []
    : [
      ["| argument, flag | |", "|---|---|", ...(help.args ?? []).map(argumentRow), ...help.flags.map(flagRow)].join(
        "\n"
      )
    ],
  ...(help.examples ?? []).length === 0
    ? []
    : [
      [
        "Examples:",
        "",
        ...help.examples!.map(({ command, description }) =>
          `- \`${command}\`${description === undefined ? "" : `: ${description}`}`
        )
      ].join("\n")
    ]
]

/** The sections of a command and of those below it. */
const sections: (words: ReadonlyArray<string>) => Effect.Effect<
  ReadonlyArray<string>,
  never,
  Effect.Services<ReturnType<typeof helpOf>>
> = Effect.fnUntraced(function*(words) {
  const help = yield* helpOf(words)
  if (help === undefined) return yield* Effect.die(new Error(`muster ${words.join(" ")} has no help`))
  const names = (help.subcommands ?? []).flatMap(({ commands }) => commands.map(({ name }) => name))
  const below = yield* Effect.forEach(names, (name) => sections([...words, name]))
  return [...section(words, help), ...below.flat()]
})

/** The list of all commands, by their groups. */
const overview = ({ subcommands = [] }: HelpDoc.HelpDoc) =>
  subcommands.map(({ commands, group }) =>
    [
      `**${group ?? "Others"}**`,
      "",
      ...commands.map(({ alias, description, name, shortDescription }) =>
        `- [\`muster ${name}\`](#muster-${name})${alias === undefined ? "" : ` (\`muster ${alias}\`)`}: ${
          (shortDescription ?? description).replace(/\.$/, "")
        }`
      )
    ].join("\n")
  )

/** The page of all commands of `muster`, in Markdown. */
export const commandsPage = Effect.gen(function*() {
  const help = yield* helpOf([])
  if (help === undefined) return yield* Effect.die(new Error("muster has no help"))
  const names = (help.subcommands ?? []).flatMap(({ commands }) => commands.map(({ name }) => name))
  const all = yield* Effect.forEach(names, (name) => sections([name]))
  return [
    "# Commands",
    "This page is made from the definitions of the commands (`npm run docs`); `muster COMMAND --help` prints the same.",
    "Each command takes `--json` (exactly one JSON document on stdout, and nothing else), `--help`, `--version` and `--log-level`, " +
    "and ends with an [exit code](exit-codes.md). A flag takes precedence over its [variable](configuration.md).",
    ...overview(help),
    ...all.flat()
  ].join("\n\n") + "\n"
})
