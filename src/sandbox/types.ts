import type { APIApplicationCommand, APIAttachment, APIMessage, APIUser } from 'discord-api-types/v10'

export interface Role {
  readonly id: string
  readonly name: string
  permissions: string
  readonly managed: boolean
}

export interface Overwrite {
  readonly id: string
  /** 0 for a role, 1 for a member. */
  readonly type: 0 | 1
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

/** An uploaded file. All files of a message, those that an embed shows included. */
export type StoredFile = APIAttachment

/** A message as kept: what people see, all its files, and the nonce that guards it against being posted twice. */
export interface StoredMessage {
  readonly guildId: string
  message: APIMessage
  files: StoredFile[]
  readonly nonce: string | number | null
  readonly enforced: boolean
  /** Null for ordinary messages; for ephemeral ones the gateway session that sees them, or `all` of the visitor's. */
  readonly ephemeralFor: string | 'all' | null
}

export type Command = APIApplicationCommand

/** The people and the program of this small world. */
export interface Cast {
  readonly applicationId: string
  readonly bot: APIUser
  readonly visitor: APIUser
}

/** Either side of the API: the program by its token, or the person at the page. */
export type Actor = 'bot' | 'visitor'

/** The part of a log that is used here. */
export interface SandboxLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
