import type { APIEmbed } from 'discord.js'
import type { ChannelNumberView } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { fitEmbed } from './limits.ts'
import { COLOURS } from './stock.ts'

/** A channel's number of alerts a day, beside the expected and the realised number. */
export interface SensitivityView extends ChannelNumberView {
  readonly alertsPerDay: number
  readonly changed: boolean
  /** The channel's former number, in alerts a stock and week; null once the channel has seen the conversion. */
  readonly wasPerWeek: number | null
  /** The result of that conversion, even if the channel asks for another number now. */
  readonly convertedTo: number
}

export const sensitivityEmbed = (view: SensitivityView, texts: Texts): APIEmbed => {
  const { alertsPerDay, changed, wasPerWeek, convertedTo, stocks, expected, most, realised } = view
  const { format, sensitivity } = texts
  const perDay = format.plain(alertsPerDay)
  const lines = [
    changed ? sensitivity.set(perDay) : sensitivity.current(perDay),
    ...(wasPerWeek === null ? [] : [sensitivity.converted(format.plain(wasPerWeek), format.plain(convertedTo))]),
  ]
  return fitEmbed({
    title: sensitivity.title,
    description: lines.join('\n'),
    color: COLOURS.info,
    fields: [
      {
        name: sensitivity.expected,
        value:
          stocks === 0
            ? sensitivity.nothingWatched
            : sensitivity.expectedValue(format.plain(expected), format.count(stocks), format.count(most)),
      },
      {
        name: sensitivity.realised,
        value:
          realised === null
            ? sensitivity.notYet
            : sensitivity.realisedValue(
                format.plain(Number(realised.perDay.toPrecision(2))),
                format.count(realised.sessions),
              ),
      },
    ],
  })
}
