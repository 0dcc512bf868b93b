import { storedInTab, storeInTab } from "../ui/Storage.ts"

/** Where a tab keeps the fragment of its address while the person is at the sign-in provider. */
const key = "fragment"

/** Keeps the fragment, which can contain the secret of a link, in this tab: it is sent to no server. */
export const keepFragment = () => {
  if (location.hash !== "") storeInTab(key, location.hash)
}

/** Restores a kept fragment when the person has come back. */
export const restoreFragment = () => {
  const kept = storedInTab(key)
  storeInTab(key, undefined)
  if (kept !== undefined && location.hash === "") {
    history.replaceState(null, "", location.pathname + location.search + kept)
  }
}
