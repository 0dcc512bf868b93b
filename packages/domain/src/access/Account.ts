/** A person's account at an OpenID Connect provider. The provider never gives a subject to another person. */
export interface Account {
  /** The provider's issuer URL; at most `maxIssuer` characters. */
  readonly issuer: string
  /** At most `maxSubject` characters. Source: OpenID Connect Core 1.0, section 2. */
  readonly subject: string
}

export const maxIssuer = 1_000
export const maxSubject = 255

/** The maximum length of an e-mail address that identifies a user, in characters. */
const maxEmail = 254

/** What a provider asserts about the person who signed in. */
export interface Assertion {
  readonly email: string | undefined
  /** Whether the provider asserts that the address belongs to the person. */
  readonly isVerified: boolean
  readonly name: string | undefined
}

/**
 * Why a sign-in is refused. `no_email`: the provider sent no usable address; `unverified`: it does not assert that the
 * address belongs to the person; `domain`: the address is in none of the allowed domains.
 */
export type Refusal = "no_email" | "unverified" | "domain"

const domainOf = (email: string) => email.slice(email.lastIndexOf("@") + 1).toLowerCase()

/** Local addresses belong to this installation, for example its owner's: no provider can assert one. */
const isLocal = (domain: string) => !domain.includes(".")

const isAddress = (email: string) => email.length <= maxEmail && /^[^\s@\0]+@[^\s@\0]+$/.test(email)

/**
 * Returns why a person cannot sign in, or undefined if they can. `allowed`: domains in lower case, compared exactly; none
 * means any domain. A linked account needs no address unless domains are restricted.
 */
export const refuse = (
  { email, isVerified }: Assertion,
  allowed: ReadonlyArray<string>,
  isLinked: boolean
): Refusal | undefined => {
  if (isLinked && allowed.length === 0) return undefined
  if (email === undefined || !isAddress(email)) return "no_email"
  if (!isVerified) return "unverified"
  const domain = domainOf(email)
  if (allowed.length === 0) return isLocal(domain) ? "domain" : undefined
  return allowed.includes(domain) ? undefined : "domain"
}
