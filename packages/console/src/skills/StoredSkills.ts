import { type Api, Kinds } from "@muster/domain"
import { Option, Schema } from "effect"
import { store, stored } from "../ui/Storage.ts"

/** The skills of a machine and when they were listed (epoch ms). */
const ListedSkills = Schema.Struct({ ...Kinds.LocalSkillList.result.fields, at: Schema.Finite })
type ListedSkills = typeof ListedSkills.Type

const Text = Schema.fromJsonString(ListedSkills)
const read = Schema.decodeUnknownOption(Text)
const write = Schema.encodeSync(Text)

/** The maximum length of a stored list, in characters: the browser's storage is small. Longer lists are not stored. */
const maxStoredLength = 500_000

/** The key is the daemon and the provider, which stay the same if the runtime is deleted and registered again. */
const keyOf = ({ daemonId, provider }: Pick<Api.RuntimeRecord, "daemonId" | "provider">) =>
  `skills:${daemonId ?? ""}:${provider}`

export const recallSkills = (runtime: Parameters<typeof keyOf>[0]): ListedSkills | undefined =>
  Option.getOrUndefined(read(stored(keyOf(runtime))))

export const rememberSkills = (runtime: Parameters<typeof keyOf>[0], listed: ListedSkills): void => {
  const text = write(listed)
  if (text.length <= maxStoredLength) store(keyOf(runtime), text)
}
