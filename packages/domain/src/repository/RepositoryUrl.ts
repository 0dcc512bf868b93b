import { Result } from "effect"

/** The maximum characters of a repository's URL. */
export const maxUrlLength = 2_048

/** The address of a repository. */
export interface RepositoryUrl {
  /** What git is given: scheme and host in lower case, without credentials, default port and trailing slashes. */
  readonly url: string
  /** The same for two spellings of one address: `url` without `.git` at its end. */
  readonly key: string
}

/** The ports that a URL need not name. Those of http and https are removed by the URL parser. */
const defaultPorts: Readonly<Record<string, string>> = { "ssh:": "22", "git:": "9418" }

const schemes: ReadonlySet<string> = new Set(["https:", "http:", "ssh:", "git:"])

const forms = "a repository URL starts with https://, http://, ssh://, git:// or git@host:"
const example = "as in https://git.example.org/team/project"

const host = String.raw`(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])`
const hostPattern = new RegExp(`^${host}$`)
const userPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/

/** The form `user@host:path` of ssh. */
const shortPattern = new RegExp(`^([A-Za-z0-9_][A-Za-z0-9._-]*)@(${host}):(?!//)([\\x21-\\x7e]+)$`, "i")

const refused = (why: string) => Result.fail(why)

/** Returns the address with this start and path, or why the path names no repository. */
const addressOf = (start: string, path: string): Result.Result<RepositoryUrl, string> => {
  const whole = path.replace(/\/+$/, "")
  const name = whole.replace(/\.git$/, "")
  if (/^\/*$/.test(name)) return refused(`a repository URL names a host and a path, ${example}`)
  return Result.succeed({ url: `${start}${whole}`, key: `${start}${name}` })
}

const short = ([, user, name, path]: RegExpExecArray): Result.Result<RepositoryUrl, string> => {
  const isUnsafe = path!.startsWith("-") || path!.split("/").some((part) => part === "." || part === "..")
  if (isUnsafe) return refused(`the path of a repository URL starts with no hyphen and contains no . or .., ${example}`)
  return addressOf(`${user}@${name!.toLowerCase()}:`, path!)
}

const long = (parsed: URL): Result.Result<RepositoryUrl, string> => {
  const { password, pathname, port, protocol, username } = parsed
  if (password !== "" || (username !== "" && protocol !== "ssh:")) {
    return refused("a repository URL contains no user, password or token: machines use their own git credentials")
  }
  if (parsed.search !== "" || parsed.hash !== "") return refused("a repository URL contains no ? and no #")
  const name = parsed.hostname.toLowerCase()
  if (!hostPattern.test(name)) return refused(`a repository URL names a host and a path, ${example}`)
  if (username !== "" && !userPattern.test(username)) return refused("the user of a repository URL is not valid")
  const user = username === "" ? "" : `${username}@`
  const at = port === "" || port === defaultPorts[protocol] ? "" : `:${port}`
  return addressOf(`${protocol}//${user}${name}${at}`, pathname)
}

/**
 * The address that a text names, or one sentence that explains why it names none. Two texts name one repository exactly if
 * their keys are equal: the scheme and the case of the path count, `.git` at the end does not. A path on a machine is no
 * address: the owner of a machine allows its folders in the daemon's configuration.
 */
export const parseUrl = (text: string): Result.Result<RepositoryUrl, string> => {
  const trimmed = text.trim()
  if (trimmed.length > maxUrlLength) return refused(`a repository URL has at most ${maxUrlLength} characters`)
  if (/[\s\\\p{Cc}\p{Cf}]/u.test(trimmed)) {
    return refused("a repository URL contains no spaces, control characters and backslashes")
  }
  const match = shortPattern.exec(trimmed)
  if (match !== null) return short(match)
  const parsed = /^[a-z]+:\/\//i.test(trimmed) ? URL.parse(trimmed) : null
  if (parsed === null || !schemes.has(parsed.protocol)) return refused(forms)
  return long(parsed)
}

/** What two spellings of one address have in common. A text that is no address is only equal to itself. */
export const keyOf = (text: string): string =>
  Result.match(parseUrl(text), { onFailure: () => text.trim(), onSuccess: ({ key }) => key })
