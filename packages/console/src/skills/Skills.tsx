import { ConsolePages, type Skill, SkillLibrary } from "@muster/domain"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { lazy, Suspense, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { members } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { Ago } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { Link } from "../ui/Link.tsx"
import { Search } from "../ui/Search.tsx"
import { Empty, Failure, Loading } from "../ui/State.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"

const WholeSkill = lazy(() => import("./WholeSkill.tsx"))

/** The workspace's library, loaded page by page. */
const useLibrary = () => {
  const workspace = useWorkspace()
  return useInfiniteQuery({
    queryKey: ["in", workspace, "skills"],
    queryFn: ({ pageParam, signal }) =>
      run(clientOf(workspace).skills.list({ query: pageParam === "" ? {} : { after: pageParam } }), signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.length < SkillLibrary.maxPage ? undefined : page.at(-1)?.name
  })
}

/** Returns the origin of a skill; empty if unknown. */
const originOf = ({ config }: Skill.SkillSummary): string => {
  const origin = config["origin"]
  if (typeof origin !== "object" || origin === null || Array.isArray(origin)) return ""
  const { provider, source_path } = origin as Readonly<Record<string, unknown>>
  return [provider, source_path].filter((part) => typeof part === "string" && part !== "").join(" · ")
}

const Skills = () => {
  useTitle("Skills")
  const workspace = useWorkspace()
  const query = useLibrary()
  const { data: people = [] } = useQuery(members(workspace))
  const [filter, setFilter] = useState("")
  const [open, setOpen] = useState<Skill.SkillSummary>()
  const all = query.data?.pages.flat() ?? []
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "")
  const skills = all.filter(({ description, name }) =>
    words.every((word) => `${name} ${description}`.toLowerCase().includes(word))
  )
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Skills</h1>
          <p className="muted">The skills that this workspace’s agents can use.</p>
        </div>
        {all.length === 0 ? null : <Search what="skills" value={filter} onChange={setFilter} />}
      </header>
      {query.data === undefined
        ? query.error === null
          ? <Loading what="the library" />
          : <Failure problem={query.error} again={() => void query.refetch()} />
        : all.length === 0
        ? (
          <Empty icon="skills" title="No skills yet">
            <p>
              Skills are folders on people’s machines. Open one of your runtimes, select skills of its machine and
              import them.
            </p>
            <Link className="button" href={ConsolePages.all.fleet}>Go to the fleet</Link>
          </Empty>
        )
        : (
          <>
            <ul className="rows">
              {skills.map((skill) => (
                <li key={skill.id} className="row skill-row">
                  <div className="row-name">
                    <button type="button" className="as-link" onClick={() => setOpen(skill)}>{skill.name}</button>
                    <p className="muted clamp">{skill.description === "" ? originOf(skill) : skill.description}</p>
                  </div>
                  <span className="muted small">
                    {skill.fileCount === 1 ? "1 file" : `${skill.fileCount} files`}
                  </span>
                  <span className="muted small">
                    {people.find(({ id }) => id === skill.createdBy)?.name ?? "unknown"}, <Ago at={skill.updatedAt} />
                  </span>
                </li>
              ))}
            </ul>
            {skills.length === 0 ? <p className="muted">No matches.</p> : null}
            {query.hasNextPage
              ? <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Show more</Button>
              : null}
          </>
        )}
      <Suspense>
        {open === undefined
          ? null
          : <WholeSkill summary={open} origin={originOf(open)} close={() => setOpen(undefined)} />}
      </Suspense>
    </>
  )
}

export default Skills
