// @ts-check
/** Every block of a page: its language, the file named in the line before it where there is one, its text. */
export const blocksOf = (/** @type {string} */ page) =>
  [...page.matchAll(/(?:^`([^`\n]+)`\n\n)?^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, path, language, text]) => ({
    path,
    language,
    text: text ?? ""
  }))
