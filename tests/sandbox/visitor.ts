import { type APIMessage, GatewayOpcodes } from 'discord-api-types/v10'
import { WebSocket } from 'ws'
import type { Sandbox } from '../../src/sandbox/index.ts'

export interface Heard {
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read single fields of what arrives over the wire
  readonly data: any
}

type Message = APIMessage & { nonce?: string }

/** A local Discord, in this process or in another. */
type Address = Pick<Sandbox, 'url' | 'apiUrl' | 'applicationId' | 'guildId' | 'alertsChannelId'>

/** Waits until `probe` returns something truthy. Otherwise fails after `ms`, with `what` in the message. */
export const until = async <T>(
  probe: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  what: string | (() => string),
  ms = 10_000,
): Promise<T> => {
  const end = Date.now() + ms
  for (;;) {
    const value = await probe()
    if (value) return value
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for ${typeof what === 'string' ? what : what()}`)
    await new Promise((done) => setTimeout(done, 10))
  }
}

/** The client of a person: reads the channel, runs commands, presses buttons and collects the gateway's events. */
export class Visitor {
  readonly heard: Heard[] = []
  sessionId = ''
  private readonly sandbox: Address
  private readonly socket: WebSocket
  private serial = 0

  private constructor(sandbox: Address) {
    this.sandbox = sandbox
    this.socket = new WebSocket(`${sandbox.url.replace('http', 'ws')}/gateway?v=10&encoding=json`)
    this.socket.on('message', (raw) => {
      const frame = JSON.parse(String(raw))
      if (frame.op === GatewayOpcodes.Hello)
        this.socket.send(JSON.stringify({ op: GatewayOpcodes.Identify, d: { token: 'visitor', properties: {} } }))
      if (frame.op !== GatewayOpcodes.Dispatch) return
      if (frame.t === 'READY') this.sessionId = frame.d.session_id
      this.heard.push({ event: frame.t, data: frame.d })
    })
  }

  static async join(sandbox: Address): Promise<Visitor> {
    const visitor = new Visitor(sandbox)
    await until(() => visitor.sessionId, 'READY')
    return visitor
  }

  leave(): void {
    this.socket.close(1000)
  }

  async send(body: object, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.sandbox.apiUrl}/v10/interactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  }

  /** Runs a slash command and returns its nonce. */
  async command(
    name: string,
    options: object[] = [],
    more: { channelId?: string; locale?: string; type?: number } = {},
  ): Promise<string> {
    this.serial += 1
    const nonce = `v${Date.now()}${this.serial}`
    const commands = (await (
      await fetch(`${this.sandbox.apiUrl}/v10/applications/${this.sandbox.applicationId}/commands`)
    ).json()) as {
      id: string
      name: string
    }[]
    const response = await this.send(
      {
        type: more.type ?? 2,
        application_id: this.sandbox.applicationId,
        guild_id: this.sandbox.guildId,
        channel_id: more.channelId ?? this.sandbox.alertsChannelId,
        session_id: this.sessionId,
        nonce,
        data: { id: commands.find((command) => command.name === name)?.id ?? '1', name, type: 1, options },
      },
      more.locale ? { 'x-discord-locale': more.locale } : {},
    )
    if (response.status !== 204) throw new Error(`${response.status} ${await response.text()}`)
    return nonce
  }

  async press(message: Message, customId: string): Promise<void> {
    const response = await this.send({
      type: 3,
      application_id: this.sandbox.applicationId,
      guild_id: this.sandbox.guildId,
      channel_id: message.channel_id,
      message_id: message.id,
      session_id: this.sessionId,
      data: { component_type: 2, custom_id: customId },
    })
    if (response.status !== 204) throw new Error(`${response.status} ${await response.text()}`)
  }

  hears(event: string, fits: (data: Heard['data']) => boolean = () => true): Promise<Heard['data']> {
    return until(() => this.heard.find((one) => one.event === event && fits(one.data))?.data, event)
  }

  messages(channelId = this.sandbox.alertsChannelId): Promise<Message[]> {
    return fetch(`${this.sandbox.apiUrl}/v10/channels/${channelId}/messages`).then(
      (response) => response.json() as Promise<Message[]>,
    )
  }
}
