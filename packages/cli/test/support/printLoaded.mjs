// Preloaded into a process: prints to stderr which of the workspace's modules it loads.
import { registerHooks } from "node:module"

registerHooks({
  load(url, context, next) {
    if (/packages\/[^/]+\/src/.test(url)) process.stderr.write(`loaded ${url}\n`)
    return next(url, context)
  }
})
