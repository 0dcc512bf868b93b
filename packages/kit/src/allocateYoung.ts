import { setFlagsFromString } from "node:v8"

/**
 * Lets V8 allocate the objects of JavaScript in the young generation, whatever it learned of them, for all of this process from now on. Where the
 * objects of one place in the code outlive collections, V8 allocates further ones in the old generation, for good. When a fleet has
 * registered, those are objects of every request: as garbage they keep alive what they refer to, so collections take five times as
 * long (docs/performance.md, "Many runtimes").
 */
export const allocateYoung = (): void => setFlagsFromString("--no-allocation-site-pretenuring")
