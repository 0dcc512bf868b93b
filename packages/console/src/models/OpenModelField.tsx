import { Popover, PopoverDisclosure, PopoverProvider, usePopoverStore } from "@ariakit/react"
import { Model } from "@muster/domain"
import { useEffect } from "react"
import { Button } from "../ui/Button.tsx"
import type { Opened } from "../ui/OnDemand.tsx"
import { ModelChooser } from "./ModelChooser.tsx"
import { type ModelFieldProps, noModelText } from "./ModelField.tsx"
import { useModels } from "./useModels.ts"

const List = ({ choose, model, runtime }: ModelFieldProps) => {
  const models = useModels(runtime, true)
  const isUnknown = model !== undefined && Model.isModelListed(model, models.listing?.models ?? []) === false
  return (
    <>
      <ModelChooser
        runtime={runtime}
        models={models}
        chosen={model}
        note={isUnknown
          ? `${model} is not in the list of ${runtime.name}: the task asks for it nevertheless, and may be refused`
          : undefined}
        choose={choose}
        focus
      />
      {model === undefined
        ? null
        : <Button kind="quiet" onClick={() => choose(undefined)}>{noModelText(runtime)}</Button>}
    </>
  )
}

/** The list of models below its field. It is requested each time that it opens, unless it is fresh. */
const OpenModelField = ({ button, choose, model, runtime }: ModelFieldProps & Opened) => {
  const popover = usePopoverStore({ placement: "bottom-start" })
  const open = popover.useState("open")
  useEffect(() => popover.show(), [popover])
  const pick = (id: string | undefined) => {
    choose(id)
    popover.hide()
  }
  return (
    <PopoverProvider store={popover}>
      <PopoverDisclosure {...button} />
      {open
        ? (
          <Popover className="popover" gutter={4} portal fitViewport aria-label={`Models of ${runtime.name}`}>
            <List runtime={runtime} model={model} choose={pick} />
          </Popover>
        )
        : null}
    </PopoverProvider>
  )
}

export default OpenModelField
