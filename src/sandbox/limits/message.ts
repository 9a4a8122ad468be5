import { MessageFlags } from 'discord-api-types/v10'
import { emptyMessage, FormErrors, tooLarge } from '../api-error.ts'
import { Checks, isObject, type Json } from './check.ts'
import { checkComponents } from './components.ts'
import { checkEmbeds } from './embeds.ts'

export const MAX_FILE_BYTES = 10 * 1024 * 1024
const MAX_ATTACHMENTS = 10

export interface Upload {
  readonly index: string
  readonly filename: string
  readonly bytes: Uint8Array
}

/** The request body of a message: its JSON and its files. */
export interface MessageForm {
  readonly json: Json
  readonly uploads: readonly Upload[]
}

/** A request body that passed the checks. A field is undefined if the body does not have it. */
export interface MessageDraft {
  readonly content: string | undefined
  readonly embeds: Json[] | undefined
  readonly components: Json[] | undefined
  /** The attachments that the message shall have: old ones by their id, new ones by the number of their file. */
  readonly attachments: readonly Json[] | undefined
  readonly uploads: readonly Upload[]
  readonly flags: number
  readonly nonce: string | number | null
  readonly enforceNonce: boolean
  readonly replyTo: { readonly id: string; readonly mustExist: boolean } | null
  readonly mentions: Json | null
}

export const checkMessage = (form: MessageForm): MessageDraft => {
  const { json, uploads } = form
  for (const upload of uploads) if (upload.bytes.byteLength > MAX_FILE_BYTES) throw tooLarge()
  const checks = new Checks(new FormErrors())
  const content = json.content === undefined ? undefined : checks.text(json.content, ['content'], { max: 2000 })
  const embeds = json.embeds === undefined ? undefined : checkEmbeds(checks, json.embeds)
  const components = json.components === undefined ? undefined : checkComponents(checks, json.components)
  const attachments = json.attachments === undefined ? undefined : checkAttachments(checks, json.attachments, uploads)
  if (uploads.length > MAX_ATTACHMENTS)
    checks.errors.add(['attachments'], 'BASE_TYPE_MAX_LENGTH', `Must be ${MAX_ATTACHMENTS} or fewer in length.`)
  const nonce = typeof json.nonce === 'number' || typeof json.nonce === 'string' ? json.nonce : null
  if (typeof nonce === 'string' && nonce.length > 25)
    checks.errors.add(['nonce'], 'NONCE_TYPE_TOO_LONG', 'Validation of nonce failed. Must be 25 or fewer in length.')
  const flags = typeof json.flags === 'number' ? json.flags : 0
  if (flags & MessageFlags.IsComponentsV2)
    checks.errors.add(['flags'], 'FLAG_TYPE_UNSUPPORTED', 'The local Discord does not draw components v2; use embeds.')
  const reference = isObject(json.message_reference) ? json.message_reference : null
  checks.errors.throwIfAny()
  return {
    content,
    embeds,
    components,
    attachments,
    uploads,
    flags,
    nonce,
    enforceNonce: json.enforce_nonce === true && nonce !== null,
    replyTo:
      reference && typeof reference.message_id === 'string'
        ? { id: reference.message_id, mustExist: reference.fail_if_not_exists !== false }
        : null,
    mentions: isObject(json.allowed_mentions) ? json.allowed_mentions : null,
  }
}

const checkAttachments = (checks: Checks, value: unknown, uploads: readonly Upload[]): Json[] => {
  const wanted = checks.objects(value, ['attachments'], MAX_ATTACHMENTS)
  wanted.forEach((attachment, index) => {
    checks.text(attachment.description, ['attachments', index, 'description'], { max: 1024 })
    const id = String(attachment.id ?? '')
    const isNew = id.length < 15
    if (isNew && !uploads.some((upload) => upload.index === id))
      checks.errors.add(['attachments', index, 'id'], 'ATTACHMENT_NOT_FOUND', `No file with number ${id} was sent.`)
  })
  return wanted
}

/** Discord refuses a message that would show nothing. */
export const refuseEmpty = (message: {
  content: string
  embeds: readonly unknown[]
  components: readonly unknown[]
  files: readonly unknown[]
}): void => {
  if (message.content === '' && message.embeds.length + message.components.length + message.files.length === 0)
    throw emptyMessage()
}
