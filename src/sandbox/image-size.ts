export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** Reads width and height from the first bytes of a PNG, GIF or JPEG; null for any other file. */
export const imageSize = (bytes: Uint8Array): ImageSize | null => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length >= 24 && view.getUint32(0) === 0x89504e47)
    return { width: view.getUint32(16), height: view.getUint32(20) }
  if (bytes.length >= 10 && view.getUint32(0) === 0x47494638)
    return { width: view.getUint16(6, true), height: view.getUint16(8, true) }
  if (bytes.length >= 4 && view.getUint16(0) === 0xffd8) return jpegSize(view)
  return null
}

/** A JPEG is a chain of segments; its start-of-frame segment (C0…CF without C4, C8, CC) holds the size. */
const jpegSize = (view: DataView): ImageSize | null => {
  let at = 2
  while (at + 9 < view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1)
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (frame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    at += 2 + view.getUint16(at + 2)
  }
  return null
}

const SAFE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
}

/**
 * The media type under which the browser may show a file, or null if it may only download it. Only pictures are shown,
 * so that an uploaded page cannot run.
 */
export const shownType = (filename: string): string | null =>
  SAFE_TYPES[filename.slice(filename.lastIndexOf('.') + 1).toLowerCase()] ?? null
