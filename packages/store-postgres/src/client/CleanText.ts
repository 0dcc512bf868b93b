import { Store } from "@muster/domain"
import type { Schema } from "effect"

/** A word that may not be empty, cleaned; `unknown` where nothing is left of it. */
export const cleanWord = (text: string): string => Store.cleanText(text) || "unknown"

/** A value as the text of a `jsonb` parameter, every string in it cleaned. */
export const jsonText = (value: Schema.Json): string => JSON.stringify(Store.cleanJson(value))
