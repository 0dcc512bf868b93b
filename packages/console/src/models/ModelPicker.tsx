import type { Api } from "@muster/domain"
import { Button } from "../ui/Button.tsx"
import { CopyButton } from "../ui/CopyButton.tsx"
import { ModelChooser } from "./ModelChooser.tsx"
import { useChosen } from "./useChosen.ts"
import { useModels } from "./useModels.ts"

/** The models of a runtime as part of a page: the last known list. The daemon is asked only when the person does. */
export const ModelPicker = ({ runtime }: { readonly runtime: Api.RuntimeRecord }) => {
  const models = useModels(runtime, false)
  const { choose, chosen } = useChosen(runtime)
  return (
    <div className="picker">
      <ModelChooser runtime={runtime} models={models} chosen={chosen} choose={choose} focus={false} />
      {chosen === undefined ? null : (
        <p className="chosen" role="status">
          <span>
            Selected in this browser: <code>{chosen}</code>
          </span>
          <CopyButton text={chosen} what="the id" />
          <Button kind="quiet" onClick={() => choose(undefined)}>Clear</Button>
        </p>
      )}
    </div>
  )
}
