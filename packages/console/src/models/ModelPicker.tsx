import type { RuntimeRecord } from "@muster/domain"
import { Button } from "../ui/Button.tsx"
import { CopyButton } from "../ui/CopyButton.tsx"
import { ModelChooser } from "./ModelChooser.tsx"
import { useChosen } from "./useChosen.ts"
import { useModels } from "./useModels.ts"

/** The models of a runtime in the page itself, asked for as soon as one looks. */
export const ModelPicker = ({ runtime }: { readonly runtime: RuntimeRecord }) => {
  const models = useModels(runtime, true)
  const { choose, chosen } = useChosen(runtime)
  return (
    <div className="picker">
      <ModelChooser runtime={runtime} models={models} chosen={chosen} choose={choose} focus={false} />
      {chosen === undefined ? null : (
        <p className="chosen" role="status">
          <span>
            Chosen here: <code>{chosen}</code>
          </span>
          <CopyButton text={chosen} what="the id" />
          <Button kind="quiet" onClick={() => choose(undefined)}>Forget</Button>
        </p>
      )}
    </div>
  )
}
