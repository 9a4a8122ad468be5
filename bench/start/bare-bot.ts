/**
 * The least bot: discord.js in the same process as a local Discord, without a database and a market. Its only command
 * answers with a fixed embed. Says where the local Discord is, as the real bot does.
 */
import { ApplicationCommandOptionType, Client, Events, GatewayIntentBits } from 'discord.js'
import { openSandbox } from '../../src/sandbox/index.ts'

const sandbox = await openSandbox({ port: 0 })
const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: sandbox.apiUrl } })
client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isChatInputCommand()) await interaction.reply({ embeds: [{ title: 'an answer' }] })
})
const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve))
await client.login(sandbox.token)
await ready
const symbol = { name: 'symbol', description: 'is not looked at', type: ApplicationCommandOptionType.String } as const
await client.application?.commands.set([{ name: 'chart', description: 'answers', options: [symbol] }])
console.log(`open ${sandbox.url}`)
