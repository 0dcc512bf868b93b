import { slug } from "./Slug.ts"

/** A fenced block of a page. */
export interface Block {
  /** The word after the fence; empty: none. */
  readonly language: string
  /** The lines between the fences, without the fence's indentation. */
  readonly text: string
  /** The line of the opening fence, from 1. */
  readonly line: number
}

const fence = /^( *)(`{3,})(\w*)\s*$/

/** The lines of a page (those of fenced blocks have spaces instead of text), and its fenced blocks. */
const split = (page: string) => {
  const blocks: Array<Block> = []
  const prose: Array<string> = []
  let open:
    | { readonly indent: number; readonly ticks: string; readonly language: string; readonly line: number }
    | undefined
  let inside: Array<string> = []
  for (const [index, line] of page.split("\n").entries()) {
    const [, indent = "", ticks = "", language = ""] = fence.exec(line) ?? []
    prose.push(open === undefined && ticks === "" ? line : " ".repeat(line.length))
    if (open === undefined && ticks !== "") {
      open = { indent: indent.length, ticks, language, line: index + 1 }
      inside = []
    } else if (open !== undefined && ticks === open.ticks && language === "") {
      blocks.push({ language: open.language, text: inside.map((text) => `${text}\n`).join(""), line: open.line })
      open = undefined
    } else if (open !== undefined) inside.push(line.slice(Math.min(open.indent, line.search(/\S|$/))))
  }
  return { blocks, prose }
}

/** The fenced blocks of a page, in order. */
export const blocksOf = (page: string): ReadonlyArray<Block> => split(page).blocks

/** What a reader sees of inline Markdown. */
const plain = (inline: string) =>
  inline.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[`*]/g, "").replaceAll(/\\(.)/g, "$1")

/** The anchors of a page's headings. A repeated one has a number, as on GitHub. */
export const anchorsOf = (page: string): ReadonlySet<string> => {
  const anchors = new Set<string>()
  for (const line of split(page).prose) {
    const [, heading] = /^#{1,6} +(.+?)\s*$/.exec(line) ?? []
    if (heading === undefined) continue
    const name = slug(plain(heading))
    let unique = name
    for (let count = 1; anchors.has(unique); count++) unique = `${name}-${count}`
    anchors.add(unique)
  }
  return anchors
}

/** The end of a link's text, and its target. */
const link = /\]\(([^()\s]+)\)/g

/** A page in which all code has spaces instead of text. */
const withoutCode = (page: string) =>
  split(page).prose.join("\n").replaceAll(/`[^`]*`/g, (code) => code.replaceAll(/[^\n]/g, " "))

/** The targets of a page's links, with their lines from 1. Code has none. */
export const linksOf = (page: string): ReadonlyArray<{ readonly target: string; readonly line: number }> => {
  const text = withoutCode(page)
  return [...text.matchAll(link)].map(({ 1: target = "", index }) => ({
    target,
    line: text.slice(0, index).split("\n").length
  }))
}

/** The page with other targets of its links. Code stays as it is. */
export const withLinks = (page: string, to: (target: string) => string): string => {
  let [changed, from] = ["", 0]
  for (const { 1: target = "", index } of withoutCode(page).matchAll(link)) {
    changed += `${page.slice(from, index)}](${to(target)})`
    from = index + target.length + "]()".length
  }
  return changed + page.slice(from)
}
