/** A skill on disk. Paths are below the home; a link's target, too. */
export interface OnDisk {
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly links?: Readonly<Record<string, string>>
  readonly executable?: ReadonlyArray<string>
}

/** The folder of a person's skills for Claude Code, and of its plugins. */
export const at = ".claude/skills"
export const plugins = ".claude/plugins"

/** A skill's text: these lines as its front matter, and a text of its own below. */
export const skill = (...lines: ReadonlyArray<string>) =>
  `---\n${lines.join("\n")}\n---\n\n# How to do it\n\n1. Read what was asked.\n2. Do it.\n`

export const named = (name: string, words: string) => skill(`name: ${name}`, `description: ${words}`)

export const many = (folder: string, count: number, content: string, ending = "md") =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${folder}/${i}.${ending}`, content]))
