import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  Client,
  EmbedBuilder,
  Events,
  GatewayIntentBits,
  type Interaction,
  MessageFlags,
  SlashCommandBuilder,
} from 'discord.js'
import type { Sandbox } from '../../src/sandbox/index.ts'
import { picture } from './picture.ts'

export const COMMANDS = [
  new SlashCommandBuilder()
    .setName('chart')
    .setDescription('A stock as a picture')
    .setDescriptionLocalizations({ ko: '종목을 그림으로 봅니다' })
    .addStringOption((o) =>
      o
        .setName('symbol')
        .setDescription('Code or name')
        .setDescriptionLocalizations({ ko: '종목 코드나 이름' })
        .setRequired(true)
        .setAutocomplete(true),
    )
    .addIntegerOption((o) =>
      o
        .setName('size')
        .setDescription('How large')
        .addChoices({ name: 'small', value: 1 }, { name: 'large', value: 2 }),
    ),
  new SlashCommandBuilder()
    .setName('slow')
    .setDescription('Thinks first, then answers with a picture')
    .setDescriptionLocalizations({ ko: '생각한 뒤 그림으로 답합니다' }),
  new SlashCommandBuilder()
    .setName('secret')
    .setDescription('Only you see the answer')
    .setDescriptionLocalizations({ ko: '나만 볼 수 있는 답' }),
  new SlashCommandBuilder()
    .setName('menu')
    .setDescription('A message with buttons')
    .setDescriptionLocalizations({ ko: '버튼이 있는 메시지' }),
  new SlashCommandBuilder()
    .setName('silent')
    .setDescription('Never answers')
    .setDescriptionLocalizations({ ko: '답하지 않습니다' }),
].map((builder) => builder.toJSON())

const SYMBOLS = [
  { name: '코아시아 (038530)', value: '038530' },
  { name: 'Samsung Electronics (005930)', value: '005930' },
]

export const newClient = (sandbox: Sandbox, rest: object = {}): Client<true> =>
  new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    rest: { api: sandbox.apiUrl, cdn: sandbox.cdnUrl, ...rest },
  }) as Client<true>

/** Logs an untouched discord.js client in. */
export const login = async (sandbox: Sandbox, client = newClient(sandbox)): Promise<Client<true>> => {
  const ready = new Promise((done) => client.once(Events.ClientReady, done))
  await client.login(sandbox.token)
  await ready
  return client
}

/** Starts a small bot that has one command for each way of answering. */
export const startBot = async (sandbox: Sandbox): Promise<Client<true>> => {
  const client = newClient(sandbox)
  client.on('error', () => {})
  client.on(Events.InteractionCreate, (interaction) => void respond(interaction))
  await login(sandbox, client)
  await client.application.commands.set(COMMANDS)
  return client
}

const respond = async (interaction: Interaction): Promise<unknown> => {
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused().toLowerCase()
    return interaction.respond(SYMBOLS.filter(({ name }) => name.toLowerCase().includes(typed)))
  }
  if (interaction.isButton()) {
    if (interaction.customId === 'again')
      return interaction.update({ content: `pressed by ${interaction.user.username}`, components: [] })
    return interaction.reply({ content: 'just for you', flags: MessageFlags.Ephemeral })
  }
  if (!interaction.isChatInputCommand()) return
  const ko = interaction.locale === 'ko'
  if (interaction.commandName === 'chart') {
    const symbol = interaction.options.getString('symbol', true)
    return interaction.reply({
      embeds: [chartEmbed(ko ? `${symbol} 차트` : `Chart of ${symbol}`)],
      files: [{ attachment: await picture(), name: 'chart.png', description: `chart of ${symbol}` }],
    })
  }
  if (interaction.commandName === 'slow') {
    await interaction.deferReply()
    const file = { attachment: await picture(), name: 'late.png', description: 'a late picture' }
    await interaction.editReply({ content: ko ? '다 됐습니다' : 'done thinking', files: [file] })
    return interaction.followUp('and one more thing')
  }
  if (interaction.commandName === 'secret')
    return interaction.reply({ content: ko ? '비밀입니다' : 'a secret', flags: MessageFlags.Ephemeral })
  if (interaction.commandName === 'menu') {
    const row = new ActionRowBuilder<ButtonBuilder>().addComponents(
      new ButtonBuilder().setCustomId('again').setLabel('Again').setStyle(ButtonStyle.Primary),
      new ButtonBuilder().setCustomId('mute').setLabel('Mute').setStyle(ButtonStyle.Secondary),
      new ButtonBuilder().setCustomId('stop').setLabel('Stop').setStyle(ButtonStyle.Danger),
      new ButtonBuilder().setURL('https://example.com/').setLabel('Open').setStyle(ButtonStyle.Link),
    )
    return interaction.reply({ content: 'choose', components: [row] })
  }
}

export const chartEmbed = (title: string): EmbedBuilder =>
  new EmbedBuilder()
    .setTitle(title)
    .setColor(0xe0443e)
    .setAuthor({ name: 'KRX · 1 minute' })
    .setDescription('**+4.2 %** in one minute, volume `31×` the usual. <t:1767225600:t>')
    .addFields(
      { name: 'Volume', value: '120,431', inline: true },
      { name: 'Usual', value: '3,885', inline: true },
      { name: 'Rank', value: '3rd of 7,620', inline: true },
    )
    .setImage('attachment://chart.png')
    .setFooter({ text: 'SIMULATED' })
