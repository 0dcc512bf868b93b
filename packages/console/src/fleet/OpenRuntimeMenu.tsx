import { MenuItem, MenuSeparator } from "@ariakit/react"
import { type Api, PingLights } from "@muster/domain"
import { useQueryClient } from "@tanstack/react-query"
import { lazy, Suspense, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { ping } from "../ping/usePing.ts"
import { usePermissions } from "../session/usePermissions.ts"
import { Icon } from "../ui/Icon.tsx"
import type { Opened } from "../ui/OnDemand.tsx"
import { OpenMenu } from "../ui/OpenMenu.tsx"
import { say } from "../ui/Toast.tsx"
import { useRefresh } from "./useRefresh.ts"

const Rename = lazy(() => import("./Rename.tsx"))
const Delete = lazy(() => import("./Delete.tsx"))
const Update = lazy(() => import("./Update.tsx"))

/** The menu of a runtime's actions. */
const OpenRuntimeMenu = ({ button, runtime }: { readonly runtime: Api.RuntimeRecord } & Opened) => {
  const queries = useQueryClient()
  const refresh = useRefresh()
  const may = usePermissions(runtime)
  const [dialog, setDialog] = useState<"delete" | "rename" | "update">()
  const close = () => setDialog(undefined)
  const visibility = runtime.visibility === "public" ? "private" : "public"

  const change = async () => {
    try {
      await run(
        clientOf(runtime.workspaceId).runtimes.edit({
          params: { runtimeId: runtime.id },
          payload: { visibility }
        })
      )
      await refresh(runtime)
      say(`${runtime.name} is ${visibility} now.`)
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
    }
  }

  const check = async () => {
    try {
      await queries.fetchQuery({ ...ping(runtime), staleTime: 0 })
    } catch (problem) {
      say(`${(problem as Error).message}.`, "bad")
    }
  }

  return (
    <>
      <OpenMenu button={button} label={`More for ${runtime.name}`}>
        {PingLights.withoutPing(runtime) === undefined && may("use")
          ? (
            <MenuItem className="menu-item" onClick={() => void check()}>
              <Icon name="refresh" />Check now
            </MenuItem>
          )
          : null}
        <MenuItem className="menu-item" onClick={() => setDialog("rename")}>
          <Icon name="settings" />Rename …
        </MenuItem>
        <MenuItem className="menu-item" onClick={() => void change()}>
          <Icon name={visibility === "public" ? "globe" : "lock"} />
          Make {visibility}
        </MenuItem>
        {runtime.status === "online" && may("update")
          ? (
            <MenuItem className="menu-item" onClick={() => setDialog("update")}>
              <Icon name="up" />Update Muster …
            </MenuItem>
          )
          : null}
        <MenuSeparator className="menu-line" />
        <MenuItem className="menu-item bad-text" onClick={() => setDialog("delete")}>
          <Icon name="cross" />Delete …
        </MenuItem>
      </OpenMenu>
      <Suspense>
        {dialog === "rename" ? <Rename runtime={runtime} close={close} /> : null}
        {dialog === "update" ? <Update runtime={runtime} close={close} /> : null}
        {dialog === "delete" ? <Delete runtime={runtime} close={close} /> : null}
      </Suspense>
    </>
  )
}

export default OpenRuntimeMenu
