import type { Api } from "@muster/domain"
import { findNamed } from "../api/findNamed.ts"

const where = "in the workspace"

/** Finds a machine by id, name or the first characters of its id. */
export const findMachine = (machines: ReadonlyArray<Api.MachineRecord>, asked: string) =>
  findNamed({ word: "machine", list: "muster machines list", where }, machines, asked)

/** Finds a join key by id, name or the first characters of its id. */
export const findKey = <A extends { readonly id: string; readonly name: string }>(
  keys: ReadonlyArray<A>,
  asked: string
) => findNamed({ word: "key", list: "muster machines keys list", where }, keys, asked)
