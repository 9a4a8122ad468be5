import { createCanvas } from '@napi-rs/canvas'

export const SIZE = { width: 800, height: 400 }

/** Draws a PNG that looks a little like a chart. */
export const picture = async (): Promise<Buffer> => {
  const canvas = createCanvas(SIZE.width, SIZE.height)
  const context = canvas.getContext('2d')
  context.fillStyle = '#1e1f22'
  context.fillRect(0, 0, SIZE.width, SIZE.height)
  for (let bar = 0; bar < 40; bar += 1) {
    const up = (bar * 7) % 3 !== 0
    context.fillStyle = up ? '#e0443e' : '#3b82f6'
    context.fillRect(10 + bar * 19, 200 - bar * 3 - ((bar * 13) % 40), 12, 20 + ((bar * 17) % 60))
  }
  return canvas.toBuffer('image/png')
}
