import type { Api } from "@muster/domain"
import type { Progress } from "./useBulk.ts"

/** How many failures are listed. */
const maxListed = 20

/** How far a bulk action is, and what failed. */
export const BulkResult = ({ did, nameOf, progress: { done, failed, running, total } }: {
  readonly progress: Progress<Api.FleetItem>
  /** `deleted`, `updated`. */
  readonly did: string
  readonly nameOf: (item: Api.FleetItem) => string
}) => (
  <>
    {running
      ? <progress value={done.length + failed.length} max={total} aria-label={`${did}: ${done.length} of ${total}`} />
      : null}
    <p className={`notice ${running || failed.length > 0 ? "" : "good"}`} role="status">
      {done.length} of {total} {did}
      {running ? " …" : "."}
    </p>
    {failed.length === 0 ? null : (
      <div className="notice bad" role="alert">
        <ul className="failures">
          {failed.slice(0, maxListed).map(({ entry, why }) => (
            <li key={nameOf(entry)}>
              <b>{nameOf(entry)}</b>: {why}.
            </li>
          ))}
          {failed.length > maxListed ? <li>… and {failed.length - maxListed} more.</li> : null}
        </ul>
      </div>
    )}
  </>
)
