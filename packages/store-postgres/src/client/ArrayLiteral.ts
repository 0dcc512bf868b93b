/**
 * A PostgreSQL array as the text of one parameter (`${arrayOf(ids)}::uuid[]`), so that a statement has the same text
 * for any number of elements. Only for words without quotes, commas, braces or backslashes: ids, hashes and numbers.
 */
export const arrayOf = (words: Iterable<string | number>): string => `{${[...words].join(",")}}`
