import { ConsolePages } from "@muster/domain"
import { useQuery } from "@tanstack/react-query"
import { health } from "../api/Queries.ts"
import { useRole } from "../session/useRole.ts"
import { Ago } from "../ui/Ago.tsx"
import { Link } from "../ui/Link.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { ConnectProvider } from "./ConnectProvider.tsx"
import { Profile } from "./Profile.tsx"
import { Repositories } from "./Repositories.tsx"
import { Tokens } from "./Tokens.tsx"
import { WorkspaceCard } from "./WorkspaceCard.tsx"

const environments: Readonly<Record<string, string>> = {
  embedded: "embedded: one process with an embedded database",
  postgres: "postgres: any number of replicas on PostgreSQL",
  cluster: "cluster: any number of replicas on PostgreSQL and Redis"
}

const About = () => {
  const query = useQuery(health)
  return (
    <section className="card" aria-label="This server">
      <header>
        <h2>This server</h2>
      </header>
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the server’s health" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : (
          <dl className="details">
            <div>
              <dt>Health</dt>
              <dd>
                <b className={`tag ${query.data.status === "ok" ? "good" : "bad"}`}>{query.data.status}</b>{" "}
                <span className="muted small">
                  checked <Ago at={query.dataUpdatedAt} />
                </span>
              </dd>
            </div>
            {Object.entries(query.data.checks).map(([name, state]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className={state === "ok" ? "" : "bad-text"}>{state}</dd>
              </div>
            ))}
            <div>
              <dt>Version</dt>
              <dd>
                <code>{MUSTER_VERSION}</code>
              </dd>
            </div>
            <div>
              <dt>Environment</dt>
              <dd>{environments[query.data.environment] ?? query.data.environment}</dd>
            </div>
            <div>
              <dt>Address</dt>
              <dd>
                <code>{location.origin}</code>
              </dd>
            </div>
            <div>
              <dt>API</dt>
              <dd>
                <a href="/docs">reference</a>, <a href="/openapi.json">OpenAPI</a>
              </dd>
            </div>
          </dl>
        )}
    </section>
  )
}

const Settings = () => {
  useTitle("Settings")
  const { role } = useRole()
  return (
    <>
      <header className="page-head">
        <h1>Settings</h1>
        {role === "owner" || role === "admin"
          ? <Link className="button" href={ConsolePages.all.audit}>Audit log</Link>
          : null}
      </header>
      <div className="columns">
        <div className="main-column">
          <Tokens />
          <WorkspaceCard />
          <Repositories />
        </div>
        <div className="side-column">
          <Profile />
          <ConnectProvider />
          <About />
        </div>
      </div>
    </>
  )
}

export default Settings
