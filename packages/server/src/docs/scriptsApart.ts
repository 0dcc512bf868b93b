/** A document and the scripts that it loads, in order. */
export interface Parts {
  readonly html: string
  readonly scripts: ReadonlyArray<string>
}

/** Replaces each inline script of a document by a reference to the file with its number. */
export const scriptsApart = (page: string, fileOf: (index: number) => string): Parts => {
  const scripts: Array<string> = []
  const html = page.replaceAll(/<script>([\s\S]*?)<\/script>/g, (_, source: string) => {
    scripts.push(source)
    return `<script src="${fileOf(scripts.length - 1)}"></script>`
  })
  return { html, scripts }
}
