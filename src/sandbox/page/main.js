import { api } from './api.js'
import { ChannelView } from './channel-view.js'
import { Composer } from './composer.js'
import { byId, el } from './dom.js'
import { Gateway } from './gateway.js'
import { chooseLanguage, labelPage, language, t } from './language.js'
import { nameOf } from './message.js'
import { openModal } from './modal.js'
import { drawSidebar, openSidebar } from './sidebar.js'
import { discordLocale } from './texts.js'
import { refreshRelative } from './time.js'

const BANNER_KEY = 'banner-closed'
const page = { guilds: [], users: new Map(), applicationId: null, commands: [], channel: null, unread: new Set() }
const channels = () => page.guilds.flatMap((guild) => guild.channels)
const completions = new Map()
let serial = 0
const newNonce = () => {
  serial += 1
  return `${Date.now()}${serial}`
}

const names = {
  user: (id) => (page.users.has(id) ? nameOf(page.users.get(id)) : id),
  channel: (id) => channels().find((channel) => channel.id === id)?.name ?? id,
}
const view = new ChannelView(names, {
  press: (message, part, values) =>
    ask({
      type: 3,
      message_id: message.id,
      data: { component_type: part.type, custom_id: part.custom_id, ...(values ? { values } : {}) },
    }),
  dismiss: (message) => {
    view.drop(message.id)
    composer.focus()
  },
})
const composer = new Composer({
  commands: () => page.commands,
  channels: () => channels().map(({ id, name }) => ({ name: `#${name}`, value: id })),
  say: (content) => api.post(`/channels/${page.channel.id}/messages`, { content }).catch(complain),
  run: (command, options, text) =>
    ask({ type: 2, data: { id: command.id, name: command.name, type: 1, options } }, text),
  complete,
})
const gateway = new Gateway(handleEvent, (up) => {
  byId('connection').textContent = up ? '' : t().reconnecting
})

function complain(error) {
  composer.complain(error.message)
}

/** Sends an interaction to the bot. For a command, the channel shows its text until the bot has answered. */
async function ask(body, text = null) {
  const nonce = newNonce()
  if (text) view.pending(nonce, { channelId: page.channel.id, text, failed: false })
  try {
    await api.post('/interactions', { ...addressed(), nonce, ...body })
  } catch (error) {
    view.pending(nonce, null)
    complain(error)
  }
  return nonce
}

const addressed = () => ({
  application_id: page.applicationId,
  guild_id: page.channel.guild_id,
  channel_id: page.channel.id,
  ...(gateway.sessionId ? { session_id: gateway.sessionId } : {}),
})

/** Asks the bot for choices for the text that is being typed; null if it does not answer in time. */
async function complete(command, options) {
  const nonce = newNonce()
  const answer = new Promise((resolve) => {
    completions.set(nonce, resolve)
    setTimeout(() => resolve(null), 3_500)
  })
  await api.post('/interactions', {
    ...addressed(),
    nonce,
    type: 4,
    data: { id: command.id, name: command.name, type: 1, options },
  })
  const choices = await answer
  completions.delete(nonce)
  return choices
}

const EVENT_HANDLERS = {
  READY: start,
  MESSAGE_CREATE: receive,
  MESSAGE_UPDATE: receive,
  MESSAGE_DELETE: ({ id, channel_id }) => channel_id === page.channel?.id && view.drop(id),
  INTERACTION_CREATE: ({ id, nonce }) => {
    const state = view.pendingOf(nonce)
    if (state) state.id = id
  },
  INTERACTION_SUCCESS: ({ nonce }) => view.pending(nonce, null),
  INTERACTION_FAILURE: ({ nonce }) => {
    const state = view.pendingOf(nonce)
    if (state) view.pending(nonce, { ...state, failed: true })
    else if (!completions.has(nonce)) composer.complain(t().noAnswer)
  },
  APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE: ({ nonce, choices }) => completions.get(nonce)?.(choices),
  INTERACTION_MODAL_CREATE: (modal) =>
    openModal(modal, (components) => ask({ type: 5, data: { custom_id: modal.custom_id, components } })),
  GUILD_APPLICATION_COMMAND_INDEX_UPDATE: () => readCommands(),
  GUILD_CREATE: (guild) => setGuild(guild.id, guild),
  GUILD_DELETE: ({ id, unavailable }) => unavailable || setGuild(id, null),
  CHANNEL_CREATE: () => readGuilds(),
  CHANNEL_UPDATE: () => readGuilds(),
  CHANNEL_DELETE: () => readGuilds(),
}

function handleEvent(event, data) {
  EVENT_HANDLERS[event]?.(data)
}

