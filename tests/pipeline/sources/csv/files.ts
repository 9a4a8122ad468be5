import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Writes a file into a temporary folder that is removed after the test. */
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
