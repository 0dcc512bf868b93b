// Reads a source file just well enough to separate its code from its comments and texts.

const blank = (text) => text.replace(/[^\n]/g, " ")

/** Whether a slash at this place begins a regular expression: it does if no value precedes it. */
const beginsRegExp = (before) =>
  /(?:^|[([{,;=:!&|?+\-*%<>~^]|\b(?:return|typeof|case|in|of|yield|await))\s*$/.test(before)

const piece = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`|\/|[{}]/y

const regExpLiteral = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y

const templatePart = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y

const match = (pattern, text, at) => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/**
 * The same text twice, line for line: `imports` without its comments, `code` without the contents of its strings,
 * templates and regular expressions as well.
 */
export const readSource = (text) => {
  let imports = ""
  let code = ""
  let at = 0
  const braces = [] // per open brace: does it close an expression inside a template?
  const add = (part, withoutComments, withoutTexts) => {
    imports += withoutComments
    code += withoutTexts
    at += part.length
  }
  const template = () => {
    const part = match(templatePart, text, at)
    add(part, part, blank(part))
    if (text[at] === "`") add("`", "`", "`")
    else if (at < text.length) {
      add("${", "${", "${")
      braces.push(true)
    }
  }
  while (at < text.length) {
    const part = match(piece, text, at)
    if (part === undefined) add(text[at], text[at], text[at])
    else if (part.startsWith("//") || part.startsWith("/*")) add(part, blank(part), blank(part))
    else if (part === "/") {
      const literal = beginsRegExp(code.slice(-24)) ? match(regExpLiteral, text, at) : undefined
      if (literal === undefined) add(part, part, part)
      else add(literal, literal, blank(literal))
    } else if (part === "`") {
      add(part, part, part)
      template()
    } else if (part === "{") {
      add(part, part, part)
      braces.push(false)
    } else if (part === "}") {
      add(part, part, part)
      if (braces.pop() === true) template()
    } else add(part, part, part[0] + blank(part.slice(1, -1)) + part[0])
  }
  return { imports, code }
}

/** The number of the line, from 1, of this place of the text. */
export const lineAt = (text, at) => text.slice(0, at).split("\n").length
