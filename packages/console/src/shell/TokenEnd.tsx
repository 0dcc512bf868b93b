import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import { clientOf } from "../api/Client.ts"
import { me } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { spanLeft } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { useNow } from "../ui/Clock.ts"
import { say } from "../ui/Toast.tsx"

/** How long before its end the page warns of a token, in ms. */
const warning = 14 * 24 * 60 * 60 * 1000

/** Warns that the person's token ends soon, with a button that renews it. */
export const TokenEnd = () => {
  const { data } = useQuery(me)
  const queries = useQueryClient()
  const now = useNow(60_000)
  const [busy, setBusy] = useState(false)
  const { expiresAt = null, id = null } = data?.token ?? {}
  if (id === null || expiresAt === null || expiresAt - now > warning) return null
  const renew = async () => {
    setBusy(true)
    try {
      await run(clientOf().access.renewToken({ params: { tokenId: id }, payload: {} }))
      await queries.invalidateQueries({ queryKey: me.queryKey })
      say("The token was renewed.")
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
    }
    setBusy(false)
  }
  return (
    <p className="notice bad" role="status">
      <span>The token that you signed in with ends in {spanLeft(expiresAt - now)}.</span>
      <Button busy={busy} onClick={() => void renew()}>Renew</Button>
    </p>
  )
}
