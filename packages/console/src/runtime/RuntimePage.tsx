import { type Api, ConsolePages, PingLights, Runtime } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { members, runtime as runtimeQuery } from "../api/Queries.ts"
import { lastFleetSearch } from "../fleet/FleetSearch.ts"
import { RuntimeMenu } from "../fleet/RuntimeMenu.tsx"
import { Absence } from "../fleet/RuntimeRow.tsx"
import { useInterval } from "../live/useLive.ts"
import { ModelPicker } from "../models/ModelPicker.tsx"
import { LightsList } from "../ping/Lights.tsx"
import { usePing } from "../ping/usePing.ts"
import { useMay, usePermissions } from "../session/usePermissions.ts"
import { LocalSkills } from "../skills/LocalSkills.tsx"
import { GiveTask } from "../tasks/GiveTask.tsx"
import { Ago, fullTime } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { Icon } from "../ui/Icon.tsx"
import { Link } from "../ui/Link.tsx"
import { Empty, Failure, Loading } from "../ui/State.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { History } from "./History.tsx"

const Details = ({ owner, runtime }: { readonly runtime: Api.RuntimeRecord; readonly owner: string | undefined }) => (
  <dl className="details">
    <div>
      <dt>Machine</dt>
      <dd>{Runtime.machineOf(runtime)}</dd>
    </div>
    <div>
      <dt>CLI</dt>
      <dd>
        {Runtime.providerName(runtime.provider)}{" "}
        {Runtime.versionOf(runtime) === "" ? null : <code>{Runtime.versionOf(runtime)}</code>}
      </dd>
    </div>
    {runtime.launchHeader === "" ? null : (
      <div>
        <dt>Started as</dt>
        <dd>
          <code>{runtime.launchHeader}</code>
        </dd>
      </div>
    )}
    {typeof runtime.metadata["cli_version"] === "string" && runtime.metadata["cli_version"] !== ""
      ? (
        <div>
          <dt>Muster version</dt>
          <dd>
            <code>{runtime.metadata["cli_version"]}</code>
          </dd>
        </div>
      )
      : null}
    <div>
      <dt>Owner</dt>
      <dd>{owner ?? "none"}</dd>
    </div>
    <div>
      <dt>Visibility</dt>
      <dd>
        {runtime.visibility === "public"
          ? "public: every member can use it"
          : `private: every member can see it, only ${owner ?? "its owner"} can use it`}
      </dd>
    </div>
    <div>
      <dt>Daemon</dt>
      <dd>
        <code>{runtime.daemonId ?? "none"}</code>
      </dd>
    </div>
    <div>
      <dt>Id</dt>
      <dd>
        <code>{runtime.id}</code>
      </dd>
    </div>
    <div>
      <dt>Registered</dt>
      <dd>{fullTime(runtime.createdAt)}</dd>
    </div>
  </dl>
)

const Health = ({ runtime }: { readonly runtime: Api.RuntimeRecord }) => {
  const { at, busy, lights, query } = usePing(runtime)
  const may = usePermissions(runtime)
  const canCheck = PingLights.withoutPing(runtime) === undefined && may("use")
  return (
    <section className="card" aria-label="Health">
      <header>
        <h2>Health</h2>
        {canCheck
          ? (
            <Button kind="quiet" busy={busy} onClick={() => void query.refetch()}>
              {busy ? "Checking …" : "Check now"}
            </Button>
          )
          : null}
      </header>
      <LightsList lights={lights} busy={busy} />
      {canCheck && query.error !== null && !busy
        ? <p className="notice bad" role="alert">{query.error.message}.</p>
        : null}
      {at === undefined || !canCheck ? null : (
        <p className="muted small">
          Checked <Ago at={at} />
        </p>
      )}
    </section>
  )
}

/** The page of one runtime: a form for a task, its models, the skills on its machine, its health and its last 24 h. */
const RuntimePage = ({ id }: { readonly id: string }) => {
  const workspace = useWorkspace()
  const query = useQuery({ ...runtimeQuery(workspace, id), refetchInterval: useInterval() })
  const runtime = query.data ?? undefined
  const { data: people = [] } = useQuery(members(workspace))
  const may = useMay(workspace)
  useTitle(runtime?.name)
  if (query.data === undefined) {
    return query.error === null
      ? <Loading what="the runtime" />
      : <Failure problem={query.error} again={() => void query.refetch()} />
  }
  if (runtime === undefined) {
    return (
      <Empty icon="fleet" title="This runtime does not exist">
        <p>
          It was deleted, or removed after a long time offline. If its daemon is running, it has a new id.
        </p>
        <Link className="button" href={ConsolePages.all.fleet}>Go to the fleet</Link>
      </Empty>
    )
  }
  return (
    <>
      <header className="page-head">
        <div>
          <Link className="back muted" href={ConsolePages.all.fleet + lastFleetSearch()}>
            <Icon name="back" />Fleet
          </Link>
          <h1>{runtime.name}</h1>
          <p className="muted">
            {runtime.status === "online"
              ? (
                <>
                  <b className="tag good">online</b> {runtime.lastSeenAt === null ? null : (
                    <>
                      seen <Ago at={runtime.lastSeenAt} fresh={90_000} />
                    </>
                  )}
                </>
              )
              : (
                <>
                  <b className="tag">offline</b> <Absence runtime={runtime} />
                </>
              )}
          </p>
        </div>
        <div className="tools">
          <RuntimeMenu runtime={runtime} />
        </div>
      </header>
      <div className="columns">
        <div className="main-column">
          <GiveTask runtime={runtime} mayUse={may(runtime, "use")} />
          <section className="card" aria-label="Models">
            <header>
              <h2>Models</h2>
            </header>
            <ModelPicker runtime={runtime} />
          </section>
          <LocalSkills runtime={runtime} />
        </div>
        <div className="side-column">
          <Health runtime={runtime} />
          <History id={runtime.id} />
          <section className="card" aria-label="Details">
            <header>
              <h2>Details</h2>
            </header>
            <Details runtime={runtime} owner={people.find(({ id }) => id === runtime.ownerId)?.name} />
          </section>
        </div>
      </div>
    </>
  )
}

export default RuntimePage
