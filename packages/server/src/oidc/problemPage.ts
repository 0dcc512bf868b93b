import { HttpServerResponse } from "effect/http"
import { pageHeaders } from "../http/pageHeaders.ts"
import type { OidcSettings } from "./OidcSettings.ts"
import { type SignInProblem, textOf } from "./SignInProblem.ts"

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&quot;",
  "'": "&#39;"
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character]!)

/** The page of a sign-in that ended without a session. */
export const problemPage = (
  problem: SignInProblem,
  { allowedDomains, name }: OidcSettings
): HttpServerResponse.HttpServerResponse => {
  const { next, sentence, status, title } = textOf(problem, name, allowedDomains)
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)} · Muster</title>
<h1>${escaped(title)}</h1>
<p>${escaped(sentence)}</p>
<p>${escaped(next)}</p>
<p><a href="/auth/oidc/start">Sign in with ${escaped(name)}</a> · <a href="/">Other ways to sign in</a></p>
</html>
`
  return HttpServerResponse.text(html, {
    status,
    contentType: "text/html; charset=utf-8",
    headers: { ...pageHeaders, "cache-control": "no-store" }
  })
}
