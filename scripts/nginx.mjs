// Makes sure that nginx is on this machine; the tests start their own one in front of their own servers.
import { ensureProduct, withoutService } from "./debian.mjs"

/** Installs nginx where it is missing and that can be done, else ends with one sentence. */
export const ensureNginx = () =>
  ensureProduct({
    product: "nginx",
    programs: ["nginx"],
    // As Nginx.ts has it.
    folders: () => ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin"],
    debianPackage: "nginx-light",
    around: withoutService("nginx"),
    missing: "The tests need the program nginx (with TLS) on PATH: install your system's package \"nginx\".",
    notFound: "nginx was installed, but is neither on PATH nor in the usual folders."
  })

/** Installs OpenSSL's program, which makes the certificates of the tests. */
export const ensureOpenssl = () =>
  ensureProduct({
    product: "OpenSSL",
    programs: ["openssl"],
    folders: () => ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"],
    debianPackage: "openssl",
    around: (install) => install(),
    missing: "The tests need the program openssl on PATH: install your system's package \"openssl\".",
    notFound: "OpenSSL was installed, but openssl is neither on PATH nor in the usual folders."
  })
