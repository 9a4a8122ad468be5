import { RetryableError, SetupError } from '../../errors.ts'

/** The node asks for less at a time: it rejected a request as a whole. */
export class TooMuchError extends RetryableError {
  /** True if the request itself is too large, false if the node is busy. */
  readonly tooLarge: boolean
  constructor(message: string, options: { cause: unknown; tooLarge: boolean }) {
    super(message, options)
    this.tooLarge = options.tooLarge
  }
}

/** The parts of the client's errors that matter here. */
interface ClientError {
  readonly name?: string
  readonly message?: string
  readonly statusCode?: number | undefined
  readonly body?:
    | { readonly error?: { readonly type?: string; readonly reason?: string } | string }
    | string
    | undefined
}

/**
 * An error of the client in one sentence that says who must act. It names the address without anything secret.
 *
 * @param address - scheme, host and port
 */
export const explainSearch = (error: unknown, address: string): Error => {
  if (error instanceof RetryableError || error instanceof SetupError) return error
  const { name, message = '', statusCode, body } = error as ClientError
  // The client's own error holds the whole request, documents and authorization: it goes into no log.
  const options = { cause: new Error(`${name}: ${message}`) }
  const named = `ELASTICSEARCH_URL names ${address}`
  switch (name) {
    case 'ConnectionError':
    case 'NoLivingConnectionsError':
      if (/certificate|self.signed|unable to verify/i.test(message))
        return new SetupError(
          `${named}, whose certificate this computer does not trust: name its authority's file in NODE_EXTRA_CA_CERTS.`,
          options,
        )
      if (/Parse Error|wrong version number|EPROTO|packet length too long/i.test(message))
        return new SetupError(
          `${named}, which does not answer in that protocol: mend http or https in the address.`,
          options,
        )
      return new RetryableError(`${named}, where no search node answers: start it, or mend the address.`, options)
    case 'TimeoutError':
      return new RetryableError(`${named}, which gives no answer in time: look at its load.`, options)
    case 'DeserializationError':
      return new SetupError(`${named}, which is no Elasticsearch or OpenSearch: mend the address.`, options)
    case 'ResponseError':
      return explainStatus(statusCode ?? 0, body, named, options)
    default:
      return error instanceof Error && !('meta' in error) ? error : new Error(`${named}: ${name}: ${message}`)
  }
}

const explainStatus = (
  status: number,
  body: ClientError['body'],
  named: string,
  options: { cause: unknown },
): Error => {
  const found = typeof body === 'object' ? body?.error : undefined
  const reason = typeof found === 'object' ? `${found.type}: ${found.reason}` : (found ?? `status ${status}`)
  if (status === 401)
    return new SetupError(
      `${named}, which refuses user and password: mend ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD.`,
      options,
    )
  if (status === 403)
    return new SetupError(
      `${named}, which does not allow this (${reason}): give the user of ELASTICSEARCH_USERNAME the right to make index templates and indices and to write to them.`,
      options,
    )
  if (status === 413)
    return new TooMuchError(`${named}, which finds a request too large`, { ...options, tooLarge: true })
  if (status === 429)
    return new TooMuchError(`${named}, which is too busy (${reason}): it is asked again`, {
      ...options,
      tooLarge: false,
    })
  if (status >= 500) return new RetryableError(`${named}, which is not ready (${reason}): it is asked again.`, options)
  if (typeof found !== 'object')
    return new SetupError(
      `${named}, which is no Elasticsearch or OpenSearch (status ${status}): mend the address.`,
      options,
    )
  return new SetupError(`${named}, which refuses a request (${reason}): mend what it says there.`, options)
}
