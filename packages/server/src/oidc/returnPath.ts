/** A base that no address has. */
const base = "http://server.invalid"

/** The longest path, in characters: it is part of a cookie. */
const maxLength = 1_000

/** Paths that are not pages: a sign-in that returned to its own start would not end. */
const noPage = /^\/(?:auth|api)(?:\/|$)/

/**
 * Returns the path of this server, with query and fragment, that a person returns to after signing in. Anything else,
 * such as another site's address, becomes `/`.
 */
export const returnPath = (text: string | null): string => {
  if (text === null || text.length > maxLength) return "/"
  const url = text.startsWith("/") ? URL.parse(text, base) : null
  const isOwn = url !== null && url.origin === base && !url.pathname.startsWith("//") && !noPage.test(url.pathname)
  return isOwn ? url.pathname + url.search + url.hash : "/"
}
