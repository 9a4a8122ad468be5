import type { APIEmbed } from 'discord.js'
import type { Texts } from '../locale/texts.ts'
import { fitEmbed } from './limits.ts'
import { COLOURS } from './stock.ts'

/** How often a channel is alerted beside how often it asked to be. */
export interface SensitivityView {
  readonly alertsPerWeek: number
  readonly changed: boolean
  readonly stocks: number
  /** Alerts of those stocks posted here about the last seven days of the market. */
  readonly sent: number
}

export const sensitivityEmbed = ({ alertsPerWeek, changed, stocks, sent }: SensitivityView, texts: Texts): APIEmbed => {
  const { format, sensitivity } = texts
  const perWeek = format.plain(alertsPerWeek)
  return fitEmbed({
    title: sensitivity.title,
    description: changed ? sensitivity.set(perWeek) : sensitivity.current(perWeek),
    color: COLOURS.info,
    fields: [
      {
        name: sensitivity.realised,
        value:
          stocks === 0
            ? sensitivity.nothingWatched
            : sensitivity.realisedValue(format.count(sent), format.plain(alertsPerWeek * stocks), format.count(stocks)),
      },
    ],
  })
}
