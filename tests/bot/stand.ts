import { commands } from '../../commands/index.ts'
import type { Charts } from '../../src/bot/charts/charts.ts'
import { createClient, type Discord } from '../../src/bot/discord/client.ts'
import { registerCommands } from '../../src/bot/discord/register.ts'
import { createDispatcher, type Dispatcher } from '../../src/bot/interaction/dispatch.ts'
import { createLog } from '../../src/log.ts'
import type { ChannelSettings, Listing } from '../../src/pipeline/store/records.ts'
import type { Progress, Read, Resolved, Watching } from '../../src/pipeline/views/views.ts'
import { openSandbox, type Sandbox } from '../../src/sandbox/index.ts'
import {
  alertView,
  centersView,
  chartView,
  historyView,
  MINUTE_OF_ALERT,
  stock,
  summaryView,
  watchlistEntry,
} from './views.ts'

export const silent = createLog('silent')

/** One grey pixel. */
export const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
)
export const charts: Charts = { png: async () => PIXEL }

const LISTINGS: readonly Listing[] = [
  stock.listing,
  { symbol: '005930', name: '삼성전자', nameEn: 'Samsung Elec', market: 'KOSPI', warnings: [], nxtTradable: null },
]

/** The pipeline's read side with fixed answers; what a test names is answered otherwise. */
export const readStub = (own: Partial<Read> = {}): Read => ({
  now: () => MINUTE_OF_ALERT + 90_000,
  resolve: async (text): Promise<Resolved> => {
    const listing = LISTINGS.find(({ symbol, name }) => symbol === text.trim() || name === text.trim())
    if (listing) return { kind: 'found', listing }
    return /^\d{6}$/.test(text) ? { kind: 'unknown', suggestions: LISTINGS } : { kind: 'malformed', suggestions: [] }
  },
  suggest: (text, limit) =>
    LISTINGS.filter(({ symbol, name }) => symbol.includes(text) || name.includes(text)).slice(0, limit),
  summary: async () => summaryView,
  centers: async (_symbol, k, features) => ({ ...centersView, k, features, judging: features === 'model' }),
  history: async () => historyView,
  chart: async () => chartView,
  watchlist: async () => [watchlistEntry],
  channelNumber: async () => ({ stocks: 1, expected: 0.6, most: 18, realised: null }),
  settings: async (channelId, guildId) => settingsOf(channelId, guildId),
  alert: async () => alertView,
  ...own,
})

export const settingsOf = (channelId: string, guildId: string): ChannelSettings => ({
  channelId,
  guildId,
  locale: 'ko',
  alertsPerDay: 6,
  numberSince: null,
  wasPerWeek: null,
  pausedReason: null,
})

/** Remembers what it was asked to do. */
export interface WatchingStub extends Watching {
  readonly watched: {
    symbol: string
    channelId: string
    guildId: string
    userId: string | null
    locale?: 'ko' | 'en'
  }[]
  readonly saved: ChannelSettings[]
  readonly forgotten: string[]
}

export const watchingStub = (own: Partial<Watching> = {}, steps: readonly Progress[] = []): WatchingStub => {
  const watched: WatchingStub['watched'] = []
  const saved: ChannelSettings[] = []
  const forgotten: string[] = []
  return {
    watched,
    saved,
    forgotten,
    watch: async (request, onProgress) => {
      watched.push(request)
      for (const step of steps) onProgress(step)
      return { added: true }
    },
    unwatch: async (_channelId, symbol) => symbol === '038530',
    saveSettings: async (settings) => void saved.push(settings),
    forgetChannel: async (id) => void forgotten.push(id),
    forgetGuild: async (id) => void forgotten.push(id),
    ...own,
  }
}

/** A local Discord with the real client connected to it. */
export interface Stand {
  readonly sandbox: Sandbox
  readonly discord: Discord
  /** Gives a command as a person does. */
  type(
    name: string,
    options?: Record<string, string | number | boolean>,
    how?: { locale?: string; channelId?: string },
  ): Promise<Response>
  /** What the person's own client is offered while typing. */
  complete(name: string, text: string): Promise<{ name: string; value: string }[]>
  dispatch(own?: { read?: Partial<Read>; watching?: Watching; charts?: Charts }): Dispatcher
  close(): Promise<void>
}

export const openStand = async (): Promise<Stand> => {
  const sandbox = await openSandbox({ port: 0 })
  const discord = createClient({ token: sandbox.token, api: sandbox.apiUrl, log: silent, now: Date.now })
  await discord.start()
  const keyValues = new Map<string, string>()
  const { client } = discord
  if (!client.isReady()) throw new Error('client is not ready after start')
  await registerCommands({
    client,
    commands: commands.map(({ data }) => data),
    keyValues: {
      get: async (name) => keyValues.get(name) ?? null,
      set: async (name, value) => void keyValues.set(name, value),
    },
  })

  const interact = async (
    type: number,
    name: string,
    options: object[],
    how: { locale?: string; channelId?: string; session?: string },
  ) => {
    const { guildId, applicationId, alertsChannelId } = sandbox
    const response = await fetch(`${sandbox.apiUrl}/v10/interactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        type,
        application_id: applicationId,
        guild_id: guildId,
        channel_id: how.channelId ?? alertsChannelId,
        locale: how.locale ?? 'ko',
        ...(how.session === undefined ? {} : { session_id: how.session }),
        data: { name, type: 1, options },
      }),
    })
    if (!response.ok) throw new Error(`/${name} was not taken: ${await response.text()}`)
    return response
  }

  return {
    sandbox,
    discord,
    type: (name, options = {}, how = {}) => {
      const given = Object.entries(options).map(([option, value]) => ({
        type: typeof value === 'string' ? 3 : typeof value === 'boolean' ? 5 : option === 'alerts' ? 10 : 4,
        name: option,
        value,
      }))
      return interact(2, name, given, how)
    },
    complete: async (name, text) => {
      const listener = await listenAsPerson(sandbox.url)
      try {
        await interact(4, name, [{ type: 3, name: 'symbol', value: text, focused: true }], {})
        return await listener.choices
      } finally {
        listener.close()
      }
    },
    dispatch: ({ read = {}, watching = watchingStub(), charts: own = charts } = {}) =>
      createDispatcher({ client, commands, read: readStub(read), watching, charts: own, log: silent }),
    close: async () => {
      await discord.stop()
      await sandbox.close()
    },
  }
}

/** A person's own connection, which hears what autocomplete offers. */
const listenAsPerson = async (
  url: string,
): Promise<{ choices: Promise<{ name: string; value: string }[]>; close: () => void }> => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/gateway?v=10&encoding=json`)
  const ready = Promise.withResolvers<void>()
  const { promise: choices, resolve } = Promise.withResolvers<{ name: string; value: string }[]>()
  socket.addEventListener('message', ({ data }) => {
    const frame = JSON.parse(String(data)) as {
      op: number
      t: string | null
      d: { choices?: { name: string; value: string }[] }
    }
    if (frame.op === 10) socket.send(JSON.stringify({ op: 2, d: { token: 'visitor', intents: 0, properties: {} } }))
    if (frame.t === 'READY') ready.resolve()
    if (frame.t === 'APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE') resolve(frame.d.choices ?? [])
  })
  socket.addEventListener('error', () => ready.reject(new Error('a person could not connect')))
  await ready.promise
  return { choices, close: () => socket.close() }
}
