import {
  type APIMessage,
  ApplicationCommandOptionType,
  ApplicationIntegrationType,
  InteractionResponseType,
  InteractionType,
  MessageFlags,
  MessageType,
} from 'discord-api-types/v10'
import { FormErrors, invalidForm } from '../api-error.ts'
import { Checks, isObject, type Json } from '../limits/check.ts'
import { checkChoice } from '../limits/commands.ts'
import { checkComponents } from '../limits/components.ts'
import { checkMessage, type MessageDraft, type MessageForm } from '../limits/message.ts'
import type { LocalDiscord } from '../local-discord.ts'
import type { StoredMessage } from '../types.ts'
import type { Pending } from './interactions.ts'

const POSTS = [
  InteractionResponseType.ChannelMessageWithSource,
  InteractionResponseType.DeferredChannelMessageWithSource,
] as const
const EDITS = [InteractionResponseType.DeferredMessageUpdate, InteractionResponseType.UpdateMessage] as const
const ALLOWED: Readonly<Record<number, readonly unknown[]>> = {
  [InteractionType.ApplicationCommand]: [...POSTS, InteractionResponseType.Modal],
  [InteractionType.MessageComponent]: [...POSTS, ...EDITS, InteractionResponseType.Modal],
  [InteractionType.ApplicationCommandAutocomplete]: [InteractionResponseType.ApplicationCommandAutocompleteResult],
  [InteractionType.ModalSubmit]: [...POSTS, ...EDITS],
}

/** Carries out the program's answer to an interaction. */
export const answer = (discord: LocalDiscord, pending: Pending, form: MessageForm): StoredMessage | null => {
  const type = form.json.type
  const allowed = ALLOWED[pending.type] ?? []
  const edits = EDITS.some((edit) => edit === type)
  const fits = allowed.includes(type) && !(edits && pending.message === null)
  if (!fits) return invalidForm(['type'], 'BASE_TYPE_CHOICES', `Value must be one of (${allowed.join(', ')}).`)
  const data: MessageForm = { json: isObject(form.json.data) ? form.json.data : {}, uploads: form.uploads }
  if (type === InteractionResponseType.ApplicationCommandAutocompleteResult) return suggest(discord, pending, data.json)
  if (type === InteractionResponseType.Modal) return openModal(discord, pending, data.json)
  if (edits) return update(discord, pending, type === InteractionResponseType.UpdateMessage ? data : null)
  const draft = checkMessage(data)
  const stored = post(discord, pending, draft, {
    loading: type === InteractionResponseType.DeferredChannelMessageWithSource,
    ephemeral: (draft.flags & MessageFlags.Ephemeral) !== 0,
  })
  pending.originalId = stored.message.id
  discord.interactions.succeed(pending)
  return stored
}

const update = (discord: LocalDiscord, pending: Pending, data: MessageForm | null): StoredMessage | null => {
  const source = pending.message ? discord.posting.find(pending.channel.id, pending.message.id) : null
  if (source && data) discord.posting.edit(source, checkMessage(data))
  pending.originalId = pending.message?.id ?? null
  discord.interactions.succeed(pending)
  return source
}

const suggest = (discord: LocalDiscord, pending: Pending, data: Json): null => {
  const checks = new Checks(new FormErrors())
  const focused = focusedType(pending.data.options)
  const choices = checks.objects(data.choices, ['data', 'choices'], 25)
  choices.forEach((choice, index) => {
    checkChoice(checks, choice, ['data', 'choices', index], focused !== ApplicationCommandOptionType.String)
  })
  checks.errors.throwIfAny()
  pending.answered = true
  discord.hub.toVisitors(
    'APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE',
    { choices, nonce: pending.nonce },
    pending.session,
  )
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

const openModal = (discord: LocalDiscord, pending: Pending, data: Json): null => {
  const checks = new Checks(new FormErrors())
  checks.text(data.custom_id, ['data', 'custom_id'], { min: 1, max: 100, required: true })
  checks.text(data.title, ['data', 'title'], { max: 45, required: true })
  checkComponents(checks, data.components, ['data', 'components'])
  checks.errors.throwIfAny()
  const { custom_id, title, components } = data
  const modal = { id: pending.id, nonce: pending.nonce, channel_id: pending.channel.id, custom_id, title, components }
  discord.hub.toVisitors('INTERACTION_MODAL_CREATE', modal, pending.session)
  discord.interactions.succeed(pending)
  return null
}

/** Posts a further message of an interaction. The first one after "is thinking…" replaces that message. */
export const followUp = (discord: LocalDiscord, pending: Pending, draft: MessageDraft): StoredMessage => {
  const original = pending.originalId === null ? null : discord.posting.find(pending.channel.id, pending.originalId)
  if (original && ((original.message.flags ?? 0) & MessageFlags.Loading) !== 0)
    return discord.posting.edit(original, draft)
  return post(discord, pending, draft, {
    loading: false,
    ephemeral: (draft.flags & MessageFlags.Ephemeral) !== 0,
    reference: original?.message ?? null,
  })
}

const post = (
  discord: LocalDiscord,
  pending: Pending,
  draft: MessageDraft,
  how: { loading: boolean; ephemeral: boolean; reference?: APIMessage | null },
) => {
  const { cast } = discord.world
  const reference = how.reference ?? pending.message
  const byCommand = pending.type === InteractionType.ApplicationCommand && !how.reference
  return discord.posting.create({
    guild: pending.guild,
    channel: pending.channel,
    author: cast.bot,
    draft,
    loading: how.loading,
    ephemeralFor: how.ephemeral ? pending.session : null,
    ...(byCommand ? { type: MessageType.ChatInputCommand } : {}),
    reference: reference && ((reference.flags ?? 0) & MessageFlags.Ephemeral) === 0 ? reference : null,
    interaction: {
      webhook_id: cast.applicationId,
      application_id: cast.applicationId,
      interaction_metadata: {
        id: pending.id,
        type: pending.type,
        user: cast.visitor,
        authorizing_integration_owners: { [ApplicationIntegrationType.GuildInstall]: pending.guild.id },
        ...(pending.commandName === null ? {} : { name: pending.commandName }),
      },
      ...(pending.commandName === null
        ? {}
        : {
            interaction: {
              id: pending.id,
              type: InteractionType.ApplicationCommand,
              name: pending.commandName,
              user: cast.visitor,
            },
          }),
    },
  })
}
