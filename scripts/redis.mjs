// Makes sure that the programs of a Redis server are on this machine; the tests start their own servers with them.
import { ensureProduct, withoutService } from "./debian.mjs"

/** Installs Redis where it is missing and that can be done, else ends with one sentence. */
export const ensureRedis = () =>
  ensureProduct({
    product: "Redis",
    programs: ["redis-server"],
    // Where systems and people usually put it. As RedisBinary.ts has it.
    folders: () => ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/redis/bin", "/snap/bin"],
    debianPackage: "redis-server",
    around: withoutService("redis-server"),
    missing:
      "The tests need the program of a Redis server (redis-server, version 7 or newer) on PATH: install your system's package \"redis\".",
    notFound: "Redis was installed, but redis-server is neither on PATH nor in the usual folders."
  })
