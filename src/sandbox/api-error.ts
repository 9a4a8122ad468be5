import { RESTJSONErrorCodes as Code } from 'discord-api-types/v10'

/** Discord's refusal: HTTP status, Discord's numeric code, a sentence, and for forms the place of each mistake. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: number
  readonly errors: ErrorTree | null
  constructor(status: number, code: number, message: string, errors: ErrorTree | null = null) {
    super(message)
    this.status = status
    this.code = code
    this.errors = errors
  }

  toBody(): Record<string, unknown> {
    return this.errors === null
      ? { message: this.message, code: this.code }
      : { message: this.message, code: this.code, errors: this.errors }
  }
}

export interface ErrorTree {
  [place: string]: ErrorTree | { code: string; message: string }[]
}

export const unauthorized = () => new ApiError(401, Code.GeneralError, '401: Unauthorized')
export const notFound = () => new ApiError(404, Code.GeneralError, '404: Not Found')
export const unknownChannel = () => new ApiError(404, Code.UnknownChannel, 'Unknown Channel')
export const unknownGuild = () => new ApiError(404, Code.UnknownGuild, 'Unknown Guild')
export const unknownMember = () => new ApiError(404, Code.UnknownMember, 'Unknown Member')
export const unknownMessage = () => new ApiError(404, Code.UnknownMessage, 'Unknown Message')
export const unknownUser = () => new ApiError(404, Code.UnknownUser, 'Unknown User')
export const unknownWebhook = () => new ApiError(404, Code.UnknownWebhook, 'Unknown Webhook')
export const unknownApplication = () => new ApiError(404, Code.UnknownApplication, 'Unknown Application')
export const unknownInteraction = () => new ApiError(404, Code.UnknownInteraction, 'Unknown interaction')
export const unknownCommand = () => new ApiError(404, Code.UnknownApplicationCommand, 'Unknown application command')
export const alreadyAnswered = () =>
  new ApiError(400, Code.InteractionHasAlreadyBeenAcknowledged, 'Interaction has already been acknowledged.')
export const tooLarge = () => new ApiError(413, Code.RequestEntityTooLarge, 'Request entity too large')
export const missingAccess = () => new ApiError(403, Code.MissingAccess, 'Missing Access')
export const notAuthor = () =>
  new ApiError(403, Code.CannotEditMessageAuthoredByAnotherUser, 'Cannot edit a message authored by another user')
export const emptyMessage = () => new ApiError(400, Code.CannotSendAnEmptyMessage, 'Cannot send an empty message')
export const cannotMessageUser = () =>
  new ApiError(403, Code.CannotSendMessagesToThisUser, 'Cannot send messages to this user')
export const missingPermissions = () => new ApiError(403, Code.MissingPermissions, 'Missing Permissions')
export const replyNeedsHistory = () =>
  new ApiError(
    403,
    Code.CannotReplyWithoutPermissionToReadMessageHistory,
    'Cannot reply without permission to read message history',
  )
export const invalidWebhookToken = () => new ApiError(401, Code.InvalidWebhookToken, 'Invalid Webhook Token')
export const malformedBody = () =>
  new ApiError(400, Code.RequestBodyContainsInvalidJSON, 'The request body contains invalid JSON.')
export const invalidFormBody = (errors: ErrorTree | null = null) =>
  new ApiError(400, Code.InvalidFormBodyOrContentType, 'Invalid Form Body', errors)

/** Path to a field of a request body, for example `['embeds', 0, 'title']`. */
export type Place = readonly (string | number)[]

/** Collects every mistake of a form, each at its place, in Discord's nested shape. */
export class FormErrors {
  private readonly tree: ErrorTree = {}
  private hasErrors = false

  add(place: Place, code: string, message: string): void {
    this.hasErrors = true
    let node = this.tree
    for (const step of place) {
      node[step] ??= {}
      node = node[step] as ErrorTree
    }
    const list = (node._errors ?? []) as { code: string; message: string }[]
    node._errors = [...list, { code, message }]
  }

  throwIfAny(): void {
    if (this.hasErrors) throw invalidFormBody(this.tree)
  }
}

/** Refuses a form that has one mistake. */
export const invalidForm = (place: Place, code: string, message: string): never => {
  const errors = new FormErrors()
  errors.add(place, code, message)
  errors.throwIfAny()
  throw new Error('unreachable')
}
