import { commands } from '../../commands/index.ts'
import type { Charts } from '../../src/bot/charts/charts.ts'
import { createClient, type Discord } from '../../src/bot/discord/client.ts'
import { registerCommands } from '../../src/bot/discord/register.ts'
import { createDispatcher, type Dispatcher } from '../../src/bot/interaction/dispatch.ts'
import type { Read, Watching } from '../../src/pipeline/views/views.ts'
import { openSandbox, type Sandbox } from '../../src/sandbox/index.ts'
import { charts, readStub, silent, watchingStub } from './stubs.ts'

/** A local Discord with the real client connected to it. */
export interface DiscordSetup {
  readonly sandbox: Sandbox
  readonly discord: Discord
  /** Types a command as a person does. */
  type(
    name: string,
    options?: Record<string, string | number | boolean>,
    how?: { locale?: string; channelId?: string },
  ): Promise<Response>
  /** The choices that a person's client is offered while typing. */
  complete(name: string, text: string): Promise<{ name: string; value: string }[]>
  /** Starts to answer commands. */
  dispatch(parts?: { read?: Partial<Read>; watching?: Watching; charts?: Charts }): Dispatcher
  close(): Promise<void>
}

export const openDiscordSetup = async (): Promise<DiscordSetup> => {
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
    dispatch: ({ read = {}, watching = watchingStub(), charts: drawing = charts } = {}) =>
      createDispatcher({ client, commands, read: readStub(read), watching, charts: drawing, log: silent }),
    close: async () => {
      await discord.stop()
      await sandbox.close()
    },
  }
}

/** A person's connection to the gateway, which receives the choices of autocomplete. */
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
