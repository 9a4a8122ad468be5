import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { APIMessage } from 'discord.js'

/** The faults of the edge before Discord. They affect posted messages. */
export interface Edge {
  /** The answers to the next posts, in order; each is sent before the upload has been read. */
  readonly refusals?: {
    readonly status: number
    readonly body?: string
    readonly type?: string
    readonly headers?: Record<string, string>
  }[]
  /** The id of a channel whose posts get no answer. */
  readonly hangs?: string
}

/** A local Discord that runs in a process of its own. */
export interface DiscordProcess {
  readonly apiUrl: string
  readonly token: string
  readonly applicationId: string
  readonly guildId: string
  readonly alertsChannelId: string
  readonly generalChannelId: string
  setEdge(edge: Edge): Promise<void>
  deny(channelId: string, ...permissions: string[]): Promise<void>
  addChannel(name: string): Promise<string>
  /** Opens a guild with one channel. Its id says in which shard it is. */
  addGuild(name: string, id: string): Promise<{ guildId: string; channelIds: string[] }>
  removeGuild(guildId: string): Promise<void>
  messages(channelId: string): Promise<APIMessage[]>
  revokeToken(): Promise<void>
  /** Closes the bot's gateway connections, or that of one shard. */
  endGateway(code: number, shard?: number): Promise<void>
  /** The bot's next request to this path gets this status and has no effect. */
  refuseOnce(path: string, status: number): Promise<void>
  close(): void
}

export const startDiscord = async (): Promise<DiscordProcess> => {
  const child = fork(fileURLToPath(new URL('./discord-child.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, (result: unknown) => void>()
  let asked = 0
  const ready = Promise.withResolvers<Record<string, string>>()
  child.once('exit', (code) => ready.reject(new Error(`the local Discord ended with ${code}`)))
  child.on('message', (message: { ready?: Record<string, string>; id?: number; result?: unknown }) => {
    if (message.ready) ready.resolve(message.ready)
    else if (message.id !== undefined) waiting.get(message.id)?.(message.result)
  })
  const ask = (what: object): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    waiting.set(++asked, resolve)
    child.send({ id: asked, ...what })
    return promise
  }
  const {
    apiUrl = '',
    token = '',
    applicationId = '',
    guildId = '',
    alertsChannelId = '',
    generalChannelId = '',
  } = await ready.promise
  return {
    apiUrl,
    token,
    applicationId,
    guildId,
    alertsChannelId,
    generalChannelId,
    setEdge: async (edge) => void (await ask({ edge })),
    deny: async (channelId, ...permissions) =>
      void (await ask({ call: ['state', 'deny'], args: [channelId, ...permissions] })),
    addChannel: async (name) => (await ask({ call: ['state', 'addChannel'], args: [{ name }] })) as string,
    addGuild: async (name, id) =>
      (await ask({ call: ['state', 'addGuild'], args: [{ name, id }] })) as { guildId: string; channelIds: string[] },
    removeGuild: async (guildId) => void (await ask({ call: ['state', 'removeGuild'], args: [guildId] })),
    messages: async (channelId) => (await ask({ call: ['state', 'messages'], args: [channelId] })) as APIMessage[],
    // A message between processes would turn an undefined argument into null.
    endGateway: async (...args) => void (await ask({ call: ['faults', 'closeGateway'], args })),
    revokeToken: async () => void (await ask({ set: [['faults', 'tokenRevoked'], true] })),
    refuseOnce: async (path, status) =>
      void (await ask({
        call: ['faults', 'rest'],
        args: [{ path, fault: { kind: 'status', status, when: 'before' } }],
      })),
    close: () => void child.kill(),
  }
}
