import { Arbitrary, Schema } from "effect"

/** Words that mislead a reader of YAML. */
const Word = Schema.Literals([
  "Use",
  "when",
  "asked:",
  "C#",
  "#1",
  "[x]",
  "{y}",
  "it's",
  "\"so\"",
  "-",
  "*bold*",
  "&",
  "!important",
  "%",
  "@me",
  "`code`",
  "true",
  "1.10",
  "\\d",
  "|",
  ">-",
  "---",
  "日本語",
  "naïve"
])

const quoted = (text: string) => JSON.stringify(text)
const single = (text: string) => `'${text.replaceAll("'", "''")}'`

/** The words in lines of two. */
const wrapped = (text: string, indent: string) =>
  text.split(" ").reduce((lines, word, i) => lines + (i === 0 ? "" : i % 2 === 0 ? `\n${indent}` : " ") + word, "")

/** Whether YAML reads an unquoted text as text, colons aside. */
const isPlain = (text: string) => /^[A-Za-z日][^#\n]*$/.test(text.replaceAll("C#", "C"))

const plain = (write: (text: string) => string) => (text: string) => isPlain(text) ? write(text) : quoted(text)

/** Every form of a text as the value of a key, in any indentation. */
const forms: ReadonlyArray<(text: string, indent: string) => string> = [
  quoted,
  single,
  plain((text) => text),
  (text, indent) => plain((text) => wrapped(text, indent))(text),
  (text, indent) => plain((text) => `\n${indent}${wrapped(text, indent)}`)(text),
  (text, indent) => wrapped(quoted(text), indent),
  (text, indent) => wrapped(single(text), indent),
  ...[">", ">-", ">+", "> # folded"].map((style) => (text: string, indent: string) =>
    `${style}\n${indent}${wrapped(text, indent)}`
  ),
  ...["|", "|-", "|+"].map((style) => (text: string, indent: string) => `${style}\n${indent}${text}`)
]

/** Other lines of real skills, most of which are not valid YAML. */
const neighbors = [
  "",
  "license: MIT",
  "# a comment",
  "argument-hint: [service] [--env staging|prod]",
  "allowed-tools: Bash(git:*), Read: all",
  "metadata:\n\tauthor: me\n\tversion: 1",
  "globs: **/*.ts",
  "model: *latest",
  "tags: [a, b",
  "hint: \"not closed",
  "when: 'it's'",
  "hooks: {a: [}",
  "{{ template }}",
  "some words",
  "license: MIT\nlicense: Apache-2.0"
]

const index = (length: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: length - 1 }))

const Choice = Schema.Struct({
  name: Schema.Literals(["review", "a-b", "1.10", "my skill", "Déjà vu", "true", "C# notes", "x: y"]),
  words: Schema.NonEmptyArray(Word).check(Schema.isMaxLength(8)),
  forms: Schema.Tuple([index(forms.length), index(forms.length)]),
  neighbors: Schema.Tuple([index(neighbors.length), index(neighbors.length), index(neighbors.length)]),
  indent: Schema.Literals([" ", "  ", "    "]),
  space: Schema.Literals([" ", "  ", "\t"]),
  key: Schema.Literals(["", "\"", "'"]),
  descriptionFirst: Schema.Boolean,
  twice: Schema.Boolean,
  trailing: Schema.Literals(["", " ", "  \t"]),
  end: Schema.Literals(["\n", "\r\n"]),
  mark: Schema.Literals(["", "\uFEFF"]),
  closing: Schema.Literals(["---", "..."])
})

type Choice = typeof Choice.Type

const write = (choice: Choice) => {
  const { closing, descriptionFirst, end, indent, key, mark, name, space, trailing, twice } = choice
  const description = choice.words.join(" ")
  const entry = (word: string, text: string, form: number) =>
    `${key}${word}${key}:${space}${forms[form]!(text, indent)}`.replaceAll(/[ \t]+\n/g, "\n")
  const entries = [
    entry("name", name, choice.forms[0]),
    entry("description", description, choice.forms[1])
  ]
  const [first, second] = descriptionFirst ? entries.toReversed() : entries
  const [before, between, after] = choice.neighbors.map((n) => neighbors[n]!)
  const old = twice ? "name: an old name" : ""
  const block = [old, before, first, between, second, after].filter((line) => line !== "").join("\n")
  const text = `${mark}---${trailing}\n${block}\n${closing}${trailing}\n\n# ${name}\n`
  return { name, description, text: text.replaceAll("\n", end) }
}

/** A name and a description, and a `SKILL.md` that contains them in one of many forms. */
export const anyFrontMatter = Arbitrary.map(Arbitrary.schema(Choice), write)
