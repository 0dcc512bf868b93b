/** Folders of dependencies and caches, which their tools can create again. */
const foreignFolder = new RegExp(
  [
    "node_modules",
    "bower_components",
    "jspm_packages",
    "__pycache__",
    "__pypackages__",
    "__MACOSX",
    "site-packages",
    "venv",
    ".*\\.(egg|dist)-info"
  ].map((name) => `^${name}$`).join("|"),
  "i"
)

/** Archives, compiled code, and leftovers of editors and file managers. */
const foreignFile = new RegExp(
  [
    "\\.(zip|tar|tgz|tbz2?|txz|gz|bz2|xz|zst|lz4|7z|rar|jar|war|whl|egg|skill)$",
    "\\.(pyc|pyo|class|o|obj)$",
    "\\.sw[n-p]$",
    "~$",
    "^#.*#$",
    "^(Thumbs\\.db|desktop\\.ini|Icon\\r)$",
    "^licen[sc]e(\\.|-|$)"
  ].join("|"),
  "i"
)

/** Whether a folder within a skill belongs to it, by its name. */
export const isFolder = (name: string): boolean => !name.startsWith(".") && !foreignFolder.test(name)

/** Whether a file within a skill belongs to it, by its name. */
export const isFile = (name: string): boolean => !name.startsWith(".") && !foreignFile.test(name)

/** Whether a file belongs to its skill, by its path as `SkillPath.filePath` leaves it. */
export const isPart = (path: string): boolean => {
  const parts = path.split("/")
  return isFile(parts.at(-1)!) && parts.slice(0, -1).every(isFolder)
}
