import type { PingLights } from "@muster/domain"

const lights: ReadonlyArray<readonly [string, string]> = [
  ["Online", "the server receives heartbeats of the runtime"],
  ["Receives", "a ping reached its daemon and was answered"],
  ["Executes", "the last real use of its CLI worked; a ping alone shows that the CLI starts"]
]

const states: ReadonlyArray<readonly [PingLights.LightState, string]> = [
  ["ok", "yes"],
  ["starts", "the CLI starts, and nothing has used it yet"],
  ["slow", "slow: no answer in time"],
  ["unable", "the last use of the CLI failed"],
  ["broken", "no"],
  ["unknown", "not checked"]
]

/** What the three lights mean, in the order of a row, and what their shapes mean. */
export const Legend = () => (
  <div className="legend">
    <ol>
      {lights.map(([name, text]) => (
        <li key={name}>
          <b>{name}</b>: {text}
        </li>
      ))}
    </ol>
    <ul className="lights-legend">
      {states.map(([state, text]) => (
        <li key={state}>
          <span className="lights" aria-hidden="true">
            <i data-state={state} />
          </span>
          {text}
        </li>
      ))}
    </ul>
  </div>
)
