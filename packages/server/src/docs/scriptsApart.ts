/** A document and the scripts that it loads, in their order. */
export interface Parts {
  readonly html: string
  readonly scripts: ReadonlyArray<string>
}

/** Takes the inline scripts out of a document; in the place of each it loads the file of that number. */
export const scriptsApart = (page: string, fileOf: (index: number) => string): Parts => {
  const scripts: Array<string> = []
  const html = page.replaceAll(/<script>([\s\S]*?)<\/script>/g, (_, source: string) => {
    scripts.push(source)
    return `<script src="${fileOf(scripts.length - 1)}"></script>`
  })
  return { html, scripts }
}
