import { pageFiles, pageOf, readText } from "../page/Repository.ts"

/** The pages of the site in the order of its sidebar: a title, then the names of pages without `.md`. */
const sections: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
  ["Start", ["index", "concepts"]],
  ["Tutorials", ["second-machine", "team", "first-task", "ci"]],
  ["How-to", ["console", "daemon", "deploy", "oidc", "access", "skills", "observability", "runbooks"]],
  ["Troubleshoot", ["troubleshooting"]],
  ["Reference", [
    "cli",
    "configuration",
    "http-api",
    "errors",
    "exit-codes",
    "limits",
    "requests",
    "tasks",
    "providers",
    "protocol"
  ]],
  ["Architecture", ["architecture", "glossary", "requirements", "performance"]],
  ["Contribute", [
    "contributing",
    "development",
    "extending",
    "embedding",
    "packages",
    "security",
    "changelog",
    "readme"
  ]]
]

/** The first heading of a page. */
const titleOf = (file: string) => /^# (.+)$/m.exec(readText(file))?.[1]?.replaceAll("`", "") ?? file

/** The sidebar for VitePress. A page that no section names is at the end of the how-to pages. */
export const sidebar = () => {
  const files = new Map(pageFiles().map((file) => [pageOf(file)!.replace(/\.md$/, ""), file]))
  const listed = new Set(sections.flatMap(([, names]) => names))
  const others = [...files.keys()].filter((name) => !listed.has(name))
  const item = (name: string) => ({ text: titleOf(files.get(name)!), link: name === "index" ? "/" : `/${name}` })
  return sections.map(([text, names]) => ({
    text,
    items: [...names, ...text === "How-to" ? others : []].map(item)
  }))
}
