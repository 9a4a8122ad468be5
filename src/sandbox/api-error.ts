/** What Discord answers when it refuses: status, its own numeric code, a sentence, and for forms the place of each mistake. */
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

export const unauthorized = () => new ApiError(401, 0, '401: Unauthorized')
export const notFound = () => new ApiError(404, 0, '404: Not Found')
export const unknownChannel = () => new ApiError(404, 10003, 'Unknown Channel')
export const unknownGuild = () => new ApiError(404, 10004, 'Unknown Guild')
export const unknownMember = () => new ApiError(404, 10007, 'Unknown Member')
export const unknownMessage = () => new ApiError(404, 10008, 'Unknown Message')
export const unknownUser = () => new ApiError(404, 10013, 'Unknown User')
export const unknownWebhook = () => new ApiError(404, 10015, 'Unknown Webhook')
export const unknownApplication = () => new ApiError(404, 10002, 'Unknown Application')
export const unknownInteraction = () => new ApiError(404, 10062, 'Unknown interaction')
export const unknownCommand = () => new ApiError(404, 10063, 'Unknown application command')
export const alreadyAnswered = () => new ApiError(400, 40060, 'Interaction has already been acknowledged.')
export const tooLarge = () => new ApiError(413, 40005, 'Request entity too large')
export const missingAccess = () => new ApiError(403, 50001, 'Missing Access')
export const notAuthor = () => new ApiError(403, 50005, 'Cannot edit a message authored by another user')
export const emptyMessage = () => new ApiError(400, 50006, 'Cannot send an empty message')
export const cannotMessageUser = () => new ApiError(403, 50007, 'Cannot send messages to this user')
export const missingPermissions = () => new ApiError(403, 50013, 'Missing Permissions')
export const replyNeedsHistory = () =>
  new ApiError(403, 160002, 'Cannot reply without permission to read message history')
export const invalidWebhookToken = () => new ApiError(401, 50027, 'Invalid Webhook Token')
export const malformedBody = () => new ApiError(400, 50109, 'The request body contains invalid JSON.')

export type Place = readonly (string | number)[]

/** Collects every mistake of a form, each at its place, in Discord's nested shape. */
export class FormErrors {
  private readonly tree: ErrorTree = {}
  private found = false

  add(place: Place, code: string, message: string): void {
    this.found = true
    let node = this.tree
    for (const step of place) {
      node[step] ??= {}
      node = node[step] as ErrorTree
    }
    const list = (node._errors ?? []) as { code: string; message: string }[]
    node._errors = [...list, { code, message }]
  }

  throwIfAny(): void {
    if (this.found) throw new ApiError(400, 50035, 'Invalid Form Body', this.tree)
  }
}

/** One mistake at one place. */
export const invalidForm = (place: Place, code: string, message: string): never => {
  const errors = new FormErrors()
  errors.add(place, code, message)
  errors.throwIfAny()
  throw new Error('unreachable')
}
