import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command } from '../src/bot/interaction/command.ts'
import { guildCommand } from '../src/bot/interaction/guild-command.ts'
import { watchlistEmbed } from '../src/bot/render/watchlist.ts'

export const watchlist: Command = {
  data: guildCommand('watchlist').toJSON(),

  async run(interaction, { read, texts }) {
    await defer(interaction)
    const { channelId, guildId } = interaction
    const [entries, markets, settings] = await Promise.all([
      read.watchlist(channelId),
      read.watchedMarkets(channelId),
      read.settings(channelId, guildId),
    ])
    await answer(interaction, { embeds: [watchlistEmbed(entries, markets, settings.pausedReason !== null, texts)] })
  },
}
