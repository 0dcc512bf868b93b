import { useQuery } from "@tanstack/react-query"
import { signInWays } from "../api/Queries.ts"

/** Connects the person's account at the server's sign-in provider; nothing if there is no provider. */
export const ConnectProvider = () => {
  const { data } = useQuery(signInWays)
  const provider = data?.oidc ?? null
  if (provider === null) return null
  return (
    <section className="card" aria-label="Sign-in">
      <header>
        <h2>Sign in with {provider.name}</h2>
      </header>
      {provider.reachable
        ? (
          <>
            <p className="muted">
              Connect your account to sign in with {provider.name}{" "}
              as the person you are now. Needed once, if you did not sign in with {provider.name} at first.
            </p>
            <a className="button plain" href="/auth/oidc/start?connect=1&return_to=/settings">
              Connect {provider.name}
            </a>
          </>
        )
        : <p className="muted">{provider.name} cannot be reached at the moment.</p>}
    </section>
  )
}
