import { readFileSync, writeFileSync } from 'node:fs'

const BEGIN = '<!-- begin: npm run bench -- all --write -->'
const END = '<!-- end -->'

/** A table in Markdown. Rivals, which begin with spaces, keep their place below the row they belong to. */
const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replace(/^ {2}/, '↳ ').replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${head.map((_, at) => (at === 0 ? '---|' : '--:|')).join('')}`, ...rows.map(line)].join('\n')
}

/**
 * Replaces the measured part of a page by a table and a sentence about the machine.
 *
 * @throws {Error} if the page has no place for it
 */
export const writePage = (
  page: URL,
  machine: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void => {
  const text = readFileSync(page, 'utf8')
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`${page.pathname} has no lines "${BEGIN}" and "${END}"`)
  const measured = `${BEGIN}\n${machine}\n\n${markdown(head, rows)}\n`
  writeFileSync(page, text.slice(0, begin) + measured + text.slice(end))
}
