import { createCanvas, loadImage } from '@napi-rs/canvas'

interface Part {
  readonly from?: readonly [number, number]
  readonly to?: readonly [number, number]
}

export interface Pixels {
  readonly width: number
  readonly height: number
  /**
   * Middle and number of the pixels that differ from a colour `#rrggbb` by less than `reach`, inside a part of the
   * picture given in shares of it.
   */
  find(color: string, part?: Part, reach?: number): { count: number; x: number; y: number }
}

/** A PNG, decoded. */
export const pixelsOf = async (png: Buffer): Promise<Pixels> => {
  const image = await loadImage(png)
  const { width, height } = image
  const context = createCanvas(width, height).getContext('2d')
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, width, height)
  return {
    width,
    height,
    find(color, { from = [0, 0], to = [1, 1] }: Part = {}, reach = 12) {
      const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))
      let [count, sumX, sumY] = [0, 0, 0]
      for (let y = Math.floor(from[1] * height); y < Math.floor(to[1] * height); y++) {
        for (let x = Math.floor(from[0] * width); x < Math.floor(to[0] * width); x++) {
          const at = (y * width + x) * 4
          if (wanted.some((value, channel) => Math.abs(data[at + channel]! - value) > reach)) continue
          count++
          sumX += x
          sumY += y
        }
      }
      return { count, x: sumX / count / width, y: sumY / count / height }
    },
  }
}
