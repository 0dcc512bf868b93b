import { Effect } from "effect"
import { type Answer, request } from "../support/Http.ts"

/** What a browser shows at the end of its redirects. */
export interface Page extends Answer {
  readonly url: URL
}

/** Cookies of one origin, by name. */
type Jar = Map<string, string>

/**
 * A browser without a page: it follows redirects and keeps cookies per origin. `places`: the real addresses of a test's
 * origins; a test may move one between two visits.
 */
export class Browser {
  readonly #jars = new Map<string, Jar>()
  readonly places: Record<string, string>

  constructor(places: Record<string, string>) {
    this.places = places
  }

  /** The cookies of an origin, as the browser sends them to any path. */
  cookies(origin: string): Jar {
    const jar = this.#jars.get(origin) ?? new Map<string, string>()
    this.#jars.set(origin, jar)
    return jar
  }

  /** One call, without following a redirect. */
  readonly call = (
    address: string,
    method = "GET",
    headers: Readonly<Record<string, string>> = {}
  ): Effect.Effect<Page> =>
    Effect.gen({ self: this }, function*() {
      const url = new URL(address)
      const jar = this.cookies(url.origin)
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ")
      const answer = yield* request(this.places[url.origin] ?? url.origin, method, url.pathname + url.search, {
        headers: { accept: "text/html", ...(cookie === "" ? {} : { cookie }), ...headers },
        manual: true
      })
      for (const line of answer.headers.getSetCookie()) {
        const [pair = ""] = line.split(";")
        const [name, value] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]
        if (value === "" || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name)
        else jar.set(name, value)
      }
      return { ...answer, url }
    })

  /** Follows redirects, at most 20, until there is none or `until` is the next address. */
  readonly visit = (address: string, until: (next: URL) => boolean = () => false): Effect.Effect<Page> =>
    Effect.gen({ self: this }, function*() {
      let page = yield* this.call(address)
      for (let n = 0; n < 20; n++) {
        const location = page.headers.get("location")
        if (location === null) return page
        const next = new URL(location, page.url)
        if (until(next)) return page
        page = yield* this.call(next.href)
      }
      return yield* Effect.die(new Error(`too many redirects from ${address}`))
    })
}
