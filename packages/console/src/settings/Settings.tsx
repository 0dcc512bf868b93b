import { useQuery } from "@tanstack/react-query"
import { health, members } from "../api/Queries.ts"
import { Ago } from "../ui/Ago.tsx"
import { Failure, Loading } from "../ui/State.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { Tokens } from "./Tokens.tsx"

const Members = () => {
  const query = useQuery(members(useWorkspace()))
  return (
    <section className="card" aria-label="Members">
      <header>
        <h2>Members</h2>
      </header>
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the members" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : (
          <ul className="plain-rows">
            {query.data.map(({ email, id, name, role }) => (
              <li key={id}>
                <span>
                  <b>{name}</b> <span className="muted">{email}</span>
                </span>
                <span className="tag">{role}</span>
              </li>
            ))}
          </ul>
        )}
    </section>
  )
}

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
  return (
    <>
      <header className="page-head">
        <h1>Settings</h1>
      </header>
      <div className="columns">
        <div className="main-column">
          <Tokens />
          <Members />
        </div>
        <div className="side-column">
          <About />
        </div>
      </div>
    </>
  )
}

export default Settings
