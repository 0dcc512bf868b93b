/** What the model answers with: words, a call of a tool, or words that come slowly until the client hangs up. */
export type Answer =
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "Tool"; readonly tool: string; readonly input: Readonly<Record<string, unknown>> }
  | { readonly _tag: "Slow"; readonly words: number }
  | { readonly _tag: "Error"; readonly status: number; readonly message: string }

const text = (words: string): Answer => ({ _tag: "Text", text: words })

/** What a shell tool of this name takes. */
const shellInputs: Record<string, (command: string) => Readonly<Record<string, unknown>>> = {
  bash: (command) => ({ command, description: "scripted" }),
  Bash: (command) => ({ command, description: "scripted" }),
  run_shell_command: (command) => ({ command, description: "scripted", is_background: false }),
  exec_command: (cmd) => ({ cmd, yield_time_ms: 120_000 }),
  shell_command: (command) => ({ command }),
  shell: (command) => ({ command: ["bash", "-lc", command] })
}

const shell = (tools: ReadonlyArray<string>, command: string): Answer => {
  const tool = Object.keys(shellInputs).find((name) => tools.includes(name))
  return tool === undefined
    ? text(`there is no shell among ${tools.join(", ")}`)
    : { _tag: "Tool", tool, input: shellInputs[tool]!(command) }
}

const writtenText = "written by the agent\n"

/** What a tool that writes files takes, by its name; a CLI without one uses its shell. */
const writeInputs: Record<string, (path: string) => Readonly<Record<string, unknown>>> = {
  write: (filePath) => ({ filePath, content: writtenText }),
  Write: (file_path) => ({ file_path, content: writtenText }),
  write_file: (file_path) => ({ file_path, content: writtenText }),
  create: (path) => ({ path, file_text: writtenText })
}

const write = (tools: ReadonlyArray<string>, path: string): Answer => {
  const tool = Object.keys(writeInputs).find((name) => tools.includes(name))
  return tool === undefined
    ? shell(tools, `printf 'written by the agent\\n' > ${path}`)
    : { _tag: "Tool", tool, input: writeInputs[tool]!(path) }
}

/** Scripts with one call of a tool, and the words after it. */
const steps: Record<
  string,
  { readonly call: (tools: ReadonlyArray<string>, path: string) => Answer; readonly words: string }
> = {
  write: { call: write, words: "I wrote the file." },
  bash: { call: (tools) => shell(tools, "echo from-shell > shell.txt"), words: "The command ran." },
  longbash: {
    call: (tools) => shell(tools, "echo start > long.txt; sleep 60; echo end >> long.txt"),
    words: "The long command ran."
  },
  env: { call: (tools) => shell(tools, "env > env.txt"), words: "The environment is in env.txt." },
  showenv: { call: (tools) => shell(tools, "env"), words: "That was the environment." },
  flood: { call: (tools) => shell(tools, "yes 0123456789abcdef | head -c 104857600"), words: "That was a lot." }
}

/**
 * What the model answers: a pure function of the conversation. The last `SCRIPT:<word>` of what the person said chooses the
 * script, the number of tool results since then its step; `PATH=<path>` names the file of `write`, `WORDS=<n>` says how long `slow` speaks. A request without tools is
 * a question on the side, such as for a title.
 */
export const answerTo = (
  { results, said, tools }: {
    readonly said: string
    /** How many results of tools came after what the person said last. */
    readonly results: number
    readonly tools: ReadonlyArray<string>
  }
): Answer => {
  if (tools.length === 0) return text("A title")
  const script = [...said.matchAll(/SCRIPT:(\w+)/g)].at(-1)?.[1] ?? ""
  const path = [...said.matchAll(/PATH=(\S+)/g)].at(-1)?.[1] ?? "out.txt"
  if (script === "slow") return { _tag: "Slow", words: Number([...said.matchAll(/WORDS=(\d+)/g)].at(-1)?.[1] ?? 300) }
  if (script === "fail") return { _tag: "Error", status: 400, message: "the scripted model refuses" }
  const step = steps[script]
  if (step === undefined) return text("Hello from the scripted model.")
  return results === 0 ? step.call(tools, path) : text(step.words)
}

/** The numbers that every answer reports. */
export const scriptedUsage = { input: 100, cached: 30, output: 20 } as const
