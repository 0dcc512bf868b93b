import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { Repository } from "@muster/domain"
import { Result } from "effect"

const parsed = (text: string) => Result.getOrElse(Repository.parseUrl(text), (why) => why)

const keyOf = (text: string) => {
  const found = parsed(text)
  return typeof found === "string" ? `refused: ${found}` : found.key
}

describe("RepositoryUrl", () => {
  const same: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
    ["https://git.example.org/team/project", [
      "HTTPS://Git.Example.ORG/team/project",
      "https://git.example.org/team/project.git",
      "https://git.example.org:443/team/project/",
      " https://git.example.org/team/project.git/ ",
      "https://git.example.org/team/other/../project"
    ]],
    ["http://localhost:8080/project", ["http://LOCALHOST:8080/project.git"]],
    ["ssh://git@git.example.org/team/project", [
      "ssh://git@GIT.example.org:22/team/project.git",
      "ssh://git@git.example.org/team/x/../project"
    ]],
    ["git://git.example.org/project", ["git://git.example.org:9418/project.git"]],
    ["git@git.example.org:team/project", ["git@Git.Example.org:team/project.git"]],
    ["https://xn--bcher-kva.example/a", ["https://bücher.example/a.git"]],
    ["ssh://git@[::1]:2222/a", ["ssh://git@[::1]:2222/a.git"]]
  ]
  for (const [key, spellings] of same) {
    it(`${key} has one key, however it is spelled`, () => {
      for (const text of [key, ...spellings]) strictEqual(keyOf(text), key)
    })
  }

  it("scheme, port, user and the case of the path tell repositories apart", () => {
    const all = [
      "https://git.example.org/team/project",
      "http://git.example.org/team/project",
      "https://git.example.org:8443/team/project",
      "https://git.example.org/team/Project",
      "https://git.example.org/team",
      "https://git.example.org.example.com/team/project",
      "ssh://git@git.example.org/team/project",
      "ssh://ada@git.example.org/team/project",
      "ssh://git.example.org/team/project",
      "git@git.example.org:team/project",
      "ada@git.example.org:team/project",
      "git@git.example.org:/team/project"
    ]
    deepStrictEqual(new Set(all.map(keyOf)).size, all.length)
    assertTrue(all.every((text) => !keyOf(text).startsWith("refused")))
  })

  it("the kept URL is the spelling that was given, with scheme and host in lower case", () => {
    deepStrictEqual(parsed("HTTPS://Git.Example.org/Team/Project.git/"), {
      url: "https://git.example.org/Team/Project.git",
      key: "https://git.example.org/Team/Project"
    })
    deepStrictEqual(parsed("git@GIT.example.org:Team/Project.git"), {
      url: "git@git.example.org:Team/Project.git",
      key: "git@git.example.org:Team/Project"
    })
  })

  const refused: ReadonlyArray<readonly [string, RegExp]> = [
    ["", /starts with https/],
    ["x", /starts with https/],
    ["/srv/project", /starts with https/],
    ["../project", /starts with https/],
    ["file:///srv/project", /starts with https/],
    ["ext::sh -c whoami", /no spaces/],
    ["ext::whoami", /starts with https/],
    ["javascript:alert(1)", /starts with https/],
    ["git.example.org/team/project", /starts with https/],
    ["C:\\project", /backslashes/],
    ["https://git.example.org/a\u0000b", /control characters/],
    ["https://git.example.org/a\u202eb", /control characters/],
    ["https://", /starts with https/],
    ["https://git.example.org", /names a host and a path/],
    ["https://git.example.org/.git", /names a host and a path/],
    ["git@git.example.org:/", /names a host and a path/],
    ["https://ada:secret@git.example.org/a", /no user, password or token/],
    ["https://ghp_0123@git.example.org/a", /no user, password or token/],
    ["ssh://git:secret@git.example.org/a", /no user, password or token/],
    ["ssh://-oProxyCommand=whoami/a", /names a host and a path/],
    ["ssh://-o@git.example.org/a", /user .* not valid/],
    ["-git@git.example.org:a", /starts with https/],
    ["git@-host:a", /starts with https/],
    ["git@git.example.org:-a", /starts with no hyphen/],
    ["git@git.example.org:a/../../b", /contains no \. or \.\./],
    ["https://git.example.org/a?b=c", /no \? and no #/],
    ["https://git.example.org/a#main", /no \? and no #/],
    [`https://git.example.org/${"a".repeat(2_048)}`, /at most 2048 characters/]
  ]
  for (const [text, why] of refused) {
    it(`${JSON.stringify(text.slice(0, 40))} is refused with one sentence`, () => {
      const sentence = parsed(text)
      assertTrue(
        typeof sentence === "string" && why.test(sentence) && !sentence.endsWith("."),
        JSON.stringify(sentence)
      )
      assertTrue(!/secret|ghp_/.test(sentence), "the sentence must not repeat a credential")
    })
  }

  it("a list allows every spelling of its addresses and nothing else", () => {
    const urls = ["https://git.example.org/team/project.git", "x", "git@git.example.org:team/two"]
    assertTrue(Repository.isListed(urls, "https://GIT.example.org/team/project"))
    assertTrue(Repository.isListed(urls, "git@git.example.org:team/two.git"))
    for (
      const url of [
        "",
        "https://git.example.org/team/projec",
        "https://git.example.org/team/project/../other",
        "https://git.example.org/team/PROJECT",
        "http://git.example.org/team/project",
        "https://ada:secret@git.example.org/team/project",
        "https://git.example.org/team/project?x",
        "/srv/project"
      ]
    ) assertTrue(!Repository.isListed(urls, url), url)
    assertTrue(!Repository.isListed([], "https://git.example.org/team/project"))
  })
})
