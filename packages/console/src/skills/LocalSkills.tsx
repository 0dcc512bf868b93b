import { type Api, LeftOut } from "@muster/domain"
import { useState } from "react"
import { usePermissions } from "../session/usePermissions.ts"
import { Ago } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { Icon } from "../ui/Icon.tsx"
import { Loading } from "../ui/State.tsx"
import { ImportRow } from "./ImportRow.tsx"
import { useImports } from "./useImports.ts"
import { useLocalSkills } from "./useLocalSkills.ts"

/** The skills on a runtime's machine. People with permission can import any number of them into the library. */
export const LocalSkills = ({ runtime }: { readonly runtime: Api.RuntimeRecord }) => {
  const query = useLocalSkills(runtime)
  const may = usePermissions(runtime)
  const { begin, forget, imports } = useImports(runtime)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const skills = query.data?.skills ?? []
  const omitted = query.data?.omitted ?? []
  const left = LeftOut.textOf(query.data?.left_out)
  const mayImport = may("import") && runtime.status === "online"
  const offered = skills.filter(({ key }) => imports.get(key)?._tag !== "UnderWay")
  const all = offered.length > 0 && offered.every(({ key }) => chosen.has(key))

  const choose = (key: string, isChosen: boolean) =>
    setChosen((before) => {
      const after = new Set(before)
      if (isChosen) after.add(key)
      else after.delete(key)
      return after
    })

  const importChosen = () => {
    begin(skills.filter(({ key }) => chosen.has(key)).map(({ key }) => ({ key })))
    setChosen(new Set())
  }

  return (
    <section className="card" aria-label="Skills on this machine">
      <header>
        <h2>Skills on this machine</h2>
        <div className="tools">
          {skills.length > 0 && mayImport
            ? (
              <>
                <label className="check">
                  <input
                    type="checkbox"
                    checked={all}
                    onChange={() => setChosen(all ? new Set() : new Set(offered.map(({ key }) => key)))}
                  />
                  All
                </label>
                <Button kind="primary" disabled={chosen.size === 0} onClick={importChosen}>
                  {chosen.size === 0 ? "Import" : `Import ${chosen.size}`}
                </Button>
              </>
            )
            : null}
          {runtime.status === "online" && query.data !== undefined
            ? (
              <Button
                kind="quiet"
                className="icon-only"
                aria-label="Refresh skills"
                busy={query.isFetching}
                onClick={() => void query.refetch()}
              >
                {query.isFetching ? null : <Icon name="refresh" />}
              </Button>
            )
            : null}
        </div>
      </header>
      {query.error !== null && !query.isFetching
        ? (
          <p className="notice bad" role="alert">
            <span>The skills could not be listed: {query.error.message}.</span>
            <Button onClick={() => void query.refetch()}>Try again</Button>
          </p>
        )
        : null}
      {query.data === undefined
        ? runtime.status === "offline"
          ? <p className="muted">{runtime.name} is offline, so its skills cannot be listed.</p>
          : query.isFetching
          ? <Loading what="the skills" />
          : query.error !== null
          ? null
          : (
            <p className="notice">
              <span>The skills of this machine have not been listed in this browser.</span>
              <Button onClick={() => void query.refetch()}>List the skills</Button>
            </p>
          )
        : query.data.supported === false
        ? <p className="muted">This CLI does not support skills.</p>
        : skills.length === 0 && omitted.length === 0
        ? <p className="muted">There are no skills on this machine.</p>
        : (
          <ul className="skills">
            {skills.map((skill) => (
              <ImportRow
                key={skill.key}
                skill={skill}
                mayImport={mayImport}
                chosen={chosen.has(skill.key)}
                choose={(isChosen) => choose(skill.key, isChosen)}
                became={imports.get(skill.key)}
                again={(wish) => begin([wish])}
                leave={() => forget(skill.key)}
              />
            ))}
            {omitted.map(({ key, reason }) => (
              <li key={key} className="skill">
                <div className="skill-words">
                  <b className="muted">{key}</b>
                  <p className="muted small">Cannot be imported: {reason}.</p>
                </div>
              </li>
            ))}
          </ul>
        )}
      {query.data === undefined ? null : (
        <p className="muted small">
          Listed <Ago at={query.data.at} />
        </p>
      )}
      {left === undefined ? null : <p className="muted small" role="status">{left}.</p>}
      {skills.length > 0 && !mayImport && runtime.status === "online"
        ? (
          <p className="muted small">
            This runtime is private: only its owner can import skills from it. Make it public to let other members do
            so.
          </p>
        )
        : null}
    </section>
  )
}
