import type { Identity } from "@muster/domain"
import { useState } from "react"
import { Button } from "../ui/Button.tsx"
import { Empty } from "../ui/State.tsx"
import { NewWorkspace } from "./NewWorkspace.tsx"
import { keepWorkspace } from "./Workspace.ts"

const open = (id: Identity.WorkspaceId) => {
  keepWorkspace(id)
  location.assign("/")
}

/** What a person without a workspace sees. */
const NoWorkspace = () => {
  const [isCreating, setCreating] = useState(false)
  return (
    <Empty icon="people" title="You are not a member of a workspace">
      <p>Open an invitation link, ask an owner or admin to invite you, or create a workspace.</p>
      <Button kind="primary" onClick={() => setCreating(true)}>New workspace …</Button>
      {isCreating ? <NewWorkspace close={() => setCreating(false)} created={open} /> : null}
    </Empty>
  )
}

export default NoWorkspace
