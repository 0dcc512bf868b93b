import { Button } from "../ui/Button.tsx"
import { Modal } from "../ui/Modal.tsx"
import { Legend } from "./Legend.tsx"

const keys: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
  [["/"], "search"],
  [["↓", "↑"], "next or previous runtime or machine"],
  [["Home", "End"], "first or last one"],
  [["Enter"], "open a runtime; fold a machine or unfold it"],
  [["←", "→"], "fold or unfold a machine; ← on a runtime goes to its machine"],
  [["x"], "select a runtime"],
  [["Esc"], "clear the search, or leave it"],
  [["?"], "this help"]
]

/** The dialog that explains the lights and lists the keys of the fleet page. */
const FleetHelp = ({ close }: { readonly close: () => void }) => (
  <Modal title="Lights and keys" close={close} wide>
    <Legend />
    <dl className="keys">
      {keys.map(([names, text]) => (
        <div key={text}>
          <dt>{names.map((name) => <kbd key={name}>{name}</kbd>)}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
    <div className="actions">
      <Button onClick={close} data-autofocus>Close</Button>
    </div>
  </Modal>
)

export default FleetHelp
