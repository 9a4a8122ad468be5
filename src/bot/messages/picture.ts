import type { APIEmbed, AttachmentPayload } from 'discord.js'
import type { Log } from '../../log.ts'
import type { Chart, Charts } from '../charts/charts.ts'
import { loggable } from '../discord/api-errors.ts'
import { clip, LIMITS } from '../render/limits.ts'

/** The part of a message that shows an embed, with its picture if one could be drawn. */
export interface EmbedWithPicture {
  readonly embeds: APIEmbed[]
  readonly files: AttachmentPayload[]
}

/**
 * Draws the chart, if there is one, into the embed. If drawing fails, the embed goes without a picture and the failure
 * is logged.
 */
export const withPicture = async (
  embed: APIEmbed,
  chart: (() => Chart) | null,
  name: string,
  { charts, log }: { charts: Charts; log: Log },
): Promise<EmbedWithPicture> => {
  if (chart === null) return { embeds: [embed], files: [] }
  try {
    const drawing = chart()
    const attachment = await charts.png(drawing)
    return {
      embeds: [{ ...embed, image: { url: `attachment://${name}` } }],
      files: [{ attachment, name, description: clip(drawing.alt, LIMITS.alt) }],
    }
  } catch (error) {
    log.error({ err: loggable(error), picture: name }, 'chart not drawn; the message goes without it')
    return { embeds: [embed], files: [] }
  }
}
