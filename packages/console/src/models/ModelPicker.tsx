import type { Api } from "@muster/domain"
import { usePermissions } from "../session/usePermissions.ts"
import { Button } from "../ui/Button.tsx"
import { CopyButton } from "../ui/CopyButton.tsx"
import { ModelChooser } from "./ModelChooser.tsx"
import { useDefaultModel } from "./useDefaultModel.ts"
import { useModels } from "./useModels.ts"

/**
 * The models of a runtime as part of a page: the last known list, and the default model. The daemon is asked only when the
 * person does.
 */
export const ModelPicker = ({ runtime }: { readonly runtime: Api.RuntimeRecord }) => {
  const models = useModels(runtime, false)
  const { choose, chosen, noteOf } = useDefaultModel(runtime)
  const may = usePermissions(runtime)
  return (
    <div className="picker">
      <ModelChooser
        runtime={runtime}
        models={models}
        chosen={chosen}
        note={noteOf(models)}
        choose={(id) => void choose(id)}
        focus={false}
      />
      {chosen === undefined ? null : (
        <p className="chosen">
          <span>
            Default model: <code>{chosen}</code>
          </span>
          <CopyButton text={chosen} what="the id" />
          {may("use") ? <Button kind="quiet" onClick={() => void choose(undefined)}>Clear</Button> : null}
        </p>
      )}
    </div>
  )
}
