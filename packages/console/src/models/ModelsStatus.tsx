import { type Api, LeftOut } from "@muster/domain"
import { RequestSteps } from "../request/RequestStages.tsx"
import { Ago } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { Icon } from "../ui/Icon.tsx"
import type { Models } from "./useModels.ts"

/** The status above the list: its age, the progress of a request, or why there is no list and what to do. */
export const ModelsStatus = ({ models, runtime }: { readonly models: Models; readonly runtime: Api.RuntimeRecord }) => {
  const { again, listing, state, way } = models
  const left = LeftOut.textOf(listing?.left_out)
  const hasList = listing !== undefined && listing.models.length > 0
  return (
    <div className="models-status">
      {state._tag === "Offline"
        ? (
          <p className="notice" role="status">
            <span>
              <b>{runtime.name} is offline.</b> {hasList
                ? "This is its last known list. You can also type an id."
                : "Its models cannot be listed. You can type an id."}
            </span>
          </p>
        )
        : state._tag === "Undiscovered"
        ? (
          <p className="notice bad" role="alert">
            <span>
              <b>The models could not be discovered:</b> {state.why}. Type a model’s id, or try again.
            </span>
            <Button onClick={again}>Try again</Button>
          </p>
        )
        : state._tag === "None"
        ? (
          <p className="notice" role="status">
            <b>No models available.</b> {runtime.name} reports no models.
          </p>
        )
        : state._tag === "Kept" && !hasList
        ? (
          <p className="notice" role="status">
            <span>No list of its models is known yet. You can type an id.</span>
            <Button onClick={again}>List the models</Button>
          </p>
        )
        : state._tag === "NoChoice"
        ? <p className="notice" role="status">{runtime.name} has no selectable models.</p>
        : null}
      {way !== undefined && state._tag !== "Offline" ? <RequestSteps asked={way} /> : null}
      {hasList
        ? (
          <p className="age muted">
            <span>
              {listing.models.length === 1 ? "1 model" : `${listing.models.length} models`},{" "}
              {listing.source === "fallback" ? "from a fixed list that may be out of date, " : ""}
              {state._tag === "Listed" ? "updated" : "last known"} <Ago at={listing.at} />
              {state._tag === "Asking" ? "; refreshing …" : ""}
              {left === undefined ? "" : `; ${left}`}
            </span>
            {state._tag === "Listed" || state._tag === "Asking" || state._tag === "Kept"
              ? (
                <Button
                  kind="quiet"
                  className="icon-only"
                  aria-label="Refresh models"
                  busy={state._tag === "Asking"}
                  onClick={again}
                >
                  {state._tag === "Asking" ? null : <Icon name="refresh" />}
                </Button>
              )
              : null}
          </p>
        )
        : null}
    </div>
  )
}
