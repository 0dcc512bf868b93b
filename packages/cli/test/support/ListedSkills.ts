import { at, many, named, type OnDisk, plugins, skill } from "./SkillOnDisk.ts"

/** A skill that is listed and imported, with its expected entry. */
interface Listed extends OnDisk {
  readonly key: string
  readonly name: string
  readonly description?: string
  /** Its files, including `SKILL.md`. */
  readonly count: number
  readonly notes?: ReadonlyArray<string>
}

const image = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3])

/** In the order of their keys. */
export const listed: ReadonlyArray<Listed> = [
  {
    key: "angle-brackets",
    name: "angle-brackets",
    description: "Write pages",
    count: 5,
    files: {
      [`${at}/angle-brackets/SKILL.md`]: named("angle-brackets", "Write pages"),
      ...many(`${at}/angle-brackets/pages`, 4, "<".repeat(900_000), "html")
    }
  },
  {
    key: "api-docs",
    name: "api-docs",
    description: "Document an API, it's callers' view first",
    count: 1,
    files: { [`${at}/api-docs/SKILL.md`]: named("api-docs", "'Document an API, it''s callers'' view first'") }
  },
  {
    key: "bom-made",
    name: "bom-made",
    description: "Made with a mark and CRLF",
    count: 1,
    files: {
      [`${at}/bom-made/SKILL.md`]: `\uFEFF${named("bom-made", "Made with a mark and CRLF")}`.replaceAll("\n", "\r\n")
    }
  },
  {
    key: "changelog",
    name: "changelog",
    description: "Keep a changelog",
    count: 1,
    notes: ["the front matter of SKILL.md is not valid YAML"],
    files: { [`${at}/changelog/SKILL.md`]: skill("name: changes", "name: changelog", "description: Keep a changelog") }
  },
  {
    key: "code-review",
    name: "code-review",
    description: "Review a change for what could break, then for how it reads",
    count: 2,
    files: {
      [`${at}/code-review/SKILL.md`]: skill(
        "name: code-review",
        "description: >-",
        "  Review a change for what could break,",
        "  then for how it reads"
      ),
      [`${at}/code-review/references/list.md`]: "- Names\n- Bounds\n"
    }
  },
  {
    key: "deploy-service",
    name: "deploy-service",
    description: "Deploy a service and watch it",
    count: 1,
    notes: ["the front matter of SKILL.md is not valid YAML"],
    files: {
      [`${at}/deploy-service/SKILL.md`]: skill(
        "name: deploy-service",
        "argument-hint: [service] [--env staging|prod]",
        "description: >-",
        "  Deploy a service",
        "  and watch it"
      )
    }
  },
  {
    key: "dotfiles-linked",
    name: "dotfiles-linked",
    description: "Kept with the dotfiles",
    count: 1,
    files: { "dotfiles/claude/linked.md": named("dotfiles-linked", "Kept with the dotfiles") },
    links: { [`${at}/dotfiles-linked/SKILL.md`]: "dotfiles/claude/linked.md" }
  },
  {
    key: "empty-words",
    name: "empty-words",
    count: 1,
    notes: ["SKILL.md has no description"],
    files: { [`${at}/empty-words/SKILL.md`]: skill("name: empty-words", "description:") }
  },
  {
    key: "git-hygiene",
    name: "git-hygiene",
    description: "Write commits",
    count: 1,
    notes: ["its file is named skill.md, not SKILL.md"],
    files: { [`${at}/git-hygiene/skill.md`]: named("git-hygiene", "Write commits") }
  },
  {
    key: "group/nested",
    name: "nested",
    description: "In a group",
    count: 1,
    files: { [`${at}/group/nested/SKILL.md`]: named("nested", "In a group") }
  },
  {
    key: "many-files",
    name: "many-files",
    description: "As many as may be",
    count: 257,
    files: {
      [`${at}/many-files/SKILL.md`]: named("many-files", "As many as may be"),
      ...many(`${at}/many-files/docs`, 256, "x\n")
    }
  },
  {
    key: "meeting-notes",
    name: "meeting-notes",
    count: 1,
    notes: ["SKILL.md has no front matter"],
    files: { [`${at}/meeting-notes/SKILL.md`]: "# Meeting notes\n\nWho, what, until when.\n" }
  },
  {
    key: "nix-managed",
    name: "nix-managed",
    description: "Made by home-manager",
    count: 1,
    files: { "nix/store/a1-hm_SKILL.md": named("nix-managed", "Made by home-manager") },
    links: {
      "nix/store/b2-home-manager-files/SKILL.md": "nix/store/a1-hm_SKILL.md",
      [`${at}/nix-managed/SKILL.md`]: "nix/store/b2-home-manager-files/SKILL.md"
    }
  },
  {
    key: "node-tool",
    name: "node-tool",
    description: "With dependencies",
    count: 3,
    files: {
      [`${at}/node-tool/SKILL.md`]: named("node-tool", "With dependencies"),
      [`${at}/node-tool/package.json`]: "{}\n",
      [`${at}/node-tool/index.mjs`]: "console.log(1)\n",
      ...many(`${at}/node-tool/node_modules/left-pad`, 300, "x", "js")
    }
  },
  {
    key: "open-front",
    name: "open-front",
    description: "Never closed",
    count: 1,
    notes: ["the front matter of SKILL.md is not closed"],
    files: { [`${at}/open-front/SKILL.md`]: "---\nname: open-front\ndescription: Never closed\n\n# How to do it\n" }
  },
  {
    key: "python-tool",
    name: "python-tool",
    description: "With a script",
    count: 2,
    files: {
      [`${at}/python-tool/SKILL.md`]: named("python-tool", "With a script"),
      [`${at}/python-tool/scripts/run.py`]: "#!/usr/bin/env python3\nprint(1)\n",
      [`${at}/python-tool/scripts/__pycache__/run.cpython-313.pyc`]: "x",
      [`${at}/python-tool/.venv/pyvenv.cfg`]: "x"
    },
    executable: [`${at}/python-tool/scripts/run.py`]
  },
  {
    key: "release-notes",
    name: "release-notes",
    description: "Write release notes",
    count: 1,
    files: { [`${at}/release-notes/SKILL.md`]: named("release-notes", "Write release notes") }
  },
  {
    key: "shared",
    name: "shared",
    description: "For all agents",
    count: 1,
    files: { ".agents/skills/shared/SKILL.md": named("shared", "For all agents") }
  },
  {
    key: "sql-helper",
    name: "sql-helper",
    description: "Explain a query:\n- its plan\n- its locks",
    count: 1,
    files: {
      [`${at}/sql-helper/SKILL.md`]: skill(
        "name: sql-helper",
        "description: |",
        "  Explain a query:",
        "  - its plan",
        "  - its locks"
      )
    }
  },
  {
    key: "stow-folder",
    name: "stow-folder",
    description: "Linked as a whole",
    count: 2,
    files: {
      "dotfiles/stow-folder/SKILL.md": named("stow-folder", "Linked as a whole"),
      "dotfiles/stow-folder/a.md": "a\n"
    },
    links: { [`${at}/stow-folder`]: "dotfiles/stow-folder" }
  },
  {
    key: "stow-unfolded",
    name: "stow-unfolded",
    description: "Linked file by file",
    count: 1,
    notes: ["1 link in its folder is not followed"],
    files: {
      "dotfiles/unfolded/SKILL.md": named("stow-unfolded", "Linked file by file"),
      "dotfiles/unfolded/a.md": "a\n"
    },
    links: {
      [`${at}/stow-unfolded/SKILL.md`]: "dotfiles/unfolded/SKILL.md",
      [`${at}/stow-unfolded/a.md`]: "dotfiles/unfolded/a.md"
    }
  },
  {
    key: "tab-indented",
    name: "tab-indented",
    description: "With tabs",
    count: 1,
    notes: ["the front matter of SKILL.md is not valid YAML"],
    files: {
      [`${at}/tab-indented/SKILL.md`]: skill(
        "name:\ttab-indented",
        "metadata:",
        "\tauthor: me",
        "description:\tWith tabs"
      )
    }
  },
  {
    key: "tools:lint",
    name: "tools:lint",
    description: "Of a plugin",
    count: 1,
    files: { [`${plugins}/cache/m/tools/1.0.0/skills/lint/SKILL.md`]: named("lint", "Of a plugin") }
  },
  {
    key: "triage-bugs",
    name: "triage-bugs",
    description: "Sort reports: what broke, for whom",
    count: 1,
    files: {
      [`${at}/triage-bugs/SKILL.md`]: skill(
        "name: triage-bugs",
        "description: \"Sort reports:",
        "  what broke, for whom\""
      )
    }
  },
  {
    key: "windows-made",
    name: "windows-made",
    description: "Written as UTF-16",
    count: 1,
    files: {
      [`${at}/windows-made/SKILL.md`]: Buffer.from(
        `\uFEFF${named("windows-made", "Written as UTF-16")}`.replaceAll("\n", "\r\n"),
        "utf16le"
      )
    }
  },
  {
    key: "with-clutter",
    name: "with-clutter",
    description: "As an editor left it",
    count: 2,
    files: {
      [`${at}/with-clutter/SKILL.md`]: named("with-clutter", "As an editor left it"),
      [`${at}/with-clutter/a.md`]: "a\n",
      ...Object.fromEntries(
        ["a.md~", ".a.md.swp", "a.md.swp", "#a.md#", ".DS_Store", ".git/HEAD", "kit.zip", "kit.tar.gz", "LICENSE.txt"]
          .map((name) => [`${at}/with-clutter/${name}`, "x"])
      )
    }
  },
  {
    key: "with-images",
    name: "with-images",
    description: "With pictures",
    count: 1,
    notes: ["2 files are left out: not text, or over 1 MiB"],
    files: {
      [`${at}/with-images/SKILL.md`]: named("with-images", "With pictures"),
      [`${at}/with-images/a.png`]: image,
      [`${at}/with-images/b.png`]: image
    }
  },
  {
    key: "write-tests",
    name: "write-tests",
    description: "Use when: tests are asked for",
    count: 1,
    notes: ["the front matter of SKILL.md is not valid YAML"],
    files: { [`${at}/write-tests/SKILL.md`]: named("write-tests", "Use when: tests are asked for") }
  }
]