/** Loads everything after the first connection, and after every one that could not be resumed. */
async function start({ guilds, user, application }) {
  page.applicationId = application.id
  page.guilds = guilds
  page.users.set(user.id, user)
  for (const guild of guilds) for (const member of guild.members) page.users.set(member.user.id, member.user)
  await Promise.all([sendLanguage(), readCommands()])
  const remembered = decodeURIComponent(location.hash.slice(1))
  await open(channels().find(({ id }) => id === (page.channel?.id ?? remembered)) ?? channels()[0])
}

function setGuild(id, guild) {
  const others = page.guilds.filter((one) => one.id !== id)
  const at = page.guilds.findIndex((one) => one.id === id)
  page.guilds = guild === null ? others : at === -1 ? [...others, guild] : page.guilds.with(at, guild)
  updateChannels()
}

async function readGuilds() {
  const guilds = await api.get('/users/@me/guilds')
  page.guilds = await Promise.all(
    guilds.map(async (guild) => ({
      ...page.guilds.find(({ id }) => id === guild.id),
      ...guild,
      channels: await api.get(`/guilds/${guild.id}/channels`),
    })),
  )
  updateChannels()
}

function updateChannels() {
  if (page.channel && !channels().some(({ id }) => id === page.channel.id)) open(channels()[0])
  else drawSidebar(page, open)
}

async function readCommands() {
  if (!page.applicationId) return
  const everywhere = api.get(`/applications/${page.applicationId}/commands`)
  const here = page.guilds.map((guild) => api.get(`/applications/${page.applicationId}/guilds/${guild.id}/commands`))
  page.commands = (await Promise.all([...here, everywhere])).flat().filter(({ type }) => type === 1)
  composer.refresh()
}

async function open(channel) {
  openSidebar(false)
  if (!channel) return
  page.channel = channel
  page.unread.delete(channel.id)
  history.replaceState(null, '', `#${channel.id}`)
  drawTexts()
  try {
    const messages = await api.get(`/channels/${channel.id}/messages?limit=100`)
    if (page.channel === channel) view.show(channel, messages.reverse())
  } catch (error) {
    complain(error)
  }
}

function receive(message) {
  if (message.channel_id === page.channel?.id) view.put(message)
  else {
    page.unread.add(message.channel_id)
    drawSidebar(page, open)
  }
}

/** Sets the visitor's language, and that of the alerts in the guild. */
const sendLanguage = () => {
  const locale = discordLocale[language()]
  const guilds = page.guilds.filter((guild) => guild.preferred_locale !== locale)
  return Promise.all([
    api.patch('/users/@me/settings', { locale }),
    ...guilds.map((guild) =>
      api
        .patch(`/guilds/${guild.id}`, { preferred_locale: locale })
        .then(() => Object.assign(guild, { preferred_locale: locale })),
    ),
  ]).catch(complain)
}

function drawTexts() {
  labelPage()
  const { channel } = page
  document.title = channel ? `#${channel.name} · Local Discord` : 'Local Discord'
  byId('channel-name').textContent = channel?.name ?? ''
  byId('channel-topic').textContent = channel?.topic ?? ''
  byId('self-name').textContent = t().you
  byId('input-label').textContent = t().write
  byId('input').placeholder = channel ? t().placeholder(channel.name) : ''
  byId('newest').textContent = t().newest
  const [before, between, after] = t().banner
  byId('banner-text').replaceChildren(before, el('code', {}, '.env'), between, el('code', {}, 'DISCORD_TOKEN'), after)
  byId('banner').hidden = localStorage.getItem(BANNER_KEY) !== null
  drawSidebar(page, open)
}

for (const button of document.querySelectorAll('[data-locale]'))
  button.addEventListener('click', async () => {
    chooseLanguage(button.dataset.locale)
    drawTexts()
    view.redraw()
    await sendLanguage()
    await readCommands()
  })
// Keys that are typed anywhere go into the message field, as at Discord.
document.addEventListener('keydown', ({ target, key, ctrlKey, metaKey, altKey }) => {
  const busy = target.closest('input, textarea, select, dialog') || (key === ' ' && target.closest('button, a'))
  if (key.length === 1 && !busy && !ctrlKey && !metaKey && !altKey) composer.focus()
})
byId('banner-close').addEventListener('click', () => {
  localStorage.setItem(BANNER_KEY, '1')
  byId('banner').hidden = true
})
setInterval(refreshRelative, 15_000)
// Text that was drawn before the Korean font arrived would still show empty boxes.
document.fonts.addEventListener('loadingdone', () => {
  for (const button of document.querySelectorAll('[data-locale]')) button.replaceChildren(button.textContent)
  drawTexts()
  view.redraw()
})
drawTexts()
gateway.connect()
if (matchMedia('(min-width: 721px)').matches) composer.focus()
