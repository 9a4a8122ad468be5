import type { APIMessage } from 'discord-api-types/v10'
import { FormErrors, invalidForm } from '../api-error.ts'
import { Checks, isObject, type Json } from '../limits/check.ts'
import { checkChoice, OptionType } from '../limits/commands.ts'
import { checkComponents } from '../limits/components.ts'
import { checkMessage, type MessageDraft, MessageFlag, type MessageForm } from '../limits/message.ts'
import type { Stand } from '../stand.ts'
import type { StoredMessage } from '../types.ts'
import type { Pending } from './interactions.ts'
import { InteractionType } from './payload.ts'

const CallbackType = { Reply: 4, Defer: 5, DeferUpdate: 6, Update: 7, Choices: 8, Modal: 9 } as const
const ALLOWED: Readonly<Record<number, readonly number[]>> = {
  [InteractionType.Command]: [4, 5, 9],
  [InteractionType.Component]: [4, 5, 6, 7, 9],
  [InteractionType.Autocomplete]: [8],
  [InteractionType.Modal]: [4, 5, 6, 7],
}

/** Carries out the program's answer to an interaction. */
export const answer = (stand: Stand, pending: Pending, form: MessageForm): StoredMessage | null => {
  const type = form.json.type
  const allowed = ALLOWED[pending.type] ?? []
  const fits =
    typeof type === 'number' && allowed.includes(type) && !((type === 6 || type === 7) && pending.message === null)
  if (!fits) return invalidForm(['type'], 'BASE_TYPE_CHOICES', `Value must be one of (${allowed.join(', ')}).`)
  const data: MessageForm = { json: isObject(form.json.data) ? form.json.data : {}, uploads: form.uploads }
  if (type === CallbackType.Choices) return suggest(stand, pending, data.json)
  if (type === CallbackType.Modal) return openModal(stand, pending, data.json)
  if (type === CallbackType.DeferUpdate || type === CallbackType.Update)
    return update(stand, pending, type === CallbackType.Update ? data : null)
  const draft = checkMessage(data)
  const stored = post(stand, pending, draft, {
    loading: type === CallbackType.Defer,
    ephemeral: (draft.flags & MessageFlag.Ephemeral) !== 0,
  })
  pending.originalId = stored.message.id
  stand.interactions.succeed(pending)
  return stored
}

const update = (stand: Stand, pending: Pending, data: MessageForm | null): StoredMessage | null => {
  const source = pending.message ? stand.posting.find(pending.channel.id, pending.message.id) : null
  if (source && data) stand.posting.edit(source, checkMessage(data))
  pending.originalId = pending.message?.id ?? null
  stand.interactions.succeed(pending)
  return source
}

const suggest = (stand: Stand, pending: Pending, data: Json): null => {
  const checks = new Checks(new FormErrors())
  const focused = focusedType(pending.data.options)
  const choices = checks.objects(data.choices, ['data', 'choices'], 25)
  choices.forEach((choice, index) => {
    checkChoice(checks, choice, ['data', 'choices', index], focused !== OptionType.String)
  })
  checks.errors.throwIfAny()
  pending.answered = true
  stand.hub.toVisitors('APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE', { choices, nonce: pending.nonce }, pending.session)
  return null
}

const focusedType = (options: unknown): unknown => {
  for (const option of Array.isArray(options) ? options.filter(isObject) : []) {
    if (option.focused === true) return option.type
    const inner = focusedType(option.options)
    if (inner !== undefined) return inner
  }
  return undefined
}

const openModal = (stand: Stand, pending: Pending, data: Json): null => {
  const checks = new Checks(new FormErrors())
  checks.text(data.custom_id, ['data', 'custom_id'], { min: 1, max: 100, required: true })
  checks.text(data.title, ['data', 'title'], { max: 45, required: true })
  checkComponents(checks, data.components, ['data', 'components'])
  checks.errors.throwIfAny()
  const { custom_id, title, components } = data
  const shown = { id: pending.id, nonce: pending.nonce, channel_id: pending.channel.id, custom_id, title, components }
  stand.hub.toVisitors('INTERACTION_MODAL_CREATE', shown, pending.session)
  stand.interactions.succeed(pending)
  return null
}

/** A further message of an interaction. The first one after "is thinking…" takes its place. */
export const followUp = (stand: Stand, pending: Pending, draft: MessageDraft): StoredMessage => {
  const original = pending.originalId === null ? null : stand.posting.find(pending.channel.id, pending.originalId)
  if (original && ((original.message.flags ?? 0) & MessageFlag.Loading) !== 0)
    return stand.posting.edit(original, draft)
  return post(stand, pending, draft, {
    loading: false,
    ephemeral: (draft.flags & MessageFlag.Ephemeral) !== 0,
    reference: original?.message ?? null,
  })
}

const post = (
  stand: Stand,
  pending: Pending,
  draft: MessageDraft,
  how: { loading: boolean; ephemeral: boolean; reference?: APIMessage | null },
) => {
  const { cast } = stand.world
  const reference = how.reference ?? pending.message
  const byCommand = pending.type === InteractionType.Command && !how.reference
  return stand.posting.create({
    guild: pending.guild,
    channel: pending.channel,
    author: cast.bot,
    draft,
    loading: how.loading,
    ephemeralFor: how.ephemeral ? pending.session : null,
    ...(byCommand ? { type: 20 } : {}),
    reference: reference && ((reference.flags ?? 0) & MessageFlag.Ephemeral) === 0 ? reference : null,
    interaction: {
      webhook_id: cast.applicationId,
      application_id: cast.applicationId,
      interaction_metadata: {
        id: pending.id,
        type: pending.type,
        user: cast.visitor,
        authorizing_integration_owners: { '0': pending.guild.id },
        ...(pending.commandName === null ? {} : { name: pending.commandName }),
      },
      ...(pending.commandName === null
        ? {}
        : { interaction: { id: pending.id, type: 2, name: pending.commandName, user: cast.visitor } }),
    },
  })
}
