import type { APIEmbed } from 'discord.js'
import type { Texts } from '../locale/texts.ts'
import { fitEmbed } from './limits.ts'
import { COLOURS } from './stock.ts'

export const helpEmbed = (texts: Texts): APIEmbed => {
  const { help, commands } = texts
  const lines = Object.entries(commands).map(([name, description]) => `\`/${name}\` ${description}`)
  return fitEmbed({
    title: help.title,
    description: help.what,
    color: COLOURS.info,
    fields: [
      { name: help.howTitle, value: help.how },
      { name: help.commandsTitle, value: lines.join('\n') },
      { name: help.notesTitle, value: help.notes },
    ],
  })
}
