import { Kinds, type RequestKind } from "@muster/domain"

/** A kind of which hundreds may wait for one runtime. */
export const Many: RequestKind.RequestKind = {
  ...Kinds.ModelList,
  name: "many",
  terms: { ...Kinds.ModelList.terms, admission: { _tag: "Many", max: 500 } }
}
