import { ConsolePages, SkillLibrary } from "@muster/domain"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { lazy, Suspense, useState } from "react"
import { clientOf } from "../api/Client.ts"
import { members } from "../api/Queries.ts"
import { run } from "../api/RunCall.ts"
import { navigate, pathTo } from "../route/Route.ts"
import { Ago } from "../ui/Ago.tsx"
import { Button } from "../ui/Button.tsx"
import { Link } from "../ui/Link.tsx"
import { Search } from "../ui/Search.tsx"
import { Empty, Failure, Loading } from "../ui/State.tsx"
import { useTitle } from "../ui/useTitle.ts"
import { useWorkspace } from "../workspace/Workspace.ts"
import { originOf } from "./originOf.ts"

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

/** The library. `open`: the id of the skill that is shown; empty if none is. */
const Skills = ({ open }: { readonly open: string }) => {
  useTitle("Skills")
  const workspace = useWorkspace()
  const query = useLibrary()
  const { data: people = [] } = useQuery(members(workspace))
  const [filter, setFilter] = useState("")
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
                    <Link className="as-link" href={pathTo.skill(skill.id)}>{skill.name}</Link>
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
        {open === "" ? null : <WholeSkill key={open} id={open} close={() => navigate(ConsolePages.all.skills)} />}
      </Suspense>
    </>
  )
}

export default Skills
