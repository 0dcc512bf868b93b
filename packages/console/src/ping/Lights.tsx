import type { Light, PingLights } from "@muster/domain"

const names = [["transport", "Online"], ["receive", "Receives"], ["execution", "Executes"]] as const
const words: Readonly<Record<Light["state"], string>> = {
  ok: "yes",
  slow: "slowly",
  broken: "no",
  unknown: "not known"
}

/** Three lights in a row: does it beat, does it hear, does its CLI run. Told by shape too, not by colour alone. */
export const Lights = ({ busy, lights }: { readonly lights: PingLights; readonly busy: boolean }) => {
  const told = names.map(([key, name]) => `${name}: ${words[lights[key].state]}, ${lights[key].text}`).join("\n")
  return (
    <span className="lights" role="img" aria-label={told.replaceAll("\n", "; ")} title={told} data-busy={busy}>
      {names.map(([key]) => <i key={key} data-state={lights[key].state} />)}
    </span>
  )
}

/** The same with all their words. */
export const LightsInWords = ({ busy, lights }: { readonly lights: PingLights; readonly busy: boolean }) => (
  <dl className="lights-list" data-busy={busy}>
    {names.map(([key, name]) => (
      <div key={key} data-state={lights[key].state}>
        <dt>
          <i aria-hidden="true" />
          {name}
        </dt>
        <dd>{busy && key !== "transport" ? "looking …" : lights[key].text}</dd>
      </div>
    ))}
  </dl>
)
