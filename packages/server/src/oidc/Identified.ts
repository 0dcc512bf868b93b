import { Account, PlainText } from "@muster/domain"
import { Result } from "effect"
import { ProviderFailure } from "./ProviderFailure.ts"

/** A person as the provider identified them. */
export interface Identified {
  readonly account: Account.Account
  readonly assertion: Account.Assertion
  /** The ID token, for the sign-out at the provider. */
  readonly idToken: string
}

/** Claims of an ID token, completed by those of the userinfo endpoint. */
export type Claims = Readonly<Record<string, unknown>>

const textOf = (value: unknown) => typeof value === "string" && value.trim() !== "" ? value.trim() : undefined

/** How providers write yes: some of them as a text. */
const isYes = (value: unknown) => value === true || value === "true" || value === 1 || value === "1"

/** Microsoft has no `email_verified`; its optional claim `xms_edov` asserts that the tenant owns the domain of the address. */
const isMicrosoft = (issuer: string) => URL.parse(issuer)?.host === "login.microsoftonline.com"

const isVerified = (issuer: string, claims: Claims) =>
  isYes(claims["email_verified"]) || (isMicrosoft(issuer) && isYes(claims["xms_edov"]))

/** Whether the claims answer who the person is, so that the userinfo endpoint need not be asked. */
export const isComplete = (claims: Claims): boolean =>
  textOf(claims["email"]) !== undefined && ("email_verified" in claims || "xms_edov" in claims)

/** Returns the claims of the ID token with those of the userinfo endpoint. An address and its verification stay together. */
export const completed = (own: Claims, more: Claims): Claims => {
  const { email, email_verified } = more
  return { ...more, ...own, ...(textOf(email) === undefined ? {} : { email, email_verified }) }
}

/** Reads the claims of a verified ID token. Fails if they do not identify a person within the bounds of an account. */
export const identifiedFrom = (claims: Claims, idToken: string): Result.Result<Identified, ProviderFailure> => {
  const issuer = textOf(claims["iss"]) ?? ""
  const subject = textOf(claims["sub"]) ?? ""
  if (issuer === "" || subject === "" || issuer.length > Account.maxIssuer || subject.length > Account.maxSubject) {
    return Result.fail(
      new ProviderFailure({ reason: "invalid", detail: "the ID token has no usable issuer and subject" })
    )
  }
  const email = textOf(claims["email"])
  const name = textOf(claims["name"]) ?? textOf(claims["preferred_username"])
  return Result.succeed({
    account: { issuer, subject },
    assertion: {
      email,
      isVerified: isVerified(issuer, claims),
      name: name === undefined ? undefined : PlainText.plainText(name, 256) || undefined
    },
    idToken
  })
}
