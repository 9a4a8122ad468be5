import { createCanvas, GlobalFonts } from '@napi-rs/canvas'
import { type ChartItem, Chart as ChartJs } from 'chart.js/auto'
import type { Drawing } from './canvas.ts'
import { registerFonts } from './fonts.ts'
import { COLOR, PIXEL_RATIO } from './theme.ts'

/** The drawing thread: one canvas for all pictures, one picture at a time. */
registerFonts(GlobalFonts)
const canvas = createCanvas(1, 1)

/** Draws one picture as PNG. */
export default ({ config, width, height }: Drawing): Buffer => {
  canvas.width = width
  canvas.height = height
  const item = canvas as unknown as ChartItem
  try {
    // The constructor draws at once, as nothing moves or resizes. It writes into the configuration, which is this
    // thread's copy.
    new ChartJs(item, { ...config, options: { ...config.options, devicePixelRatio: PIXEL_RATIO } })
    const context = canvas.getContext('2d')
    context.globalCompositeOperation = 'destination-over'
    context.fillStyle = COLOR.background
    context.fillRect(0, 0, width, height)
    return canvas.encodeSync('png')
  } finally {
    // A chart whose constructor threw holds the canvas all the same.
    ChartJs.getChart(item)?.destroy()
  }
}
