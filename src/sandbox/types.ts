import type { APIApplicationCommand, APIAttachment, APIMessage, APIUser, OverwriteType } from 'discord-api-types/v10'

export interface Role {
  readonly id: string
  readonly name: string
  permissions: string
  readonly managed: boolean
}

export interface Overwrite {
  readonly id: string
  readonly type: OverwriteType
  allow: string
  deny: string
}

export interface Channel {
  readonly id: string
  readonly guildId: string
  name: string
  topic: string | null
  position: number
  overwrites: Overwrite[]
}

export interface Guild {
  readonly id: string
  name: string
  readonly ownerId: string
  locale: string
  roles: Role[]
  channels: Channel[]
  readonly joinedAt: string
}

/** An uploaded file, with the address under which it is served. */
export type StoredFile = APIAttachment

/** A message as it is stored: the API object, all its files, and the nonce that prevents a second post. */
export interface StoredMessage {
  readonly guildId: string
  message: APIMessage
  /** All files of the message; `message.attachments` leaves out those that an embed shows. */
  files: StoredFile[]
  readonly nonce: string | number | null
  /** True if the nonce was sent with `enforce_nonce`. */
  readonly enforced: boolean
  /** Null for ordinary messages; for ephemeral ones the gateway session that sees it, or `all` of the visitor's. */
  readonly ephemeralFor: string | 'all' | null
}

export type Command = APIApplicationCommand

/** The bot and the one person of this world. */
export interface Cast {
  readonly applicationId: string
  readonly bot: APIUser
  readonly visitor: APIUser
}

/** The caller of the API: the program, known by its token, or the person at the page. */
export type Actor = 'bot' | 'visitor'

/** The methods of a log that the local Discord calls. */
export interface SandboxLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
