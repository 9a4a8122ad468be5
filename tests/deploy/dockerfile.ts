import { readFileSync } from 'node:fs'

const text = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found)
const one = (pattern: RegExp): string => {
  const [found, ...more] = all(pattern)
  if (found === undefined || more.length > 0) throw new Error(`expected ${pattern} once in the Dockerfile`)
  return found
}

/** The parts of the Dockerfile that the tests look at. */
export const dockerfile = {
  from: all(/^FROM (\S+)/gm),
  environment: Object.fromEntries(
    one(/^ENV (.+)$/gm)
      .split(' ')
      .map((pair) => pair.split('=')),
  ) as Readonly<Record<string, string>>,
  user: one(/^USER (.+)$/gm),
  healthcheck: JSON.parse(one(/^HEALTHCHECK .*CMD (\[.+\])$/gm)) as readonly string[],
  command: JSON.parse(one(/^CMD (\[.+\])$/gm)) as readonly string[],
}

/** The files and folders of this repository that the image gets, or that are used to build it. */
export const imageFiles: readonly string[] = [
  ...new Set(all(/^COPY (?!--from)(.+) \S+$/gm).flatMap((sources) => sources.split(' '))),
]
