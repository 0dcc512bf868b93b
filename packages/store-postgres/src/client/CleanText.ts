import { Store } from "@muster/domain"
import type { Schema } from "effect"

/** A word that must not be empty, cleaned; `unknown` if nothing remains. */
export const cleanWord = (text: string): string => Store.cleanText(text) || "unknown"

/** A value as the text of a `jsonb` parameter, every string in it cleaned. */
export const jsonText = (value: Schema.Json): string => JSON.stringify(Store.cleanJson(value))
