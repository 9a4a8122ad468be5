import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A file in a folder of its own that is gone after the test. */
export const tempFile = (name: string, content: string | Uint8Array): string => {
  const path = join(tempFolder(), name)
  writeFileSync(path, content)
  return path
}

export const tempFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'minutewatch-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
