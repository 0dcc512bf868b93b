import type { PingLights } from "@muster/domain"
import { Ago } from "../ui/Ago.tsx"

const names = [["transport", "Online"], ["receive", "Receives"], ["execution", "Executes"]] as const
const stateTexts: Readonly<Record<PingLights.Light["state"], string>> = {
  ok: "yes",
  starts: "starts, not used yet",
  slow: "slow",
  unable: "last use failed",
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

const LightText = ({ light: { at, text } }: { readonly light: PingLights.Light }) => (
  <>
    {text}
    {at === undefined ? null : (
      <>
        {text === "" ? "" : ", "}
        <Ago at={at} />
      </>
    )}
  </>
)

/** The three lights with their texts. */
export const LightsList = ({ busy, lights }: { readonly lights: PingLights.PingLights; readonly busy: boolean }) => (
  <dl className="lights-list" data-busy={busy}>
    {names.map(([key, name]) => (
      <div key={key} data-state={lights[key].state}>
        <dt>
          <i aria-hidden="true" />
          {name}
        </dt>
        <dd>
          {busy && key !== "transport" ? "checking …" : <LightText light={lights[key]} />}
        </dd>
      </div>
    ))}
  </dl>
)
