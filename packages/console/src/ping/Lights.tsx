import type { PingLights } from "@muster/domain"

const names = [["transport", "Online"], ["receive", "Receives"], ["execution", "Executes"]] as const
const stateTexts: Readonly<Record<PingLights.Light["state"], string>> = {
  ok: "yes",
  slow: "slowly",
  broken: "no",
  unknown: "unknown"
}

/** Three lights: online, receives requests, executes its CLI. They differ in shape, not only in color. */
export const Lights = ({ busy, lights }: { readonly lights: PingLights.PingLights; readonly busy: boolean }) => {
  const description = names.map(([key, name]) => `${name}: ${stateTexts[lights[key].state]}, ${lights[key].text}`).join(
    "\n"
  )
  return (
    <span
      className="lights"
      role="img"
      aria-label={description.replaceAll("\n", "; ")}
      title={description}
      data-busy={busy}
    >
      {names.map(([key]) => <i key={key} data-state={lights[key].state} />)}
    </span>
  )
}

/** The three lights with their texts. */
export const LightsList = ({ busy, lights }: { readonly lights: PingLights.PingLights; readonly busy: boolean }) => (
  <dl className="lights-list" data-busy={busy}>
    {names.map(([key, name]) => (
      <div key={key} data-state={lights[key].state}>
        <dt>
          <i aria-hidden="true" />
          {name}
        </dt>
        <dd>{busy && key !== "transport" ? "checking …" : lights[key].text}</dd>
      </div>
    ))}
  </dl>
)
