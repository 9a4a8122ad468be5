import { fileURLToPath } from 'node:url'
import type { GlobalFonts } from '@napi-rs/canvas'
import { FONT_FAMILY } from './theme.ts'

/** The font files themselves, because the package's entry point is made for bundlers. */
const FILES = [
  '@expo-google-fonts/nanum-gothic/400Regular/NanumGothic_400Regular.ttf',
  '@expo-google-fonts/nanum-gothic/700Bold/NanumGothic_700Bold.ttf',
]

/** Registers the Korean font once a process, because a bare machine has no font. */
export const registerFonts = (fonts: typeof GlobalFonts): void => {
  if (fonts.has(FONT_FAMILY)) return
  for (const file of FILES) {
    const path = fileURLToPath(import.meta.resolve(file))
    if (fonts.registerFromPath(path, FONT_FAMILY) === null) throw new Error(`${path} is not a font that can be read`)
  }
}
