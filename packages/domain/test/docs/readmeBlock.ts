import { readFileSync } from "node:fs"

/** The TypeScript example of docs/extending.md that begins with this import. */
export const readmeBlock = (start: string): string => {
  const readme = readFileSync(new URL("../../../../docs/extending.md", import.meta.url), "utf8")
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!)
  return blocks.find((code) => code.startsWith(start)) ?? ""
}
