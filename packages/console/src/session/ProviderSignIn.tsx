import { useQuery } from "@tanstack/react-query"
import { signInWays } from "../api/Queries.ts"
import { Button } from "../ui/Button.tsx"
import { keepFragment } from "./Fragment.ts"

interface Props {
  /** Runs before the person leaves this page for the provider. */
  readonly leave?: () => void
}

/** The button that signs in with the server's OpenID Connect provider; nothing if there is none. */
export const ProviderSignIn = ({ leave }: Props) => {
  const { data } = useQuery(signInWays)
  const provider = data?.oidc ?? null
  if (provider === null) return null
  if (!provider.reachable) {
    return (
      <>
        <Button disabled>{provider.name} cannot be reached</Button>
        <p className="muted" role="status">
          Use a token or a sign-in link. The button returns when {provider.name} does.
        </p>
      </>
    )
  }
  const page = location.pathname + location.search
  return (
    <a
      className="button plain"
      href={`${provider.url}?return_to=${encodeURIComponent(page)}`}
      onClick={() => {
        leave?.()
        keepFragment()
      }}
    >
      Sign in with {provider.name}
    </a>
  )
}
