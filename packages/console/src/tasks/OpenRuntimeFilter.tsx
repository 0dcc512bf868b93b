import {
  Combobox,
  ComboboxItem,
  ComboboxList,
  ComboboxProvider,
  Popover,
  PopoverDisclosure,
  PopoverProvider,
  usePopoverStore
} from "@ariakit/react"
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { run } from "../api/RunCall.ts"
import { Icon } from "../ui/Icon.tsx"
import type { Opened } from "../ui/OnDemand.tsx"
import { useWorkspace } from "../workspace/Workspace.ts"
import type { RuntimeFilterProps } from "./RuntimeFilter.tsx"

/** How many runtimes the list shows. Type to find others. */
const most = 50

const List = ({ choose, runtime }: RuntimeFilterProps) => {
  const workspace = useWorkspace()
  const [typed, setTyped] = useState("")
  const parameters = { sort: "name", limit: `${most}`, ...(typed.trim() !== "" && { q: typed.trim().slice(0, 256) }) }
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ["in", workspace, "fleet", "names", parameters],
    queryFn: ({ signal }) => run(clientOf(workspace).fleet.page({ query: parameters }), signal),
    placeholderData: keepPreviousData
  })
  const words = typed.toLowerCase().split(/\s+/)
  // Enter takes the first row, which must belong to what is typed, also while the server searches.
  const items = data?.items.filter(({ machineName, name }) =>
    !isPlaceholderData || words.every((word) => `${name} ${machineName}`.toLowerCase().includes(word))
  )
  const more = isPlaceholderData ? 0 : (data?.total ?? 0) - (data?.items.length ?? 0)
  return (
    <div className="chooser">
      <ComboboxProvider open value={typed} setValue={setTyped} includesBaseElement={false} resetValueOnHide={false}>
        <Combobox
          className="chooser-field"
          aria-label="Find a runtime"
          placeholder="Find a runtime"
          autoSelect={typed === "" ? false : "always"}
          autoFocus
          maxLength={256}
          spellCheck={false}
        />
        <ComboboxList className="chooser-list" alwaysVisible aria-label="Runtimes">
          {typed === ""
            ? (
              <ComboboxItem
                className="chooser-item"
                value=""
                setValueOnClick={false}
                focusOnHover
                onClick={() => choose("")}
              >
                <span className="model-words">Every runtime</span>
                {runtime === "" ? <Icon name="check" /> : null}
              </ComboboxItem>
            )
            : null}
          {items?.map(({ id, machineName, name }) => (
            <ComboboxItem
              key={id}
              className="chooser-item"
              value={id}
              setValueOnClick={false}
              focusOnHover
              onClick={() => choose(id)}
            >
              <span className="model-words">
                <span>{name}</span>
                <code>{machineName}</code>
              </span>
              {id === runtime ? <Icon name="check" /> : null}
            </ComboboxItem>
          ))}
          {error === null ? null : <p className="chooser-note bad-text">{error.message}.</p>}
          {items?.length === 0 && !isPlaceholderData ? <p className="chooser-note muted">No matches.</p> : null}
          {more > 0 ? <p className="chooser-note muted">{more} more: type to narrow.</p> : null}
        </ComboboxList>
      </ComboboxProvider>
    </div>
  )
}

/** The list of runtimes below its chip. */
const OpenRuntimeFilter = ({ button, choose, runtime }: RuntimeFilterProps & Opened) => {
  const popover = usePopoverStore({ placement: "bottom-start" })
  const open = popover.useState("open")
  useEffect(() => popover.show(), [popover])
  const pick = (id: string) => {
    choose(id)
    popover.hide()
  }
  return (
    <PopoverProvider store={popover}>
      <PopoverDisclosure {...button} />
      {open
        ? (
          <Popover className="popover" gutter={4} portal fitViewport aria-label="Runtimes">
            <List runtime={runtime} choose={pick} />
          </Popover>
        )
        : null}
    </PopoverProvider>
  )
}

export default OpenRuntimeFilter
