import { answer, defer } from '../src/bot/interaction/answer.ts'
import type { Command } from '../src/bot/interaction/command.ts'
import { managedCommand } from '../src/bot/interaction/guild-command.ts'
import { marketOf } from '../src/bot/interaction/market-option.ts'
import { chosenStock, completeSymbolOrMarket, symbolOption, typedSymbol } from '../src/bot/interaction/symbol-option.ts'
import { UserError } from '../src/bot/locale/user-error.ts'
import { listingLabel } from '../src/bot/render/stock.ts'

export const unwatch: Command = {
  data: managedCommand('unwatch').addStringOption(symbolOption).toJSON(),

  async run(interaction, { read, watching, texts }) {
    await defer(interaction)
    const market = marketOf(typedSymbol(interaction))
    if (market !== null) {
      const name = texts.markets[market]
      if (!(await watching.unwatchMarket(interaction.channelId, market)))
        throw new UserError(({ unwatch, markets }) => unwatch.marketNotWatched(markets[market]))
      await answer(interaction, { content: texts.unwatch.marketDone(name) })
      return
    }
    const resolved = await read.resolve(typedSymbol(interaction))
    // A stock that is no longer listed can still be unwatched.
    const symbol = resolved.kind === 'found' ? resolved.listing.symbol : typedSymbol(interaction).trim().toUpperCase()
    if (!(await watching.unwatch(interaction.channelId, symbol))) {
      await chosenStock(interaction, read)
      throw new UserError(({ unwatch }) => unwatch.notWatched(symbol))
    }
    await answer(interaction, {
      content: texts.unwatch.done(resolved.kind === 'found' ? listingLabel(resolved.listing, texts) : symbol),
    })
  },

  complete: completeSymbolOrMarket,
}
