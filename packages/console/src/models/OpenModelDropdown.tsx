import { Popover, PopoverDisclosure, PopoverProvider, usePopoverStore } from "@ariakit/react"
import type { Api } from "@muster/domain"
import { useEffect } from "react"
import type { Opened } from "../ui/OnDemand.tsx"
import { ModelChooser } from "./ModelChooser.tsx"
import { useDefaultModel } from "./useDefaultModel.ts"
import { useModels } from "./useModels.ts"

const List = ({ close, runtime }: { readonly runtime: Api.RuntimeRecord; readonly close: () => void }) => {
  const models = useModels(runtime, true)
  const { choose, chosen, noteOf } = useDefaultModel(runtime)
  const pick = (id: string) => {
    void choose(id)
    close()
  }
  return <ModelChooser runtime={runtime} models={models} chosen={chosen} note={noteOf(models)} choose={pick} focus />
}

/** The list of models below its button. It is requested each time that it opens, unless it is fresh. */
const OpenModelDropdown = ({ button, runtime }: { readonly runtime: Api.RuntimeRecord } & Opened) => {
  const popover = usePopoverStore({ placement: "bottom-end" })
  const open = popover.useState("open")
  useEffect(() => popover.show(), [popover])
  return (
    <PopoverProvider store={popover}>
      <PopoverDisclosure {...button} />
      {open
        ? (
          <Popover className="popover" gutter={4} portal fitViewport aria-label={`Models of ${runtime.name}`}>
            <List runtime={runtime} close={() => popover.hide()} />
          </Popover>
        )
        : null}
    </PopoverProvider>
  )
}

export default OpenModelDropdown
