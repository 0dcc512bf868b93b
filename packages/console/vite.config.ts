import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"
import { defineConfig, type Plugin } from "vite"

/** Writes compressed versions of each file, so that the server does not compress. */
const compressed: Plugin = {
  name: "compressed",
  writeBundle({ dir = "" }) {
    const assets = join(dir, "assets")
    for (const name of readdirSync(assets)) {
      const path = join(assets, name)
      const bytes = readFileSync(path)
      const brotli = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }
      writeFileSync(`${path}.br`, brotliCompressSync(bytes, brotli))
      writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
    }
  }
}

const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as {
  readonly version: string
}

export default defineConfig({
  define: { MUSTER_VERSION: JSON.stringify(version) },
  plugins: [compressed],
  publicDir: false,
  build: {
    target: "es2023",
    emptyOutDir: true,
    // The content security policy allows `data:` only for images, and separate files are cached permanently.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      // Directives of server rendering, which the console does not use.
      onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" ? undefined : warn(warning)
    }
  }
})
