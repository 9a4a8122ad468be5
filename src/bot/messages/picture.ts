import type { APIEmbed, AttachmentPayload } from 'discord.js'
import type { Log } from '../../log.ts'
import type { Chart, Charts } from '../charts/charts.ts'
import { loggable } from '../discord/api-errors.ts'
import { clip, LIMITS } from '../render/limits.ts'

/** The part of a message that shows an embed, with its picture where one could be drawn. */
export interface Pictured {
  readonly embeds: APIEmbed[]
  readonly files: AttachmentPayload[]
}

/** Puts the chart, where there is one, into the embed. A picture that cannot be drawn does not stop the words: they go alone, and the failure is logged. */
export const withPicture = async (
  embed: APIEmbed,
  chart: (() => Chart) | null,
  name: string,
  { charts, log }: { charts: Charts; log: Log },
): Promise<Pictured> => {
  if (chart === null) return { embeds: [embed], files: [] }
  try {
    const drawn = chart()
    const attachment = await charts.png(drawn)
    return {
      embeds: [{ ...embed, image: { url: `attachment://${name}` } }],
      files: [{ attachment, name, description: clip(drawn.alt, LIMITS.alt) }],
    }
  } catch (error) {
    log.error({ err: loggable(error), picture: name }, 'chart not drawn; the message goes without it')
    return { embeds: [embed], files: [] }
  }
}
