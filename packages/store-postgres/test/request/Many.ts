import { ModelList, type RequestKind } from "@muster/domain"

/** A kind of which hundreds may wait for one runtime. */
export const Many: RequestKind = {
  ...ModelList,
  name: "many",
  terms: { ...ModelList.terms, admission: { _tag: "Many", most: 500 } }
}
