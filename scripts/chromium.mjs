// Makes sure that a Chromium is on this machine; the console's tests drive it.
import { ensureProduct } from "./debian.mjs"

/** Installs Chromium where it is missing and that can be done, else ends with one sentence. */
export const ensureChromium = () => {
  if (process.env.MUSTER_TEST_CHROMIUM) return
  ensureProduct({
    product: "Chromium",
    programs: ["chromium"],
    // As in the tests, see packages/console/test/support/Browser.ts.
    folders: () => ["/usr/bin", "/usr/local/bin", "/snap/bin"],
    debianPackage: "chromium",
    around: (install) => install(),
    missing:
      "The tests of the console need Chromium on PATH: install your system's package \"chromium\", or set MUSTER_TEST_CHROMIUM to a program of Chromium or Chrome.",
    notFound: "Chromium was installed, but is neither on PATH nor in the usual folders."
  })
}
