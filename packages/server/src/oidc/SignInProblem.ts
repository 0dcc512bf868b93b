import type { Account } from "@muster/domain"
import type { ProviderFailure } from "./ProviderFailure.ts"

/** Why a sign-in with the provider ended without a session. */
export type SignInProblem =
  | ProviderFailure["reason"]
  | Account.Refusal
  | "expired"
  | "state"
  | "another_account"
  | "taken_account"
  | "claimed"
  | "signed_out"
  | "busy"
  | "limited"
  | "fault"

interface Text {
  readonly status: number
  readonly title: string
  /** What failed and why. */
  readonly sentence: string
  /** What to do next. */
  readonly next: string
}

const again = "Start the sign-in again."

/** What the page of a problem contains. `name`: what people call the provider; `domains`: the allowed ones. */
export const textOf = (problem: SignInProblem, name: string, domains: ReadonlyArray<string>): Text => {
  const token = `Sign in with a token or a link meanwhile.`
  const texts: Record<SignInProblem, Text> = {
    denied: {
      status: 403,
      title: "Sign-in denied",
      sentence: `${name} did not let you in, or you canceled.`,
      next: `${again} If it is denied again, ask an administrator of ${name} for access to Muster.`
    },
    expired: {
      status: 400,
      title: "Sign-in expired",
      sentence: "This sign-in was finished already, took longer than 10 minutes, or was started in another browser.",
      next: again
    },
    state: {
      status: 400,
      title: "Another sign-in was expected",
      sentence: "This answer belongs to another sign-in than the latest one of this browser.",
      next: again
    },
    used: {
      status: 400,
      title: "Sign-in already used",
      sentence: `${name} refuses the code of this sign-in: it was used before, or it has expired.`,
      next: again
    },
    unreachable: {
      status: 503,
      title: `${name} cannot be reached`,
      sentence: `The server cannot reach ${name} at the moment.`,
      next: `${token} Or try again in a minute.`
    },
    client: {
      status: 500,
      title: "Sign-in is not set up correctly",
      sentence: `${name} refuses this server's client id or secret.`,
      next:
        `Ask the administrator of this server to check MUSTER_OIDC_CLIENT_ID and MUSTER_OIDC_CLIENT_SECRET. ${token}`
    },
    invalid: {
      status: 502,
      title: "Sign-in failed",
      sentence: `The answer of ${name} did not pass the checks of this server.`,
      next: `${again} If it fails again, ask the administrator of this server to read its log.`
    },
    no_email: {
      status: 403,
      title: "No e-mail address",
      sentence: `${name} sent no e-mail address that Muster can use.`,
      next:
        `Add an address to your account at ${name}, or ask the administrator of this server to request the scope email.`
    },
    unverified: {
      status: 403,
      title: "E-mail address not verified",
      sentence: `${name} does not confirm that your e-mail address belongs to you.`,
      next: `Verify the address at ${name}, then start the sign-in again.`
    },
    domain: {
      status: 403,
      title: "E-mail address not allowed",
      sentence: domains.length === 0
        ? "This server does not accept your e-mail address."
        : `This server accepts e-mail addresses of ${domains.join(", ")} only.`,
      next: "Sign in with another account, or ask the administrator of this server."
    },
    another_account: {
      status: 409,
      title: "E-mail address in use",
      sentence: `The person with your e-mail address signs in to Muster with another account at ${name}.`,
      next: "Sign in with that account, or ask the administrator of this server to unlink it (docs/oidc.md)."
    },
    taken_account: {
      status: 409,
      title: "Account in use",
      sentence: `This account at ${name} belongs to another person in Muster.`,
      next: `Sign out at ${name}, then connect the account that is yours.`
    },
    claimed: {
      status: 409,
      title: "Connect your account first",
      sentence: "A person in Muster has your e-mail address, but did not prove that it is theirs.",
      next: `If this is you, sign in with a token, then choose "Connect ${name}" in the console's settings. ` +
        "If not, ask the administrator of this server (docs/oidc.md)."
    },
    signed_out: {
      status: 401,
      title: "Not signed in",
      sentence: "Only a person who is signed in to the console can connect an account.",
      next: "Sign in with a token or a link, then connect the account in the settings."
    },
    busy: {
      status: 503,
      title: "Too many sign-ins",
      sentence: "This server is finishing many sign-ins at the moment.",
      next: "Start the sign-in again in a minute."
    },
    limited: {
      status: 429,
      title: "Too many sign-ins",
      sentence: "Too many sign-ins were started from your network address.",
      next: "Wait a minute, then start the sign-in again."
    },
    fault: {
      status: 500,
      title: "Sign-in failed",
      sentence: "This server cannot save your session at the moment.",
      next: "Start the sign-in again in a minute."
    }
  }
  return texts[problem]
}
